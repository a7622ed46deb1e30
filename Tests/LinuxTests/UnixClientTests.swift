import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// A service that answers one connection with pieces of bytes, and keeps what it was asked.
private final class Service: @unchecked Sendable {
  let path: String
  private let listener: BoundSocket
  private let lock = NSLock()
  private var asked: [UInt8] = []
  private let isOver = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - holds: whether the connection stays open after the answer, until `end()`.
  ///   - pauses: called before each piece with its number.
  init(
    _ pieces: [String], holds: Bool = false, wantsBody: Int = 0,
    pauses: @escaping @Sendable (Int) -> Void = { _ in usleep(20_000) }
  ) throws {
    let folder = try temporaryPath()
    path = folder + "/socket"
    listener = try BoundSocket(path, stream: true)
    let descriptor = listener.descriptor
    Thread { [self] in
      let peer = accept(descriptor, nil, nil)
      // There is no second connection.
      removeFolder(folder)
      var bytes: [UInt8] = []
      while bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        .allSatisfy({ $0 != [13] }) || !bytes.count(atLeast: wantsBody)
      {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = read(peer, &chunk, chunk.count)
        if count <= 0 { break }
        bytes += chunk.prefix(count)
      }
      lock.withLock { asked = bytes }
      for (number, piece) in pieces.enumerated() {
        pauses(number)
        let bytes = Array(piece.utf8)
        if send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) < 0 { break }
      }
      if holds { _ = isOver.wait(timeout: .now() + 60) }
      close(peer)
    }.start()
  }

  func end() { isOver.signal() }

  var request: String { lock.withLock { String(decoding: asked, as: UTF8.self) } }
}

extension [UInt8] {
  fileprivate func count(atLeast size: Int) -> Bool { count >= size }
}

@Suite struct UnixClientTests {
  private func failure(_ body: () throws -> Void) -> UnixClientError? {
    do {
      try body()
      return nil
    } catch {
      return error as? UnixClientError
    }
  }

  @Test func `a request goes out whole and the answer comes back`() throws {
    let service = try Service(
      ["HTTP/1.1 20", "0 OK\r\nContent-Length: 5\r\nX-Kind:  a: b\r\n\r", "\nhel", "lo, not this"],
      holds: true, wantsBody: 1 << 20)
    defer { service.end() }
    let body = [UInt8](repeating: 0x78, count: 1 << 20)
    let answer = try UnixClient.request(
      socket: service.path, method: "POST", path: "/v1/plan?x=1",
      headers: [("Accept", "application/json")], body: body, timeoutSeconds: 60)
    #expect(answer.status == 200)
    #expect(answer.body == Array("hello".utf8))
    #expect(answer.header("x-kind") == "a: b")
    #expect(answer.headers.map(\.name) == ["content-length", "x-kind"])
    let request = service.request
    #expect(request.hasPrefix("POST /v1/plan?x=1 HTTP/1.0\r\nHost: localhost\r\n"))
    #expect(request.contains("\r\nContent-Length: 1048576\r\n"))
    #expect(request.contains("\r\nAccept: application/json\r\n"))
    #expect(request.hasSuffix("\r\n\r\n" + String(repeating: "x", count: 1 << 20)))
  }

  @Test func `without a length the end of the connection ends the body`() throws {
    let service = try Service(["HTTP/1.0 404 Not Found\r\n\r\n", "no ", "such"])
    let answer = try UnixClient.request(socket: service.path, path: "/")
    #expect(answer.status == 404)
    #expect(answer.body == Array("no such".utf8))
  }

  @Test(arguments: [
    ("", "it is empty"), ("HTTP/1.1 200 OK\r\nA: b\r\n", "it ends within its headers"),
    ("SSH-2.0-OpenSSH\r\n\r\n", "it starts with 'SSH-2.0-OpenSSH'"),
    ("HTTP/1.1 9999 OK\r\n\r\n", "it starts with"), ("HTTP/1.1 200 OK\r\nnone\r\n\r\n", "a header"),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "its length is '-1'"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "it has 99999999999 bytes"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "it ends after 4 of 9 bytes"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "it is encoded as chunked"),
    ("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 20_000), "do not end"),
  ])
  func `an answer that is none is told from no answer`(text: String, why: String) throws {
    let service = try Service([text])
    let error = failure { _ = try UnixClient.request(socket: service.path, path: "/") }
    guard case .malformedAnswer(let words) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(words.contains(why))
  }

  @Test func `no socket, nobody there, no answer`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = "\(folder)/socket"
    #expect(
      failure { _ = try UnixClient.request(socket: path, path: "/") } == .noSocket(path))
    do { _ = try BoundSocket(path, stream: true) }
    #expect(failure { _ = try UnixClient.request(socket: path, path: "/") } == .refused(path))
    let service = try Service([], holds: true)
    defer { service.end() }
    #expect(
      failure { _ = try UnixClient.request(socket: service.path, path: "/", timeoutSeconds: 0.1) }
        == .timedOut(seconds: 0.1))
    // The time is for everything together, however slowly it trickles, which it does for a minute.
    let slow = try Service(Array(repeating: "HTTP/1.1 200 OK\r\n", count: 3000))
    #expect(
      failure { _ = try UnixClient.request(socket: slow.path, path: "/", timeoutSeconds: 0.3) }
        == .timedOut(seconds: 0.3))
  }

  @Test(arguments: ["/a b", "/a\r\nX: y", "a", ""])
  func `a path that would be another request is not sent`(path: String) throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let listener = folder + "/socket"
    let keep = try BoundSocket(listener, stream: true)
    #expect(
      failure { _ = try UnixClient.request(socket: listener, path: path) } == .malformed(path))
    _ = keep
  }

  @Test func `a stream is handed on as it comes, until either side ends it`() throws {
    let pieces = ["HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n", "data: 2\n\n", "data: 3\n\n"]
    var bytes: [UInt8] = []
    let service = try Service(pieces)
    let answer = try UnixClient.stream(socket: service.path, path: "/v1/events") {
      bytes += $0
      return true
    }
    #expect(answer.status == 200)
    #expect(bytes == Array("data: 1\n\ndata: 2\n\ndata: 3\n\n".utf8))

    bytes = []
    // The third is sent once the second has been read, and is not read any more.
    let isRead = DispatchSemaphore(value: 0)
    let longer = try Service(pieces, holds: true) {
      if $0 == 2 { _ = isRead.wait(timeout: .now() + 60) }
    }
    defer { longer.end() }
    _ = try UnixClient.stream(socket: longer.path, path: "/v1/events") {
      bytes += $0
      if !bytes.contains(0x32) { return true }
      isRead.signal()
      return false
    }
    #expect(String(decoding: bytes, as: UTF8.self).contains("data: 2"))
    #expect(!String(decoding: bytes, as: UTF8.self).contains("data: 3"))
  }

  @Test func `a stream that is refused or falls silent is told`() throws {
    let service = try Service(
      ["HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"], holds: true)
    defer { service.end() }
    let answer = try UnixClient.stream(socket: service.path, path: "/") { _ in
      Issue.record("an error is no event")
      return false
    }
    #expect(answer.status == 403)
    #expect(answer.body == Array("no".utf8))
    let silent = try Service(["HTTP/1.1 200 OK\r\n\r\n"], holds: true)
    defer { silent.end() }
    let error = failure {
      _ = try UnixClient.stream(socket: silent.path, path: "/", silenceSeconds: 0.1) { _ in true }
    }
    #expect(error == .timedOut(seconds: 0.1))
  }
}

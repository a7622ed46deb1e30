internal import Foundation
public import Synchronization

/// Stands in for tinygrad 0.13.0's server on a Unix socket, with the faults that were measured of it: one
/// request at a time, HTTP/1.0, connections closed on much that is valid, wrong usage, `stop` where the
/// context is full. The last message says what it does: `count 5` (five tokens and an end), `crash 3`
/// (gone after three tokens), `hang 3`, `slow 10` (milliseconds a token), `silent`, `empty`, `garbage`, `hold`
/// (closed once `isReleased`).
public final class TinygradStandIn: Sendable {
  /// Its socket.
  public let path: String
  /// Tokens of prompt and answer together.
  public let context: Int
  /// Requests that were answered or dropped.
  public let asked = Mutex<[String]>([])
  /// Requests that were left by their client.
  public let left = Mutex(0)
  /// Ends what holds.
  public let isReleased = Atomic(false)
  /// Requests that are answered at this moment.
  public let active = Mutex(0)
  private let answers: String?
  private let listener: Int32
  private let isStopped = Atomic(false)

  /// - Parameter answers: what it does, whatever the last message says.
  public init(
    _ path: String, context: Int = 256, isSerial: Bool = true, answers: String? = nil
  ) throws {
    self.path = path
    self.answers = answers
    self.context = context
    unlink(path)
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { room in
      for (index, byte) in path.utf8.enumerated() { room[index] = byte }
    }
    let descriptor = listener
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0, listen(listener, 5) == 0 else { throw CocoaError(.fileWriteUnknown) }
    Thread.detachNewThread { [self] in
      while !isStopped.load(ordering: .relaxed) {
        let client = accept(listener, nil, nil)
        if client < 0 { return }
        if isSerial {
          serve(client)
        } else {
          Thread.detachNewThread { self.serve(client) }
        }
      }
    }
  }

  /// Ends it.
  public func stop() {
    isStopped.store(true, ordering: .relaxed)
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    unlink(path)
  }

  // MARK: One connection

  private func serve(_ client: Int32) {
    defer { close(client) }
    guard let (line, body) = read(client) else { return }
    asked.withLock { $0.append(String(decoding: body, as: UTF8.self)) }
    if line.hasPrefix("GET /v1/models ") {
      _ = send(
        client,
        "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"object\":\"list\",\"data\":[]}"
      )
      return
    }
    // A query in the path, another path, what Python fails on: closed without a word.
    guard line.hasPrefix("POST /v1/chat/completions "),
      let request = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
      request["model"] != nil, let messages = request["messages"] as? [[String: Any]],
      let prompt = prompt(messages), isNumber(request["temperature"]),
      request["stream_options"] == nil || request["stream_options"] is [String: Any],
      request["stream"] as? Bool == true
    else { return }
    active.withLock { $0 += 1 }
    defer { active.withLock { $0 -= 1 } }
    let last = answers ?? messages.last.flatMap { $0["content"] as? String } ?? ""
    answer(client, prompt, last, request["max_tokens"] as? Int)
  }

  private func isNumber(_ value: Any?) -> Bool { value == nil || value is NSNumber }

  /// Tokens of a prompt: words, and three a message; nil where tinygrad raises.
  private func prompt(_ messages: [[String: Any]]) -> Int? {
    var count = 1
    for message in messages {
      guard message["role"] is String else { return nil }
      var texts: [String] = []
      if let text = message["content"] as? String {
        texts = [text]
      } else if let parts = message["content"] as? [[String: Any]] {
        for part in parts {
          guard part["type"] as? String == "text", let text = part["text"] as? String else {
            return nil
          }
          texts.append(text)
        }
      } else {
        return nil
      }
      count += 3 + texts.reduce(0) { $0 + $1.split(separator: " ").count }
    }
    return count
  }

  private func answer(_ client: Int32, _ prompt: Int, _ wish: String, _ limit: Int?) {
    let words = wish.split(separator: " ")
    let verb = words.first.map(String.init) ?? ""
    let number = words.count > 1 ? Int(words[1]) : nil
    if verb == "silent" { return wait(client) }
    if verb == "empty" { return _ = send(client, "HTTP/1.0 200 OK\r\n\r\n") }
    if verb == "garbage" { return _ = send(client, "\u{1}\u{2}\r\n\r\n") }
    if verb == "drop" { return }
    if verb == "hold" {
      while !isReleased.load(ordering: .relaxed) { usleep(5000) }
      return
    }
    guard
      send(
        client,
        "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n"),
      send(client, chunk(#"{"role":"assistant","content":""}"#, nil)), prompt <= context
    else { return }
    var list = prompt
    var count = 0
    var reason = "stop"
    while list < context {
      list += 1
      if verb == "count", count == number { break }
      if verb == "crash", count == number { return }
      if verb == "hang", count == number { return wait(client) }
      if verb == "slow" { usleep(UInt32((number ?? 1) * 1000)) }
      guard send(client, chunk("{\"content\":\" w\(count)\"}", nil)) else {
        left.withLock { $0 += 1 }
        return
      }
      count += 1
      if let limit, count >= limit {
        reason = "length"
        break
      }
    }
    let usage =
      "{\"prompt_tokens\":\(list),\"completion_tokens\":\(count),\"total_tokens\":\(list + count)}"
    _ = send(
      client,
      chunk("{}", reason) + "data: {\"choices\":[],\"usage\":\(usage),\(TinygradStandIn.rest)}\n\n"
        + "data: [DONE]\n\n")
  }

  private static let rest =
    #""id":"chatcmpl-0","object":"chat.completion.chunk","created":1,"model":"/models/x.gguf""#

  private func chunk(_ delta: String, _ reason: String?) -> String {
    let reason = reason.map { "\"\($0)\"" } ?? "null"
    return "data: {\"choices\":[{\"index\":0,\"delta\":\(delta),\"finish_reason\":\(reason)}],"
      + "\(TinygradStandIn.rest)}\n\n"
  }

  /// Until the other side has gone.
  private func wait(_ client: Int32) {
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) > 0 {}
    left.withLock { $0 += 1 }
  }

  private func send(_ client: Int32, _ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  private func read(_ client: Int32) -> (line: String, body: [UInt8])? {
    var bytes: [UInt8] = []
    let gap = Array("\r\n\r\n".utf8)
    var room = [UInt8](repeating: 0, count: 65_536)
    func fill() -> Bool {
      let count = recv(client, &room, room.count, 0)
      if count > 0 { bytes += room.prefix(count) }
      return count > 0
    }
    while bytes.firstRange(of: gap) == nil { if !fill() { return nil } }
    guard let end = bytes.firstRange(of: gap) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
      .components(separatedBy: "\r\n")
    let length =
      lines.dropFirst().lazy
      .filter { $0.lowercased().hasPrefix("content-length:") }
      .compactMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }.first ?? 0
    while bytes.count < end.upperBound + length { if !fill() { return nil } }
    return (lines[0], Array(bytes[end.upperBound...].prefix(length)))
  }
}

import Foundation
import Gateway
import HTTPService
import Synchronization
import TestSupport
import Tokens

import Configuration

/// Stands in for tinyboxd on a Unix socket, and remembers what it was asked.
final class FakeDaemon: HTTPResponder {
  let asked = Mutex<[String]>([])
  let stopped = Mutex(0)

  /// Whether so many streams end.
  func stops(_ count: Int) async -> Bool {
    await eventuallyAsync { stopped.withLock { $0 } == count }
  }

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    let accept = request.headers["Accept"] ?? "-"
    asked.withLock { $0.append("\(request.method) \(request.target) \(accept)") }
    if request.segments.last == "stream" {
      let (pieces, producer) = AsyncStream.makeStream(
        of: [UInt8].self, bufferingPolicy: .bufferingNewest(8))
      let task = Task {
        while !Task.isCancelled {
          producer.yield(Array("data: {}\n\n".utf8))
          try? await Task.sleep(for: .milliseconds(20))
        }
      }
      producer.onTermination = { [weak self] _ in
        task.cancel()
        self?.stopped.withLock { $0 += 1 }
      }
      return HTTPResponse(
        status: 200, headers: ["Content-Type": "text/event-stream"], body: .stream(pieces))
    }
    // As the daemon: a path that there is not, and one that only changes.
    if request.segments.last == "nothing" { return HTTPResponse(status: 404) }
    if request.segments.last == "apply" { return HTTPResponse(status: 405) }
    if request.segments.last == "topology.svg" {
      return HTTPResponse(
        status: 200, headers: ["Content-Type": "image/svg+xml"], body: .bytes(Array("<svg/>".utf8)))
    }
    return HTTPResponse(
      status: 200, headers: ["Content-Type": "application/json", "X-Secret": "inside"],
      body: .bytes(Array("{\"target\":\"\(request.target)\"}".utf8)))
  }
}

/// A gateway with a fake daemon: `local` on a loopback address, `open` on every address.
struct Box {
  let folder: URL
  let daemon = FakeDaemon()
  let tokens: TokenStore
  let local: Int
  let open: Int
  /// A configuration without anything in it.
  let configuration: String
  private let gateway: Gateway
  private let server: HTTPServer
  private let thread = EventThread()

  init() async throws {
    folder = try Project.temporaryFolder()
    let socket = folder.appendingPathComponent("api.sock").path
    configuration = folder.appendingPathComponent("tinybox.toml").path
    try Data("[gateway]\n".utf8).write(to: URL(fileURLWithPath: configuration))
    tokens = TokenStore(path: folder.appendingPathComponent("tokens").path)
    server = HTTPServer(thread: thread, responder: daemon)
    try await server.start(on: [.unixSocket(path: socket, mode: 0o600)])
    var options = GatewayOptions()
    options.socket = socket
    options.configuration = configuration
    options.tokens = tokens.path
    options.listen = [
      ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "0.0.0.0", port: 0),
    ]
    gateway = Gateway(options)
    let (bound, warnings) = try await gateway.listen()
    local = bound[0].port ?? 0
    open = bound[1].port ?? 0
    precondition(warnings.count == 2, "\(warnings)")
  }

  func stopDaemon() async { await server.stop(seconds: 0) }

  func end() async {
    await gateway.stop(seconds: 0)
    await server.stop(seconds: 0)
    await thread.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Asks on a connection of its own.
  func ask(
    _ port: Int, _ method: String, _ path: String, _ headers: [String] = [],
    host: String = "localhost", body: String = ""
  ) async throws -> RawClient.Answer {
    try await offPool {
      let client = try RawClient(port: port)
      let length = body.isEmpty ? [] : ["Content-Length: \(body.utf8.count)"]
      let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + headers + length
      client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
      return try client.answer(toHead: method == "HEAD")
    }
  }
}

/// Runs a body with a gateway.
func withBox(_ body: (Box) async throws -> Void) async throws {
  let box = try await Box()
  do { try await body(box) } catch {
    await box.end()
    throw error
  }
  await box.end()
}

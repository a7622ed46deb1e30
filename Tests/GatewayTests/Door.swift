import Configuration
import Foundation
import Gateway
import HTTPService
import Synchronization
import TestSupport
import Tokens

/// A gateway with runtimes behind it: `local` on a loopback address, `open` on every address.
struct Door {
  let folder: URL
  let tokens: TokenStore
  let local: Int
  let open: Int
  let gateway: Gateway
  let runtimes: [String: TinygradStandIn]
  let registry: URL
  private let ended = Ended()
  private let server: HTTPServer
  private let thread = EventThread()

  /// - Parameters:
  ///   - settings: what stands in the configuration.
  ///   - names: runtimes; those with the same word before a dash are replicas of one model.
  ///   - accounts: what stands in `/etc/passwd`.
  init(
    _ settings: String = "", names: [String] = ["llama"], isSerial: Bool = true,
    accounts: String = ""
  ) async throws {
    folder = try Project.temporaryFolder()
    registry = folder.appendingPathComponent("runtimes.json")
    var runtimes: [String: TinygradStandIn] = [:]
    for name in names {
      runtimes[name] = try TinygradStandIn(
        folder.appendingPathComponent("\(name).sock").path, isSerial: isSerial)
    }
    self.runtimes = runtimes
    let file = folder.appendingPathComponent("tinybox.toml")
    try Data(settings.utf8).write(to: file)
    tokens = TokenStore(path: folder.appendingPathComponent("tokens").path)
    var options = GatewayOptions()
    options.socket = folder.appendingPathComponent("api.sock").path
    server = HTTPServer(thread: thread, responder: FakeDaemon())
    try await server.start(on: [.unixSocket(path: options.socket, mode: 0o600)])
    options.configuration = file.path
    options.tokens = tokens.path
    options.runtimes = registry.path
    options.runtimeSockets = folder.path
    options.root = folder.path
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("etc"), withIntermediateDirectories: true)
    try Data(accounts.utf8).write(to: folder.appendingPathComponent("etc/passwd"))
    options.listen = [
      ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "0.0.0.0", port: 0),
    ]
    gateway = Gateway(options)
    let (bound, _) = try await gateway.listen()
    local = bound[0].port ?? 0
    open = bound[1].port ?? 0
    try register()
  }

  /// Writes the registry as the daemon does: aside, then renamed.
  func register(
    _ states: [String: String] = [:], reason: String? = nil, more: String = ""
  ) throws {
    let reason = reason.map { ",\"reason\":\"\($0)\"" } ?? ""
    let instances = runtimes.keys.sorted().map { name -> String in
      let model = name.split(separator: "-")[0] + "-8b"
      return """
        {"name":"\(name)","model":"\(model)","backend":"tinygrad-0.13.0","apis":["chat"],
        "socket":"\(runtimes[name]?.path ?? "")","slots":1,"context":256,"longestToken":16,"specialTokens":["<|im_end|>"],
        "state":"\(states[name] ?? "ready")","since":"2026-11-24T00:00:00Z","created":1732924800,"onDemand":false\(reason)}
        """
    }
    let text = """
      {"schema":"tinybox.runtimes/1","written":"2026-11-24T00:00:00Z",
      "instances":[\(instances.joined(separator: ","))\(more)]}
      """
    try Data(text.utf8).write(to: registry, options: .atomic)
  }

  /// Whether the gateway has ended.
  private final class Ended: Sendable {
    let value = Atomic(false)
  }

  /// Ends the gateway, giving requests so many seconds.
  func stop(seconds: Double) async {
    guard !ended.value.exchange(true, ordering: .relaxed) else { return }
    await gateway.stop(seconds: seconds)
  }

  func end() async {
    await stop(seconds: 0)
    await server.stop(seconds: 0)
    await thread.stop()
    for runtime in runtimes.values { runtime.stop() }
    try? FileManager.default.removeItem(at: folder)
  }

  /// Asks on a connection of its own.
  func ask(
    _ method: String, _ path: String, _ body: String = "", _ headers: [String] = [],
    port: Int? = nil, host: String = "localhost"
  ) async throws -> RawClient.Answer {
    let port = port ?? local
    return try await offPool {
      let client = try RawClient(port: port)
      let length = body.isEmpty && method == "GET" ? [] : ["Content-Length: \(body.utf8.count)"]
      let lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"] + headers + length
      client.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
      return try client.answer(toHead: method == "HEAD")
    }
  }

  /// Asks the model `llama` to do what the stand-in understands.
  func chat(
    _ wish: String, _ members: String = "", model: String = "llama", _ headers: [String] = [],
    port: Int? = nil
  ) async throws -> RawClient.Answer {
    try await ask(
      "POST", "/v1/chat/completions", Door.body(wish, members, model), headers, port: port)
  }

  func chat(
    _ wish: String, _ headers: [String], port: Int? = nil
  ) async throws -> RawClient.Answer {
    try await chat(wish, "", headers, port: port)
  }

  static func body(_ wish: String, _ members: String = "", _ model: String = "llama") -> String {
    "{\"model\":\"\(model)\",\"messages\":[{\"role\":\"user\",\"content\":\"\(wish)\"}]"
      + (members.isEmpty ? "" : "," + members) + "}"
  }
}

/// Runs a body with a door.
func withDoor(
  _ settings: String = "", names: [String] = ["llama"], isSerial: Bool = true,
  accounts: String = "", _ body: (Door) async throws -> Void
) async throws {
  let door = try await Door(settings, names: names, isSerial: isSerial, accounts: accounts)
  do { try await body(door) } catch {
    await door.end()
    throw error
  }
  await door.end()
}

/// What a client understands of an answer.
struct ChatAnswer {
  var text = ""
  var reason: String?
  var usage: [Int]?
  var code: String?
  var isDone = false
  var comments: [String] = []

  init(_ answer: RawClient.Answer) {
    if answer.header("Content-Type")?.hasPrefix("text/event-stream") == true {
      for line in answer.text.components(separatedBy: "\n") {
        if line.hasPrefix(":") { comments.append(line) }
        guard line.hasPrefix("data: ") else { continue }
        let data = line.dropFirst(6)
        if data == "[DONE]" { isDone = true } else { add(ChatAnswer.object(Data(data.utf8))) }
      }
    } else {
      add(ChatAnswer.object(Data(answer.body)))
    }
  }

  private static func object(_ data: Data) -> [String: Any] {
    (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }

  private mutating func add(_ object: [String: Any]) {
    if let error = object["error"] as? [String: Any] {
      code = code ?? error["code"] as? String ?? error["type"] as? String
    }
    if let usage = object["usage"] as? [String: Any] {
      self.usage = ["prompt_tokens", "completion_tokens", "total_tokens"].map {
        usage[$0] as? Int ?? -1
      }
    }
    for choice in object["choices"] as? [[String: Any]] ?? [] {
      let message = (choice["delta"] ?? choice["message"]) as? [String: Any]
      text += message?["content"] as? String ?? ""
      reason = reason ?? choice["finish_reason"] as? String
    }
  }

  /// Whether a body has OpenAI's shape of an error, with all four keys.
  static func isError(_ answer: RawClient.Answer) -> Bool {
    guard let error = object(Data(answer.body))["error"] as? [String: Any] else { return false }
    return Set(error.keys) == ["message", "type", "param", "code"] && error["message"] is String
      && error["type"] is String
  }
}

import API
import Base
import Health
import Testing

@testable import Daemon

/// The endpoints of the daemon, and how a request finds its own.
@Suite struct EndpointTests {
  /// A path that the endpoint takes, with its own examples.
  private static func example(_ endpoint: Endpoint<Service>) -> [String] {
    endpoint.path.split(separator: "/").map { part in
      guard part.hasPrefix("{") else { return String(part) }
      let name = part.dropFirst().dropLast()
      return endpoint.parameters.first { $0.name == name }?.example ?? "?"
    }
  }

  private func found(_ method: String, _ segments: [String]) -> String {
    switch Endpoints.all.match(method: method, segments: segments) {
    case .endpoint(let endpoint, let segments):
      let values = segments.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
      return endpoint.name + values.joined()
    case .wrongMethod(let methods):
      return "wrong method: " + methods.map(\.rawValue).joined(separator: ", ")
    case .notFound: return "not found"
    }
  }

  private func found(_ method: String, _ path: String) -> String {
    found(method, path.split(separator: "/").map(String.init))
  }

  @Test(arguments: Endpoints.all)
  func `every endpoint is found by its examples`(_ endpoint: Endpoint<Service>) throws {
    let path = Self.example(endpoint)
    let names = endpoint.segmentNames
    let values = names.sorted().map { name in
      " \(name)=\(endpoint.parameters.first { $0.name == name }?.example ?? "?")"
    }
    #expect(found(endpoint.method.rawValue, path) == endpoint.name + values.joined())
    // What is in the path comes first, so that the reference reads from left to right.
    #expect(endpoint.parameters.prefix(names.count).map(\.name) == names)
    // The parser's own examples, and nothing but those, are taken.
    let query = endpoint.parameters.dropFirst(names.count)
    let call = try endpoint.call(
      segments: [:], query: query.map { ($0.name, $0.example) }, header: { _ in nil })
    for parameter in query { #expect(call.text(parameter) == parameter.example) }
    #expect(throws: Problem.self) {
      try endpoint.call(segments: [:], query: [("noSuchThing", "1")], header: { _ in nil })
    }
  }

  @Test func `no two endpoints share a name, or method and path`() {
    #expect(Set(Endpoints.all.map(\.name)).count == Endpoints.all.count)
    // Names in braces tell no paths apart.
    let keys = Endpoints.all.map { endpoint in
      let parts = endpoint.path.split(separator: "/").map {
        $0.hasPrefix("{") ? "{}" : String($0)
      }
      return "\(endpoint.method.rawValue) /\(parts.joined(separator: "/"))"
    }
    #expect(Set(keys).count == keys.count, "\(keys)")
  }

  @Test(arguments: Endpoints.all)
  func `another method is told which are right`(_ endpoint: Endpoint<Service>) throws {
    let right = Endpoints.all.filter { $0.path == endpoint.path }.map(\.method.rawValue)
    for method in ["DELETE", "PUT", "HEAD", "get", ""] {
      #expect(
        found(method, Self.example(endpoint)) == "wrong method: "
          + right.joined(separator: ", "))
    }
  }

  @Test(arguments: [
    "", "/", "/v1", "/v2/status", "/v1/statuses", "/v1/status/streams", "/v1/devices",
    "/v1/devices/a/b", "/v1/p2p/a", "/v1/p2p/a/b/c", "/V1/status", "/status",
  ])
  func `an unknown path is not found, whatever the method`(path: String) {
    for method in ["GET", "POST", "DELETE"] {
      #expect(found(method, path) == "not found", "\(method) \(path)")
    }
  }

  @Test(arguments: ["a/b", "..", "{name}", "%2F", "a b", "ü", "\u{0}"])
  func `a decoded segment is one name, whatever is in it`(name: String) {
    #expect(found("GET", ["v1", "devices", name]) == "device name=\(name)")
  }

  @Test func `an empty segment is no name`() {
    #expect(found("GET", ["v1", "devices", ""]) == "not found")
    #expect(found("GET", ["v1", "status", ""]) == "not found")
  }

  @Test func `what changes the machine is POST and for administrators, the rest is neither`() {
    for endpoint in Endpoints.all {
      #expect((endpoint.access == .change) == (endpoint.method == .post), "\(endpoint.path)")
    }
    let changes = Endpoints.all.filter { $0.access == .change }.map(\.name)
    #expect(
      changes == [
        "apply", "rollback", "startBenchmark", "stopBenchmark", "acknowledgeChange",
        "reportBenchmark", "reload",
      ])
  }

  @Test func `the gateway knows a stream by the end of its path`() {
    for endpoint in Endpoints.all {
      let isStream = if case .stream = endpoint.answer { true } else { false }
      #expect(endpoint.path.hasSuffix("/stream") == isStream, "\(endpoint.path)")
      #expect(endpoint.problems.contains(503) == isStream, "\(endpoint.path)")
    }
  }

  @Test func `only what names something can be not found`() {
    let named = Endpoints.all.filter { $0.problems.contains(404) }.map(\.name)
    #expect(
      named == [
        "device", "interrupts", "checks", "check", "peerPair", "benchmarkHistory", "benchmarkRun",
        "benchmarkProgress", "startBenchmark", "acknowledgeChange", "reportBenchmark",
      ])
  }

  @Test func `examples name what there can be`() throws {
    for endpoint in Endpoints.all {
      for parameter in endpoint.parameters {
        if parameter.name == "id" { #expect(Checks.named(parameter.example) != nil) }
        if ["name", "device", "initiator"].contains(parameter.name) {
          #expect(PCIAddress(parameter.example) != nil)
        }
      }
    }
  }

  @Test(arguments: [
    ("/v1/events", "limit", ["1", "1000"], ["0", "1001", "+1", "", "x", "1e2", " 1", "-1"]),
    ("/v1/events", "severity", ["info", "error"], ["", "bad", "Error"]),
    ("/v1/interrupts", "device", ["x"], [""]),
  ])
  func `a value that a parameter cannot have is a problem of the request`(
    path: String, name: String, right: [String], wrong: [String]
  ) throws {
    let endpoint = try #require(Endpoints.all.first { $0.path == path })
    for value in right {
      _ = try endpoint.call(segments: [:], query: [(name, value)], header: { _ in nil })
    }
    for value in wrong {
      do {
        _ = try endpoint.call(segments: [:], query: [(name, value)], header: { _ in nil })
        Issue.record("\(name)=\(value) is taken")
      } catch {
        #expect(error.status == 400 && error.step.contains(name), "\(error)")
      }
    }
  }

  @Test func `each code of a failure is a problem of its own status`() {
    let statuses: [(Failure.Code, Int)] = [
      (.failed, 500), (.usage, 400), (.notFound, 404), (.notPermitted, 403), (.conflict, 409),
      (.busy, 409),
    ]
    for (code, status) in statuses {
      let problem = Problem(Failure("step", because: "reason", hint: "hint", code: code))
      #expect(problem == Problem(status, "step", cause: "reason", hint: "hint"))
    }
  }
}

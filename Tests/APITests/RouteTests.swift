import API
import Testing

/// The table of routes, and how a request finds its operation.
@Suite struct RouteTests {
  /// An example of each operation, and the values of the names in braces.
  private static let examples: [Route.Operation: (String, String, [String: String])] = [
    .status: ("GET", "/v1/status", [:]),
    .statusStream: ("GET", "/v1/status/stream", [:]),
    .inventory: ("GET", "/v1/inventory", [:]),
    .device: ("GET", "/v1/devices/0000:21:00.0", ["name": "0000:21:00.0"]),
    .checks: ("GET", "/v1/checks", [:]),
    .check: ("GET", "/v1/checks/link-width", ["id": "link-width"]),
    .peers: ("GET", "/v1/p2p", [:]),
    .peerPair: ("GET", "/v1/p2p/21:00.0/nvme0", ["initiator": "21:00.0", "target": "nvme0"]),
    .interrupts: ("GET", "/v1/interrupts", [:]),
    .plan: ("GET", "/v1/placement/plan", [:]),
    .placement: ("GET", "/v1/placement", [:]),
    .apply: ("POST", "/v1/placement/apply", [:]),
    .rollback: ("POST", "/v1/placement/rollback", [:]),
    .events: ("GET", "/v1/events", [:]),
    .eventStream: ("GET", "/v1/events/stream", [:]),
    .metrics: ("GET", "/v1/metrics", [:]),
    .topology: ("GET", "/v1/topology.svg", [:]),
    .daemon: ("GET", "/v1/daemon", [:]),
    .reload: ("POST", "/v1/daemon/reload", [:]),
  ]

  private func match(_ method: String, _ path: String) -> Route.Match {
    Route.match(method: method, segments: path.split(separator: "/").map(String.init))
  }

  @Test(arguments: Route.Operation.allCases)
  func `every operation is found by its example`(_ operation: Route.Operation) throws {
    let (method, path, segments) = try #require(Self.examples[operation])
    guard case .call(let call) = match(method, path) else {
      Issue.record("\(method) \(path) finds nothing")
      return
    }
    #expect(call.route.operation == operation)
    #expect(call.segments == segments)
  }

  @Test func `every operation has exactly one route, and no two share method and path`() {
    let operations = Route.Operation.allCases.map(\.rawValue)
    #expect(Route.all.map(\.operation.rawValue).sorted() == operations.sorted())
    // Names in braces tell no paths apart.
    let keys = Route.all.map { route in
      let parts = route.path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }
      return "\(route.method.rawValue) /\(parts.joined(separator: "/"))"
    }
    #expect(Set(keys).count == keys.count, "\(keys)")
  }

  @Test(arguments: Route.all) func `another method is told which are right`(_ route: Route) throws {
    let path = try #require(Self.examples[route.operation]).1
    let right = Route.all.filter { $0.path == route.path }.map(\.method)
    for method in ["DELETE", "PUT", "HEAD", "get", ""] {
      #expect(match(method, path) == .wrongMethod(right), "\(method) \(path)")
    }
  }

  @Test(arguments: [
    "", "/", "/v1", "/v2/status", "/v1/statuses", "/v1/status/streams", "/v1/devices",
    "/v1/devices/a/b", "/v1/p2p/a", "/v1/p2p/a/b/c", "/V1/status", "/status",
  ])
  func `an unknown path is not found, whatever the method`(path: String) {
    for method in ["GET", "POST", "DELETE"] {
      #expect(match(method, path) == .notFound, "\(method) \(path)")
    }
  }

  @Test(arguments: ["a/b", "..", "{name}", "%2F", "a b", "ü", "\u{0}"])
  func `a decoded segment is one name, whatever is in it`(name: String) {
    guard
      case .call(let call) = Route.match(method: "GET", segments: ["v1", "devices", name])
    else {
      Issue.record("'\(name)' finds nothing")
      return
    }
    #expect(call.segments == ["name": name])
  }

  @Test func `an empty segment is no name`() {
    #expect(Route.match(method: "GET", segments: ["v1", "devices", ""]) == .notFound)
    #expect(Route.match(method: "GET", segments: ["v1", "status", ""]) == .notFound)
  }

  @Test func `what changes the machine is POST and for administrators, the rest is neither`() {
    for route in Route.all {
      #expect((route.access == .change) == (route.method == .post), "\(route.path)")
    }
    let changes = Route.all.filter { $0.access == .change }.map(\.operation)
    #expect(Set(changes) == [.apply, .rollback, .reload])
  }

  @Test func `every name in braces has a meaning, and no meaning is left over`() {
    let names = Set(Route.all.flatMap(\.segmentNames))
    #expect(names == Set(Route.segmentMeanings.keys))
  }

  @Test func `only what names something can be not found`() {
    let named = Route.all.filter { $0.problems.contains(404) }.map(\.operation)
    #expect(Set(named) == [.device, .checks, .check, .peerPair, .interrupts])
  }
}

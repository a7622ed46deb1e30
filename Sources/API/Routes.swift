internal import Events

extension Route {
  /// Every operation, in the order of the reference.
  public static let all: [Route] = [
    Route(
      .status, .get, "/v1/status", .json("StatusDocument"),
      "The box at a glance: verdict, devices, links, temperatures, load, placement."),
    Route(
      .statusStream, .get, "/v1/status/stream", .stream("StatusDocument"),
      "The same again and again while somebody listens.",
      [
        .init(
          name: "seconds", meaning: "time between two looks", kind: .integer(1...3600))
      ]),
    Route(
      .inventory, .get, "/v1/inventory", .json("Inventory"),
      "Everything that is known of the machine.",
      [
        .init(
          name: "kind", meaning: "only the devices of a kind",
          kind: .word(["all", "gpu", "nic", "nvme", "bridge"])),
        .init(
          name: "detail",
          meaning: "quick leaves out what takes long: configuration space, SMART logs",
          kind: .word(["full", "quick"])),
      ]),
    Route(
      .device, .get, "/v1/devices/{name}", .json("DeviceDocument"),
      "One device, by PCI address, interface or drive name."),
    Route(
      .checks, .get, "/v1/checks", .json("HealthReport"), "All checks and what they find now.",
      [.init(name: "id", meaning: "only this check, or the checks of this area", kind: .text)]),
    Route(
      .check, .get, "/v1/checks/{id}", .json("HealthReport"), "One check and what it finds now."),
    Route(
      .peers, .get, "/v1/p2p", .json("PeerToPeerDocument"),
      "Which devices reach each other directly, and what stands in the way."),
    Route(
      .peerPair, .get, "/v1/p2p/{initiator}/{target}", .json("PeerToPeerDocument"),
      "One ordered pair of devices."),
    Route(
      .interrupts, .get, "/v1/interrupts", .json("InterruptsDocument"),
      "Interrupts, where they may go and where they were handled.",
      [.init(name: "device", meaning: "only those of this device", kind: .text)]),
    Route(
      .plan, .get, "/v1/placement/plan", .json("Plan"), "What applying the policy would change."),
    Route(
      .placement, .get, "/v1/placement", .json("PlacementStatus"),
      "What was placed and what of it still holds."),
    Route(
      .apply, .post, "/v1/placement/apply", .json("ApplyDocument"),
      "Makes the changes of the plan.", access: .change),
    Route(
      .rollback, .post, "/v1/placement/rollback", .json("RollbackDocument"),
      "Puts every original value back.", access: .change),
    Route(
      .events, .get, "/v1/events", .json("EventsDocument"), "What happened, the newest last.",
      [
        .init(
          name: "after", meaning: "only events with a higher number",
          kind: .integer(0...Int(Int32.max))),
        .init(name: "limit", meaning: "at most so many, the newest", kind: .integer(1...1000)),
        .init(
          name: "severity", meaning: "only so bad or worse",
          kind: .word(Event.Severity.allCases.map(\.rawValue))),
        .init(
          name: "kind", meaning: "only events of this kind",
          kind: .word(EventKind.allCases.map(\.rawValue))),
      ]),
    Route(
      .eventStream, .get, "/v1/events/stream", .stream("Event"),
      "Events as they happen; the header Last-Event-ID, or `after`, goes on after that one.",
      [
        .init(
          name: "after", meaning: "first those with a higher number",
          kind: .integer(0...Int(Int32.max)))
      ]),
    Route(
      .metrics, .get, "/v1/metrics", .text("text/plain"),
      "Metrics for Prometheus; OpenMetrics when the Accept header asks for it."),
    Route(
      .topology, .get, "/v1/topology.svg", .text("image/svg+xml"),
      "A picture of sockets, nodes, bridges and devices."),
    Route(
      .daemon, .get, "/v1/daemon", .json("DaemonDocument"),
      "The daemon itself: version, mode, what it watches."),
    Route(
      .reload, .post, "/v1/daemon/reload", .json("DaemonDocument"),
      "Reads the configuration again.", access: .change),
  ]
}

internal import API
internal import Base
internal import Documents
internal import HTTPService
internal import Inventory
internal import Metrics
internal import Operations
internal import Render

/// The machine and its devices.
extension Endpoints {
  static let machine: [Endpoint<Service>] = [
    .get(
      "status", "/v1/status",
      "The box on one screen: verdict, devices, links, temperatures, load, placement.",
      problems: [409]
    ) { service, _ in try Encoded(try await service.status()) },

    .stream(
      "statusStream", "/v1/status/stream",
      "The same document, repeated while the client is connected.",
      of: StatusDocument.self, [seconds]
    ) { service, call in
      Streams.status(every: Double(call.integer(seconds) ?? 2), service.thread) {
        try await service.status()
      }
    },

    .get(
      "inventory", "/v1/inventory", "Everything that is known of the machine.", [kind, detail]
    ) { service, call in
      let kind = call.text(kind).flatMap(DeviceKind.init) ?? .all
      let isQuick = call.text(detail) == "quick"
      let reading = isQuick ? await service.reader.quick() : await service.reader.full()
      return try Encoded(reading.inventory.limited(to: kind))
    },

    .get(
      "device", "/v1/devices/{name}", "One device, by PCI address, interface or drive name.",
      [device]
    ) { service, call in
      let inventory = await service.reader.full().inventory
      let subject = try DeviceLookup.subject(call.segment(device), inventory)
      return try Encoded(DeviceDocument(inventory, subject))
    },

    .get(
      "interrupts", "/v1/interrupts",
      "Interrupts, where they may go and where they were handled.", [interruptDevice]
    ) { service, call in
      let inventory = await service.reader.full().inventory
      var address: PCIAddress?
      if let name = call.text(interruptDevice) {
        address = try DeviceLookup.function(name, inventory, for: "report the interrupts of")
      }
      return try Encoded(InterruptsDocument(inventory, of: address))
    },

    .text(
      "topology", "/v1/topology.svg", "A picture of sockets, nodes, bridges and devices.",
      mediaTypes: ["image/svg+xml"]
    ) { service, _ in
      let picture = try await service.reader.document("topology") {
        Array(TopologySVG.render($0.inventory).utf8)
      }
      return (picture, "image/svg+xml")
    },

    .text(
      "metrics", "/v1/metrics",
      "Metrics for Prometheus; OpenMetrics when the Accept header asks for it.",
      mediaTypes: ["text/plain; version=0.0.4", "application/openmetrics-text"]
    ) { service, call in
      let wantsOpen = call.header("Accept")?.contains("application/openmetrics-text") == true
      let text = await service.reader.metrics(
        wantsOpen ? .openmetrics : .prometheus, placement: service.published.current.placement)
      return (
        Array(text.utf8),
        wantsOpen
          ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
          : "text/plain; version=0.0.4; charset=utf-8"
      )
    },
  ]

  private static let seconds = Parameter.integer(
    "seconds", "time between two documents", in: 1...3600, example: 2)
  private static let kind = Parameter.word(
    "kind", "only the devices of a kind", of: DeviceKind.allCases.map(\.rawValue))
  private static let detail = Parameter.word(
    "detail", "quick leaves out what takes long: configuration space, SMART logs",
    of: ["full", "quick"])
  private static let device = Parameter.text(
    "name", "PCI address, with domain or without, interface or drive name",
    example: "0000:21:00.0")
  private static let interruptDevice = Parameter.text(
    "device", "only those of this device", example: "0000:21:00.0")
}

extension Service {
  /// The machine on one screen.
  func status() async throws -> StatusDocument {
    let reading = await reader.quick()
    try reading.requireProfile()
    let placement = published.current.placement
    return StatusDocument(
      reading.inventory, reading.report, placement: placement.status, mode: placement.mode,
      problem: placement.problem, time: reading.time, lastEvent: log.last)
  }
}

extension BoxReader.Snapshot {
  /// Without the profile in force the checks would pass over what is missing.
  func requireProfile() throws(Failure) {
    if let profileFailure { throw profileFailure }
  }
}

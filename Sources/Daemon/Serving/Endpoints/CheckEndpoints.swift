internal import API
internal import Benchmarks
internal import Health
internal import Operations

/// What is wrong.
extension Endpoints {
  static let checks: [Endpoint<Service>] = [
    .get(
      "checks", "/v1/checks", "All checks and what they find now.", [area], problems: [409]
    ) { service, call in try Encoded(try await service.report(call.text(area))) },

    .get(
      "check", "/v1/checks/{id}", "One check and what it finds now.", [id], problems: [409]
    ) { service, call in
      let id = call.segment(id)
      // An area is no check.
      guard Checks.named(id) != nil else { throw CheckOperations.unknown(id) }
      return try Encoded(try await service.report(id))
    },
  ]

  private static let area = Parameter.text(
    "id", "only this check, or the checks of this area", example: "gpu-count")
  private static let id = Parameter.text("id", "id of the check", example: "gpu-count")
}

extension Service {
  /// What the checks of an id or area say; all of them without one.
  fileprivate func report(_ id: String?) async throws -> HealthReport {
    let chosen = try CheckOperations.named(id.map { [$0] } ?? [])
    let reading = await reader.full()
    try reading.requireProfile()
    if id == nil { return reading.report }
    return HealthReport(
      Box(
        reading.inventory, profile: reading.profile,
        benchmarks: reading.benchmarks?.map(\.document)), checks: chosen)
  }
}

internal import API
internal import Operations
internal import Setup

/// The first boot.
extension Endpoints {
  static let setup: [Endpoint<Service>] = [
    // 409: a status that is damaged, or of another version of tinybox.
    .get(
      "setup", "/v1/setup", "How far the first boot is, and what to do where it stopped.",
      problems: [409]
    ) { _, _ in try Encoded(try SetupOperations().status().published) }
  ]
}

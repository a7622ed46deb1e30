internal import API
internal import RuntimeCatalog

/// The runtimes of models.
extension Endpoints {
  static let runtimes: [Endpoint<Service>] = [
    .get(
      "runtimes", "/v1/runtimes", "The runtimes of models: what they serve, and their states.",
      problems: [409]
    ) { service, _ in
      guard let registry = service.published.current.runtimes else {
        throw Problem(409, "list the runtimes", cause: "the machine was not read yet")
      }
      return try Encoded(registry)
    }
  ]
}

internal import API
internal import Documents
internal import Placement

/// Where interrupts, queues and containers are put.
extension Endpoints {
  // 409: a policy that cannot be used, or another program that holds the lock.
  static let placement: [Endpoint<Service>] = [
    .get(
      "plan", "/v1/placement/plan", "What applying the policy would change.", problems: [409]
    ) { service, _ in try Encoded(try await service.reader.placementStatus().provenPlan) },

    .get(
      "placement", "/v1/placement", "What was placed and what of it is still in place.",
      problems: [409]
    ) { service, _ in try Encoded(try await service.reader.placementStatus()) },

    .post(
      "apply", "/v1/placement/apply", "Makes the changes of the plan.", problems: [409]
    ) { service, _ in
      let results = try await service.queue.perform(on: PlacementController.self) { try $0.apply() }
      return try Encoded(ApplyDocument(results: results))
    },

    .post(
      "rollback", "/v1/placement/rollback", "Puts every original value back.", problems: [409]
    ) { service, _ in
      let report = try await service.queue.perform(on: PlacementController.self) {
        try $0.rollBack()
      }
      return try Encoded(RollbackDocument(report))
    },
  ]
}

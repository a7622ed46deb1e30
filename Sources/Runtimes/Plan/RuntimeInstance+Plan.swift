internal import Configuration
package import RuntimeCatalog

extension RuntimeInstance {
  /// A runtime with a unit, for the registry.
  /// - Parameter since: when the state began, RFC 3339 in UTC.
  package init(_ unit: RuntimeUnit, state: State, reason: String? = nil, since: String) {
    self.init(
      name: unit.name, model: unit.model, backend: unit.backend, apis: unit.apis,
      slots: unit.slots, context: unit.context, longestToken: unit.longestToken,
      specialTokens: unit.specialTokens, state: state,
      reason: reason, since: since, created: unit.created, onDemand: unit.onDemand)
  }

  /// A runtime that cannot run, for the registry: clients learn why.
  package init(_ refusal: RuntimeRefusal, _ spec: RuntimeSpec, since: String) {
    self.init(
      name: spec.name, model: spec.model?.value, backend: spec.backend.key,
      apis: spec.servedAPIs, slots: spec.slots?.value ?? 1, context: nil, longestToken: nil,
      state: refusal.state, reason: refusal.reason, since: since, created: 0,
      onDemand: spec.onDemand?.value ?? false)
  }
}

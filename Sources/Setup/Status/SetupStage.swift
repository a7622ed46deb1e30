/// A stage of the first boot, in the order in which they run.
public enum SetupStage: String, CaseIterable, Codable, Hashable, Sendable {
  /// Which box this is, and what it should have.
  case identify
  /// What must be right before anything is changed: GPUs, links, no check that fails.
  case check
  /// Drives for models and data.
  case storage
  /// Name of the host, keys of SSH; whether what is fetched can be reached.
  case network
  /// Whether every GPU has a driver that models can use.
  case driver
  /// The runtime of models.
  case runtime
  /// The model.
  case model
  /// The first measurement.
  case baseline
  /// A runtime answers for the model.
  case ready

  /// The stages that must be complete before it begins. The network needs none: whoever has to repair the box
  /// reaches it. The baseline is before the runtime starts, which takes its GPUs, and no measurement that failed
  /// keeps a model from answering.
  package var needs: [SetupStage] {
    switch self {
    case .identify, .check, .network: []
    case .storage, .driver: [.identify, .check]
    case .runtime: [.storage, .network]
    case .model: [.runtime]
    case .baseline: [.storage, .driver]
    case .ready: [.model, .driver]
    }
  }
}

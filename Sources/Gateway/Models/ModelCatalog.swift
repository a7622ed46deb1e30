internal import OpenAI
internal import RuntimeCatalog

/// The models there are at this moment, by all their names.
struct ModelCatalog: Sendable {
  /// What a name stands for.
  struct Entry: Hashable, Sendable {
    /// The name that was asked for.
    var id: String
    /// Runtimes with one queue share it: those of one model.
    var pool: String
    /// Runtimes that may answer.
    var instances: [RuntimeInstance]
    var created: Int { instances.map(\.created).min() ?? 0 }
  }

  /// Every name, in order, with what it stands for.
  let entries: [Entry]
  private let aliases: [String: String]

  init(_ instances: [RuntimeInstance], aliases: [String: String]) {
    self.aliases = aliases
    var entries: [Entry] = []
    var known: Set<String> = []
    func add(_ id: String, _ instances: [RuntimeInstance]) {
      guard let first = instances.first, known.insert(id).inserted else { return }
      entries.append(
        Entry(id: id, pool: first.model ?? "instance \(first.name)", instances: instances))
    }
    // The name of an instance comes before the same name of a model.
    for instance in instances { add(instance.name, [instance]) }
    for model in instances.compactMap(\.model) {
      add(model, instances.filter { $0.model == model })
    }
    for (alias, target) in aliases.sorted(by: { $0.key < $1.key }) {
      if let entry = entries.first(where: { $0.id == target }) { add(alias, entry.instances) }
    }
    self.entries = entries.sorted { $0.id < $1.id }
  }

  /// What a name stands for; nil for an unknown one.
  func entry(_ id: String) -> Entry? { entries.first { $0.id == id } }

  /// Whether a caller that may use these names may use a model.
  func isAllowed(_ entry: Entry, by names: [String]?) -> Bool {
    guard let names else { return true }
    // Any of its names will do.
    let pools = Set(names.compactMap { self.entry($0)?.pool })
    return names.contains(entry.id)
      || names.contains { name in
        guard let allowed = self.entry(name) else { return false }
        return Set(entry.instances.map(\.name)).isSubset(of: allowed.instances.map(\.name))
      } && pools.contains(entry.pool)
  }
}

extension RuntimeInstance {
  /// What to answer with when it cannot be used.
  var error: APIError {
    let why = reason.map { ": \($0.prefix(300))" } ?? ""
    return switch state {
    case .stopped:
      .unavailable("runtime_stopped", "The owner stopped the runtime '\(name)'.")
    case .missingGPU:
      .unavailable("gpu_missing", "A GPU of the runtime '\(name)' is missing\(why).")
    case .damagedModel:
      .unavailable("model_damaged", "The model of the runtime '\(name)' is damaged\(why).")
    case .draining: .shuttingDown(retrySeconds: 5)
    case .starting:
      .starting("The runtime '\(name)' is starting\(why).", retrySeconds: 10)
    case .failed, .ready, .idle:
      .unavailable("runtime_failed", "The runtime '\(name)' has failed\(why).")
    }
  }
}

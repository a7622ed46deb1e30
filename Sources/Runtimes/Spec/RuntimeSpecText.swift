internal import Configuration
internal import RuntimeCatalog

extension RuntimeSpec {
  /// The spec as a file: the keys that are set. Reading it again gives the same spec.
  package var text: String {
    func quoted(_ text: String) -> String { TOMLValue.quoted(text) }
    func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
    var lines: [String] = []
    func add(_ key: String, _ value: String?) {
      if let value { lines.append("\(key) = \(value)") }
    }
    add("kind", kind == .service ? nil : quoted(kind.rawValue))
    add("model", model.map { quoted($0.value) })
    add("command", command.isEmpty ? nil : list(command.map { quoted($0.value) }))
    add("backend", backendKey.map { quoted($0.value) })
    add("endpoint", endpoint.map { quoted($0.value.rawValue) })
    add("apis", apis.isEmpty ? nil : list(apis.map { quoted($0.value.rawValue) }))
    switch gpus?.value {
    case nil: break
    case .count(let count): add("gpus", "\(count)")
    case .addresses(let all): add("gpus", list(all.map { quoted("\($0)") }))
    }
    add("context", context.map { "\($0.value)" })
    add("slots", slots.map { "\($0.value)" })
    add("on-demand", onDemand.map { "\($0.value)" })
    add("idle", idle.map { quoted("\($0.value)s") })
    add("memory", memory.map { quoted(Self.size($0.value)) })
    add("memory-nodes", memoryNodes.map { quoted("\($0.value)") })
    add("threads", threads.map { "\($0.value)" })
    if !environment.isEmpty {
      lines.append("[environment]")
      for variable in environment {
        add(TOMLTable.quoted(variable.value.name), quoted(variable.value.value))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A size in the largest unit that divides it.
  private static func size(_ bytes: Int) -> String {
    for (shift, unit) in [(40, "T"), (30, "G"), (20, "M")] where bytes % (1 << shift) == 0 {
      return "\(bytes >> shift)\(unit)"
    }
    return "\(bytes >> 10)K"
  }
}

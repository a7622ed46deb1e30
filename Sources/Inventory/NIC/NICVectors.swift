/// Which vectors of a function with several interfaces belong to one of them.
enum NICVectors {
  /// Whether a handler is named after the interface: `eth0-TxRx-3`, `i40e-eth0-TxRx-3`, `eth0`.
  static func serves(_ interface: String, _ actions: [String]) -> Bool {
    actions.contains { action in
      if action == interface || action.hasPrefix(interface + "-") { return true }
      guard let dash = action.firstIndex(of: "-") else { return false }
      let rest = action[action.index(after: dash)...]
      return rest == interface || rest.hasPrefix(interface + "-")
    }
  }
}

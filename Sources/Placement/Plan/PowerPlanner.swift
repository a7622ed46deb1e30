internal import Base
internal import Configuration
internal import Inventory

/// Persistence modes and power caps of GPUs that the policy asks for.
struct PowerPlanner {
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []

  init(_ inventory: Inventory, _ policy: Policy, _ serviceState: ServiceState) {
    // Before the caps: a driver that lets go of a card forgets its cap.
    for gpu in inventory.gpus where gpu.vendor == .nvidia {
      persistence(gpu, policy, serviceState.hasPersistenceDaemon)
    }
    for gpu in inventory.gpus {
      let address = gpu.address
      guard let wish = policy.rule(.gpu, address, names: []).powerCap else { continue }
      func leave(_ reason: String) {
        leftAlone.append(
          Skipped(subject: "GPU", device: address, what: "power cap", reason: reason))
      }
      guard let cap = gpu.powerCap else {
        let unknown = gpu.unknown.first { $0.fact == "powerCap" }
        leave(unknown?.reason ?? "its driver has none")
        continue
      }
      // Without a range nothing says what the card bears.
      guard let low = cap.minimumWatts, let high = cap.maximumWatts else {
        leave("its driver does not say which caps the card takes")
        continue
      }
      guard low <= high, (low...high).contains(Double(wish.value)) else {
        leave("it takes \(Units.short(low)) to \(Units.short(high)) W, not \(wish.value) W")
        continue
      }
      let now = Knob.watts(cap.watts)
      if now == "\(wish.value)" { continue }
      changes.append(
        Change(
          .powerCap(address), subject: "GPU", device: address, old: now, new: "\(wish.value)",
          why: "asked for" + (wish.position.map { " at \($0)" } ?? "") + ", in watts"))
    }
  }

  private mutating func persistence(_ gpu: GPU, _ policy: Policy, _ hasDaemon: Bool?) {
    let address = gpu.address
    guard let wish = policy.rule(.gpu, address, names: []).persistence else { return }
    func skipped(_ reason: String) -> Skipped {
      Skipped(subject: "GPU", device: address, what: "persistence mode", reason: reason)
    }
    if hasDaemon == true {
      leftAlone.append(
        skipped("nvidia-persistenced runs, which sets it: there is nothing to do here"))
      return
    }
    guard let isPersistent = gpu.isPersistent else {
      let unknown = gpu.unknown.first { $0.fact == "isPersistent" }
      leftAlone.append(skipped(unknown?.reason ?? "its driver has none"))
      return
    }
    if isPersistent == wish.value { return }
    changes.append(
      Change(
        .persistence(address), subject: "GPU", device: address,
        old: Knob.text(isPersistent: isPersistent), new: Knob.text(isPersistent: wish.value),
        why: "asked for" + (wish.position.map { " at \($0)" } ?? "")))
  }
}

extension Knob {
  /// A persistence mode as the knob has it.
  package static func text(isPersistent: Bool) -> String { isPersistent ? "on" : "off" }

  /// A power cap as the knob has it: watts, with the milliwatts that there are.
  package static func watts(_ watts: Double) -> String {
    let milliwatts = (watts * 1000).rounded()
    guard milliwatts >= 0, milliwatts <= 1e9 else { return Units.decimal(watts, places: 3) }
    return text(milliwatts: Int(milliwatts))
  }

  /// Watts of milliwatts: `350`, `350.5`.
  package static func text(milliwatts: Int) -> String {
    let rest = milliwatts % 1000
    if rest == 0 { return "\(milliwatts / 1000)" }
    var digits = String(String(1000 + rest).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(milliwatts / 1000).\(digits)"
  }

  /// Milliwatts of such a text; nil for one that is none.
  package static func milliwatts(_ text: String) -> Int? {
    guard let watts = Double(text), watts.isFinite, watts >= 0, watts <= 1e6 else { return nil }
    return Int((watts * 1000).rounded())
  }
}

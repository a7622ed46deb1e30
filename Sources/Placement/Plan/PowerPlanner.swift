internal import Base
internal import Configuration
internal import Inventory

/// Power caps of GPUs that the policy asks for.
struct PowerPlanner {
  private(set) var changes: [Change] = []
  private(set) var leftAlone: [Skipped] = []

  init(_ inventory: Inventory, _ policy: Policy) {
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
}

extension Knob {
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

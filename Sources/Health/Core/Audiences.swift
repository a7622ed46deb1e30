public import Inventory

/// Which kinds of advice fit a machine.
enum Audiences {
  static func of(_ inventory: Inventory) -> Set<Advice.Audience> {
    var found: Set<Advice.Audience> = []
    for gpu in inventory.gpus {
      switch CardClass.of(gpu) {
      case .consumer, .workstation: found.insert(.consumerGPU)
      case .dataCentre: found.insert(.dataCentreGPU)
      case .builtIn, .unknown: break
      }
    }
    switch inventory.machine.formFactor {
    case .portable: found.insert(.portable)
    case .desktop: found.insert(.desktop)
    case .server: found.insert(.server)
    case nil: break
    }
    if inventory.machine.bmcFirmwareVersion != nil
      || inventory.processors.model?.contains("EPYC") == true
      || inventory.processors.model?.contains("Xeon") == true
    {
      found.insert(.server)
    }
    return found
  }
}

/// What a GPU was sold for.
public enum CardClass: String, Hashable, Sendable {
  case consumer, workstation, dataCentre, builtIn, unknown

  /// The class of a card, by its marketing name; ids alone do not tell.
  public static func of(_ gpu: GPU) -> CardClass {
    guard let name = gpu.name else { return .unknown }
    func has(_ words: String...) -> Bool { words.contains { name.contains($0) } }
    if has(
      "Instinct", "Tesla", "H100", "H200", "H800", "A100", "B200", "GB200", "L40", "L4 ", "MI300",
      "MI308")
    {
      return .dataCentre
    }
    if has("Radeon PRO", "Radeon Pro", "RTX PRO", "Quadro", "RTX A") { return .workstation }
    if has("GeForce", "Radeon RX", "TITAN") { return .consumer }
    if gpu.vendor == .intel || has("Integrated", "Renoir", "Cezanne", "Raphael", "Phoenix") {
      return .builtIn
    }
    return .unknown
  }
}

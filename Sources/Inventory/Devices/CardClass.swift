/// What a GPU was sold for.
public enum CardClass: String, Hashable, Sendable {
  /// Sold for games: GeForce, Radeon RX, Arc.
  case consumer
  /// Sold for workstations: RTX PRO, RTX A, Quadro, Radeon PRO.
  case workstation
  /// Sold for data centres: Instinct, H100.
  case dataCentre
  /// Part of the processor.
  case builtIn
  /// Its name does not say.
  case unknown

  /// Whether it is a card of its own.
  public var isCard: Bool { self == .consumer || self == .workstation || self == .dataCentre }

  /// The class of a card, by its marketing name; ids alone do not show it. Names come from the
  /// driver (`AMD Radeon RX 7900 XTX`) or from pci.ids (`Navi 31 [Radeon RX 7900 XT/7900 XTX]`).
  static func of(_ gpu: GPU) -> CardClass {
    // Where a GPU sits shows better than its name whether it is the processor's own.
    if gpu.isBuiltIn == true { return .builtIn }
    let named = byName(gpu)
    return named == .builtIn && gpu.isBuiltIn == false ? .unknown : named
  }

  private static func byName(_ gpu: GPU) -> CardClass {
    guard let name = gpu.name else { return .unknown }
    let words = Set(
      name.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    switch gpu.vendor {
    case .nvidia: return nvidia(name, words)
    case .amd: return amd(name, words)
    case .intel: return intel(name, words)
    case .other: return .unknown
    }
  }

  private static func nvidia(_ name: String, _ words: Set<String>) -> CardClass {
    if words.contains("GEFORCE") || words.contains("TITAN") { return .consumer }
    if words.contains("QUADRO") || name.contains("RTX PRO") { return .workstation }
    if words.contains("TESLA") || words.contains("DGX") || !words.isDisjoint(with: nvidiaServers) {
      return .dataCentre
    }
    // `RTX A6000`, `RTX 6000 Ada Generation`, `NVIDIA T1000`: workstation cards without a family
    // name. GeForce cards always have theirs.
    if words.contains("RTX") || !words.isDisjoint(with: ["T400", "T600", "T1000"]) {
      return .workstation
    }
    return .unknown
  }

  private static let nvidiaServers: Set<String> = [
    "A2", "A10", "A16", "A30", "A40", "A100", "A800", "B100", "B200", "B300", "GB200", "GB300",
    "GH200", "H20", "H100", "H200", "H800", "K80", "L4", "L20", "L40", "L40S", "P4", "P40", "P100",
    "T4", "V100",
  ]

  private static func amd(_ name: String, _ words: Set<String>) -> CardClass {
    if words.contains("INSTINCT") || words.contains(where: { $0.hasPrefix("MI") && isNumber($0) }) {
      return .dataCentre
    }
    if words.contains("RADEON"), words.contains("PRO") || words.contains("AI") {
      return .workstation
    }
    if words.contains("FIREPRO") { return .workstation }
    if !words.isDisjoint(with: amdProcessors) { return .builtIn }
    if words.contains("RX") || words.contains("VII") || words.contains("R9") {
      return .consumer
    }
    // `Radeon 780M`, `AMD Radeon Graphics`: a processor's own.
    if name.hasSuffix("Radeon Graphics")
      || words.contains(where: { $0.hasSuffix("M") && isNumber("MI" + $0.dropLast()) })
    {
      return .builtIn
    }
    return .unknown
  }

  /// Whether digits follow the first two letters.
  private static func isNumber(_ word: String) -> Bool {
    let digits = word.dropFirst(2).prefix { $0.isNumber }
    return digits.count >= 2
  }

  /// Code names of processors with a GPU, as pci.ids has them.
  private static let amdProcessors: Set<String> = [
    "RAVEN", "PICASSO", "RENOIR", "LUCIENNE", "CEZANNE", "BARCELO", "REMBRANDT", "RAPHAEL",
    "PHOENIX", "PHOENIX1", "PHOENIX2", "PHOENIX3", "HAWKPOINT1", "HAWKPOINT2", "MENDOCINO", "STRIX",
    "KRACKAN", "GRANITE", "VANGOGH",
  ]

  private static func intel(_ name: String, _ words: Set<String>) -> CardClass {
    if name.contains("Data Center GPU") || words.contains("PONTE") { return .dataCentre }
    guard words.contains("ARC") else { return .builtIn }
    // `Arc A770` and `Arc B580` are cards, `Intel Arc Graphics` and `Arc 140V` are not.
    let isCard = words.contains { word in
      (word.hasPrefix("A") || word.hasPrefix("B")) && word.count == 4
        && word.dropFirst().prefix(3).allSatisfy(\.isNumber)
    }
    if words.contains("PRO") { return .workstation }
    return isCard ? .consumer : .builtIn
  }
}

extension GPU {
  /// What it was sold for.
  public var cardClass: CardClass { CardClass.of(self) }

  /// Whether NVIDIA sold the card as GeForce or TITAN; nil where its name does not show what it is.
  public var isGeForce: Bool? {
    guard vendor == .nvidia else { return false }
    return cardClass == .unknown ? nil : cardClass == .consumer
  }
}

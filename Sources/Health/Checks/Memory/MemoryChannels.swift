internal import Inventory

/// Memory modules by channel, as far as the firmware names channels.
///
/// Boards name them in the bank (`P0 CHANNEL A`, `P0_Node0_Channel0_Dimm0`) or in the locator
/// (`ChannelA-DIMM0`, `P1-DIMMA1`, `DIMM_A1`). Some mean the socket by that letter (`DIMM_A12`):
/// what could be either is not understood. All modules are read the same way, or none.
struct MemoryChannels {
  /// A channel with its module sockets, filled or not.
  struct Channel {
    /// Processor socket as the firmware names it; empty when it names none.
    var socket: String
    /// Name within the socket.
    var name: String
    /// Module sockets.
    var modules: [MemoryModule]

    /// Whether it has a module.
    var isPopulated: Bool { modules.contains { $0.isPopulated } }
    /// What its modules add up to, bytes; nil when the size of one is not known.
    var sizeBytes: Int? {
      let filled = modules.filter(\.isPopulated)
      let sizes = filled.compactMap(\.sizeBytes)
      return sizes.count == filled.count ? CheckedNumbers.sum(sizes) : nil
    }
  }

  /// The channels, by socket and name.
  let channels: [Channel]

  /// The channels that have modules.
  var populated: [Channel] { channels.filter(\.isPopulated) }

  /// The channels of some modules; nil when the names do not show them.
  init?(_ modules: [MemoryModule]) {
    // A socket of a channel that holds a persistent module is one without main memory.
    let modules = modules.map { $0.isMainMemory ? $0 : MemoryModule(emptied: $0) }
    if modules.isEmpty { return nil }
    let inBank = modules.contains { Self.words($0.bank).contains { $0.hasPrefix("CHANNEL") } }
    let inLocator = modules.contains { Self.words($0.locator).contains { $0.hasPrefix("CHANNEL") } }
    var found: [[String]: [MemoryModule]] = [:]
    var seen: Set<[String]> = []
    for module in modules {
      let key: [String]?
      if inBank {
        key = Self.named(Self.words(module.bank))
      } else if inLocator {
        key = Self.named(Self.words(module.locator))
      } else {
        key = Self.lettered(Self.words(module.locator))
        // The same label twice: the letters start anew with each socket, which it does not name.
        if let locator = module.locator, !seen.insert([locator]).inserted { return nil }
      }
      guard let key else { return nil }
      found[key, default: []].append(module)
    }
    channels = found.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      Channel(socket: $0.key[0], name: $0.key[1], modules: $0.value)
    }
  }

  /// Upper case words and numbers of a label.
  private static func words(_ label: String?) -> [String] {
    (label ?? "").uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  /// Socket and channel of words with `CHANNEL` among them.
  private static func named(_ words: [String]) -> [String]? {
    guard let index = words.firstIndex(where: { $0.hasPrefix("CHANNEL") }) else { return nil }
    var name = String(words[index].dropFirst(7))
    if name.isEmpty, index + 1 < words.count { name = words[index + 1] }
    if name.isEmpty { return nil }
    let part = words.first { numbered($0, ["NODE", "CONTROLLER", "MC"]) } ?? ""
    return [socket(words), part + name]
  }

  /// Socket and channel of words with a letter and a small number, `A1` or `DIMMA1`.
  private static func lettered(_ words: [String]) -> [String]? {
    for word in words where !numbered(word, ["P", "CPU", "SOCKET", "PROC"]) {
      var rest = word[...]
      if rest.hasPrefix("DIMM") { rest = rest.dropFirst(4) }
      guard let letter = rest.first, ("A"..."L").contains(letter), rest.count <= 2 else { continue }
      // A channel takes two modules at most, some boards count from 0.
      if let digit = rest.dropFirst().first, !["0", "1", "2"].contains(digit) { return nil }
      return [socket(words), String(letter)]
    }
    return nil
  }

  private static func socket(_ words: [String]) -> String {
    words.first { numbered($0, ["P", "CPU", "SOCKET", "PROC"]) } ?? ""
  }

  private static func numbered(_ word: String, _ prefixes: [String]) -> Bool {
    prefixes.contains { prefix in
      word.hasPrefix(prefix) && word.count > prefix.count
        && word.dropFirst(prefix.count).allSatisfy(\.isNumber)
    }
  }

  /// Bandwidth of channels at a speed, GB/s: 8 bytes a transfer.
  static func gigabytesPerSecond(channels: Int, megatransfers: Int) -> Double {
    Double(channels) * Double(megatransfers) * 8 / 1000
  }
}

extension MemoryModule {
  /// The socket of a module, as if it were empty.
  fileprivate init(emptied module: MemoryModule) {
    self.init(isPopulated: false)
    locator = module.locator
    bank = module.bank
  }
}

extension Check {
  /// Where modules come from.
  static var modulesPath: String { "/sys/firmware/dmi/tables/DMI" }

  /// Why nothing can be said without modules.
  static func noModules(_ box: Box) -> Finding {
    unknown(
      "memory modules not known",
      evidence: [
        Evidence(
          missing: "memory.modules", key: "modules", in: box.inventory.memory.unknown,
          path: modulesPath)
      ])
  }

  /// The populated modules as evidence: `8 x 16 GiB DDR4 at 3200 of 3200 MT/s`.
  static func modulesEvidence(_ box: Box) -> Evidence {
    var counts: [String: Int] = [:]
    var empty = 0
    for module in box.inventory.memory.modules {
      if !module.isPopulated {
        empty += 1
        continue
      }
      let size = module.sizeBytes.map { Text.capacity($0) } ?? "unknown size"
      let now = module.configuredMegatransfersPerSecond.map(String.init) ?? "?"
      let rated = module.ratedMegatransfersPerSecond.map(String.init) ?? "?"
      counts["\(size) \(module.type ?? "") at \(now) of \(rated) MT/s", default: 0] += 1
    }
    var parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }
    if empty > 0 { parts.append("\(empty) sockets empty") }
    return Evidence("memory.modules", parts.joined(separator: ", "), path: modulesPath)
  }
}

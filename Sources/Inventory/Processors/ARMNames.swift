internal import Base

/// Names of ARM cores. Their `/proc/cpuinfo` has no name, only fields of the register MIDR_EL1:
/// `CPU implementer` and `CPU part`.
///
/// Source: the Arm Architecture Reference Manual (MIDR_EL1) and the manuals of the cores; the kernel
/// keeps most of these numbers in arch/arm64/include/asm/cputype.h.
enum ARMNames {
  /// The name of cores; several, joined by ` + `, when they differ. Nil without the fields.
  static func model(_ info: CPUInfo) -> String? {
    guard let implementer = info.first["CPU implementer"].flatMap(number),
      let first = info.first["CPU part"]
    else { return nil }
    let parts = info.differing["CPU part"] ?? [first]
    let makers = info.differing["CPU implementer"]?.compactMap(number) ?? [implementer]
    // Cores of two makers in one machine: which part is whose is not kept.
    guard makers.count == 1 else { return nil }
    let names = parts.map { part in
      number(part).flatMap { name(implementer, $0) } ?? unnamed(implementer, part)
    }
    return names.joined(separator: " + ")
  }

  /// Whether a model is the name of ARM cores, as `model` gives it.
  static func isOne(_ model: String) -> Bool {
    model.split(separator: " + ").map(String.init).allSatisfy { name in
      cores.values.contains(name) || name.contains(" part 0x")
    }
  }

  private static func number(_ text: String) -> UInt64? {
    ASCII.hexadecimal(Array(text.utf8)[...])
  }

  private static func unnamed(_ implementer: UInt64, _ part: String) -> String {
    let maker = makers[implementer] ?? "implementer 0x\(String(implementer, radix: 16))"
    return "\(maker) part \(part)"
  }

  private static func name(_ implementer: UInt64, _ part: UInt64) -> String? {
    cores[(implementer << 16) | part]
  }

  private static let makers: [UInt64: String] = [
    0x41: "ARM", 0x42: "Broadcom", 0x43: "Cavium", 0x46: "Fujitsu", 0x48: "HiSilicon",
    0x4e: "NVIDIA", 0x50: "Applied Micro", 0x51: "Qualcomm", 0x61: "Apple", 0x6d: "Microsoft",
    0x70: "Phytium", 0xc0: "Ampere",
  ]

  /// By implementer and part.
  private static let cores: [UInt64: String] = [
    0x41_d03: "Cortex-A53", 0x41_d04: "Cortex-A35", 0x41_d05: "Cortex-A55",
    0x41_d07: "Cortex-A57", 0x41_d08: "Cortex-A72", 0x41_d09: "Cortex-A73",
    0x41_d0a: "Cortex-A75", 0x41_d0b: "Cortex-A76", 0x41_d0c: "Neoverse N1",
    0x41_d0d: "Cortex-A77", 0x41_d40: "Neoverse V1", 0x41_d41: "Cortex-A78",
    0x41_d42: "Cortex-A78AE", 0x41_d44: "Cortex-X1", 0x41_d46: "Cortex-A510",
    0x41_d47: "Cortex-A710", 0x41_d48: "Cortex-X2", 0x41_d49: "Neoverse N2",
    0x41_d4a: "Neoverse E1", 0x41_d4b: "Cortex-A78C", 0x41_d4d: "Cortex-A715",
    0x41_d4e: "Cortex-X3", 0x41_d4f: "Neoverse V2", 0x41_d80: "Cortex-A520",
    0x41_d81: "Cortex-A720", 0x41_d82: "Cortex-X4", 0x41_d83: "Neoverse V3AE",
    0x41_d84: "Neoverse V3", 0x41_d85: "Cortex-X925", 0x41_d87: "Cortex-A725",
    0x41_d88: "Cortex-A520AE", 0x41_d89: "Cortex-A720AE", 0x41_d8e: "Neoverse N3",
    0x42_516: "ThunderX2", 0x43_0a1: "ThunderX", 0x43_0af: "ThunderX2", 0x43_0b8: "ThunderX3",
    0x46_001: "A64FX", 0x46_003: "MONAKA", 0x48_d01: "Kunpeng 920", 0x48_d02: "Kunpeng 920B",
    0x4e_003: "Denver 2", 0x4e_004: "Carmel", 0x4e_010: "Olympus", 0x51_001: "Oryon",
    0x51_c00: "Falkor", 0x6d_d49: "Azure Cobalt 100", 0xc0_ac3: "Ampere-1",
    0xc0_ac4: "Ampere-1a",
  ].reduce(into: [:]) { $0[key($1.key)] = $1.value }

  /// `0x41_d03`, written as maker and three digits of the part, as a key.
  private static func key(_ written: UInt64) -> UInt64 {
    (written >> 12) << 16 | (written & 0xfff)
  }
}

internal import KernelTree

/// Memory modules as the firmware describes them: SMBIOS type 17.
enum MemoryModuleReader {
  private static let table = "/sys/firmware/dmi/tables/DMI"
  private static let entries = "/sys/firmware/dmi/entries"

  /// The modules and empty sockets, in the order of the table. Root only.
  static func read(
    _ tree: KernelTree, includeSerials: Bool, _ reader: inout FactReader
  ) -> [MemoryModule] {
    let bytes: [UInt8]
    do throws(ReadFailure) {
      bytes = try tree.bytes(table, sensitivity: .smbios)
    } catch {
      if error.cause == .notFound {
        return readEntries(tree, includeSerials: includeSerials, &reader)
      }
      reader.note("modules", error)
      return []
    }
    let (structures, isComplete) = SMBIOS.structures(bytes)
    if !isComplete {
      // Sockets behind the damage are not known: the list would be too short.
      reader.note("modules", path: table, unknown: "damaged: a structure leads out of the table")
      return []
    }
    reader.note("modules", source: table)
    return checked(modules(structures, includeSerials: includeSerials), table, &reader)
  }

  /// The modules, without rates that no memory has.
  private static func checked(
    _ modules: [MemoryModule], _ path: String, _ reader: inout FactReader
  ) -> [MemoryModule] {
    modules.map { module in
      var module = module
      func rate(_ value: Int?, _ fact: String) -> Int? {
        guard let value else { return nil }
        return reader.accept(
          .transferRate, Double(value), raw: "\(value)",
          "modules.\(module.locator ?? "?").\(fact)", path: path
        ).map { Int($0) }
      }
      module.ratedMegatransfersPerSecond = rate(
        module.ratedMegatransfersPerSecond, "ratedMegatransfersPerSecond")
      module.configuredMegatransfersPerSecond = rate(
        module.configuredMegatransfersPerSecond, "configuredMegatransfersPerSecond")
      return module
    }
  }

  /// Older kernels and recordings have one file for each structure (module dmi-sysfs).
  private static func readEntries(
    _ tree: KernelTree, includeSerials: Bool, _ reader: inout FactReader
  ) -> [MemoryModule] {
    let names: [String]
    do throws(ReadFailure) {
      names = try tree.names(entries).filter { $0.hasPrefix("17-") || $0.hasPrefix("16-") }
    } catch {
      reader.note("modules", error)
      return []
    }
    var found: [SMBIOS.Structure] = []
    for name in names {
      let path = "\(entries)/\(name)/raw"
      do throws(ReadFailure) {
        let (structures, isComplete) = SMBIOS.structures(
          try tree.bytes(path, sensitivity: .smbios))
        if let structure = structures.first, isComplete {
          found.append(structure)
          continue
        }
        reader.note("modules", path: path, unknown: "damaged")
      } catch {
        reader.note("modules", error, expected: true)
      }
      return []
    }
    if !found.isEmpty { reader.note("modules", source: entries) }
    return checked(modules(found, includeSerials: includeSerials), entries, &reader)
  }

  /// The memory devices among the structures of a table, in its order. A structure too short to
  /// say whether there is a module says nothing: SMBIOS has had that field since type 17 exists.
  static func modules(
    _ structures: [SMBIOS.Structure], includeSerials: Bool
  ) -> [MemoryModule] {
    // Type 16 says what an array of sockets is for: video memory (4), flash (5), NVRAM (6) and
    // cache (7) are no main memory.
    var foreign: Set<UInt16> = []
    for structure in structures where structure.type == 16 {
      if let use = structure.byte(0x05), (4...7).contains(use) { foreign.insert(structure.handle) }
    }
    return structures.compactMap { structure in
      guard structure.type == 17 else { return nil }
      if let array = structure.number(0x04, width: 2), foreign.contains(UInt16(array)) {
        return nil
      }
      return module(structure, includeSerials: includeSerials)
    }
  }

  /// One memory device. Nil when the structure is too short to say whether there is a module.
  static func module(
    _ structure: SMBIOS.Structure, includeSerials: Bool
  ) -> MemoryModule? {
    guard let size = structure.number(0x0c, width: 2) else { return nil }
    var module = MemoryModule(isPopulated: size != 0)
    module.locator = structure.text(0x10)
    module.bank = structure.text(0x11)
    guard size != 0 else { return module }
    module.sizeBytes = sizeBytes(size, structure)
    module.type = structure.byte(0x12).flatMap { types[$0] }
    module.ratedMegatransfersPerSecond = speed(0x15, extended: 0x54, structure)
    module.configuredMegatransfersPerSecond = speed(0x20, extended: 0x58, structure)
    module.manufacturer = structure.text(0x17)
    module.partNumber = structure.text(0x1a)
    if includeSerials { module.serial = structure.text(0x18) }
    return module
  }

  /// The size field: MiB, or KiB with bit 15 set; all ones is unknown, 0x7fff refers to the
  /// extended field, in MiB.
  private static func sizeBytes(_ size: UInt64, _ structure: SMBIOS.Structure) -> Int? {
    switch size {
    case 0xffff: return nil
    case 0x7fff:
      guard let extended = structure.number(0x1c, width: 4) else { return nil }
      let mebibytes = extended & 0x7fff_ffff
      return mebibytes == 0 ? nil : Int(mebibytes) << 20
    default:
      let number = Int(size & 0x7fff)
      if number == 0 { return nil }
      return size & 0x8000 != 0 ? number << 10 : number << 20
    }
  }

  /// A speed field: 0 is unknown, all ones refers to the extended field.
  private static func speed(
    _ offset: Int, extended: Int, _ structure: SMBIOS.Structure
  ) -> Int? {
    guard let value = structure.number(offset, width: 2), value != 0 else { return nil }
    if value != 0xffff { return Int(value) }
    guard let more = structure.number(extended, width: 4), more & 0x7fff_ffff != 0
    else { return nil }
    return Int(more & 0x7fff_ffff)
  }

  /// Memory types of DSP0134 table 78 that name something; 1 is "other" and 2 "unknown".
  private static let types: [UInt8: String] = [
    0x03: "DRAM", 0x04: "EDRAM", 0x05: "VRAM", 0x06: "SRAM", 0x07: "RAM", 0x08: "ROM",
    0x09: "Flash", 0x0a: "EEPROM", 0x0b: "FEPROM", 0x0c: "EPROM", 0x0d: "CDRAM", 0x0e: "3DRAM",
    0x0f: "SDRAM", 0x10: "SGRAM", 0x11: "RDRAM", 0x12: "DDR", 0x13: "DDR2",
    0x14: "DDR2 FB-DIMM", 0x18: "DDR3", 0x19: "FBD2", 0x1a: "DDR4", 0x1b: "LPDDR",
    0x1c: "LPDDR2", 0x1d: "LPDDR3", 0x1e: "LPDDR4", 0x1f: "Logical non-volatile device",
    0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5", 0x24: "HBM3",
  ]
}

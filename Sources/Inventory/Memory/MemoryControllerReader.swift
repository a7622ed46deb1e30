internal import KernelTree

/// Memory error counters (EDAC), from `/sys/devices/system/edac/mc`.
enum MemoryControllerReader {
  private static let base = "/sys/devices/system/edac/mc"

  /// The controllers with counters. None where no EDAC driver is loaded: the errors of such a
  /// machine are not counted, which is not the same as none.
  static func read(_ tree: KernelTree, _ memory: inout FactReader) -> [MemoryController] {
    let names: [String]
    do throws(ReadFailure) { names = try tree.names(base) } catch {
      memory.note("controllers", error)
      return []
    }
    return names.filter { isNumbered($0, "mc") }.map { name in
      readController(tree, name, &memory)
    }
  }

  private static func readController(
    _ tree: KernelTree, _ name: String, _ memory: inout FactReader
  ) -> MemoryController {
    var controller = MemoryController(name: name)
    var reader = FactReader(
      tree, base: "\(base)/\(name)", recordSources: memory.sources != nil)
    controller.model = reader.text("model", "mc_name")
    controller.sizeBytes = reader.count("sizeBytes", "size_mb", times: 1 << 20)
    controller.correctedErrors = reader.counter("correctedErrors", "ce_count")
    controller.uncorrectedErrors = reader.counter("uncorrectedErrors", "ue_count")
    controller.secondsSinceReset = reader.count("secondsSinceReset", "seconds_since_reset")
    do throws(ReadFailure) {
      let names = try tree.names(reader.base)
      controller.modules = names.filter { isNumbered($0, "dimm") || isNumbered($0, "rank") }
        .map { readModule($0, &reader) }
    } catch {
      reader.note("modules", error)
    }
    controller.unknown = reader.unknown
    memory.adoptSources(of: reader, as: "controllers.\(name)")
    return controller
  }

  private static func readModule(
    _ name: String, _ reader: inout FactReader
  ) -> MemoryController.Module {
    var module = MemoryController.Module(name: name)
    let fact = "modules.\(name)"
    module.label = reader.text(fact + ".label", name + "/dimm_label")
    module.sizeBytes = reader.count(fact + ".sizeBytes", name + "/size", times: 1 << 20)
    module.correctedErrors = reader.counter(
      fact + ".correctedErrors", name + "/dimm_ce_count")
    module.uncorrectedErrors = reader.counter(
      fact + ".uncorrectedErrors", name + "/dimm_ue_count")
    return module
  }

  /// Whether a name is a stem and a number.
  private static func isNumbered(_ name: String, _ stem: String) -> Bool {
    name.hasPrefix(stem) && name.utf8.count > stem.utf8.count
      && name.utf8.dropFirst(stem.utf8.count).allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }
}

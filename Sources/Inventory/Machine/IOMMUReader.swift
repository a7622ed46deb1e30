internal import KernelTree

/// The IOMMU, judged by what the kernel set up and not by the command line.
enum IOMMUReader {
  private static let unitsFolder = "/sys/class/iommu"
  private static let groupsFolder = IOMMUGroupTypes.folder

  static func read(
    _ tree: KernelTree, _ cache: inout IOMMUGroupTypes, _ reader: inout FactReader
  ) -> IOMMU {
    var iommu = IOMMU()
    do throws(ReadFailure) {
      iommu.units = try tree.names(unitsFolder)
      reader.note("iommu.units", source: unitsFolder)
    } catch {
      reader.note("iommu.units", error)
    }
    let groups: [String]
    do throws(ReadFailure) {
      groups = try tree.names(groupsFolder)
    } catch {
      // Every kernel that knows IOMMUs has the folder, so its absence shows nothing.
      let reason =
        error.cause == .notFound
        ? "no such folder: a kernel without IOMMU support, or not in the recording" : error.reason
      reader.note("iommu.mode", path: groupsFolder, unknown: reason)
      return iommu
    }
    if groups.isEmpty {
      if iommu.units.isEmpty {
        iommu.mode = .off
        reader.note("iommu.mode", source: groupsFolder)
      } else {
        reader.note(
          "iommu.mode", path: groupsFolder, unknown: "there are IOMMU units but no groups")
      }
      return iommu
    }
    guard let types = types(tree, of: groups, &cache, &reader) else { return iommu }
    iommu.groupTypes = types
    iommu.mode = mode(types)
    if iommu.mode == nil {
      let list = types.keys.sorted().joined(separator: ", ")
      reader.note("iommu.mode", path: groupsFolder + "/*/type", unknown: "group types: \(list)")
    } else {
      reader.note("iommu.mode", source: groupsFolder + "/*/type")
      reader.note("iommu.groupTypes", source: groupsFolder + "/*/type")
    }
    return iommu
  }

  /// How many groups there are of each type. Nil when one of them could not be read: the mode is
  /// a statement about all.
  private static func types(
    _ tree: KernelTree, of groups: [String], _ cache: inout IOMMUGroupTypes,
    _ reader: inout FactReader
  ) -> [String: Int]? {
    var failures = GroupedFailures(prefix: groupsFolder + "/")
    var types: [String: Int] = [:]
    for name in groups {
      guard let number = Int(name) else { continue }
      switch cache.type(of: number, tree) {
      case .value(let type): types[type, default: 0] += 1
      case .failed(let reason): failures.add(number, "type", reason)
      case .missing:
        // The kernel has the file since 4.14; a group whose folder is gone went with its device.
        if tree.exists("\(groupsFolder)/\(name)") { failures.add(number, "type", "no such file") }
      }
    }
    failures.note("iommu.mode", in: &reader)
    return failures.isEmpty && !types.isEmpty ? types : nil
  }

  /// The mode that group types amount to. A group that a user program holds (`unmanaged`) or that
  /// is cut off (`blocked`) is not untranslated. Nil for types this kernel invented.
  static func mode(_ types: [String: Int]) -> IOMMU.Mode? {
    let guarded: Set<String> = ["DMA", "DMA-FQ", "unmanaged", "blocked"]
    guard !types.isEmpty,
      types.keys.allSatisfy({ $0 == "identity" || guarded.contains($0) })
    else { return nil }
    if types["identity"] == nil { return .translated }
    return types.count == 1 ? .passthrough : .mixed
  }
}

/// Types of IOMMU groups: the machine's mode and each function's need them.
struct IOMMUGroupTypes {
  static let folder = "/sys/kernel/iommu_groups"
  private var known: [Int: AttributeReading<String>] = [:]

  /// The file with a group's type.
  static func path(_ group: Int) -> String { "\(folder)/\(group)/type" }

  /// The type of a group: `identity`, `DMA`, ...
  mutating func type(of group: Int, _ tree: KernelTree) -> AttributeReading<String> {
    if let type = known[group] { return type }
    let type = tree.attribute(IOMMUGroupTypes.path(group), AttributeText.word)
    known[group] = type
    return type
  }
}

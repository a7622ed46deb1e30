internal import Base
internal import KernelTree

/// Which controllers are paths to one drive: those of one NVM subsystem (NVM Express Base
/// Specification, multi-path I/O). A drive with two ports shows two controllers and one namespace.
enum NVMeSubsystems {
  private static let folder = "/sys/class/nvme-subsystem"

  /// Gives each controller its subsystem, and all but the first of each the first's name.
  static func assign(_ controllers: inout [NVMeController], _ tree: KernelTree) {
    var names: [String: String] = [:]
    for subsystem in tree.namesIfPresent(folder) {
      for entry in tree.namesIfPresent("\(folder)/\(subsystem)") { names[entry] = subsystem }
    }
    for index in controllers.indices {
      controllers[index].subsystem =
        names[controllers[index].name] ?? ofNamespaces(controllers[index], tree)
    }
    var first: [String: Int] = [:]
    for index in controllers.indices {
      guard let subsystem = controllers[index].subsystem else { continue }
      guard let main = first[subsystem] else {
        first[subsystem] = index
        continue
      }
      // Two controllers of a subsystem with a namespace each are listed as two drives.
      let own = Set(controllers[index].namespaces.map(\.name))
      let others = Set(controllers[main].namespaces.map(\.name))
      if own.isEmpty || others.isEmpty || !own.isDisjoint(with: others) {
        controllers[index].pathOf = controllers[main].name
      }
    }
  }

  /// The subsystem that a shared namespace lies in: with native multipath the block device is the
  /// subsystem's and not a controller's.
  private static func ofNamespaces(_ controller: NVMeController, _ tree: KernelTree) -> String? {
    for namespace in controller.namespaces {
      guard let path = try? tree.realPath("/sys/block/\(namespace.name)") else { continue }
      let parts = path.split(separator: "/")
      if let name = parts.first(where: { isSubsystem($0) }) { return String(name) }
    }
    return nil
  }

  /// `nvme-subsys0`, and not the folder `nvme-subsystem`.
  private static func isSubsystem(_ name: Substring) -> Bool {
    let prefix = "nvme-subsys"
    return name.hasPrefix(prefix) && Int(name.dropFirst(prefix.count)) != nil
  }
}

extension Inventory {
  /// One controller for each drive: further paths to a drive are left out.
  public var drives: [NVMeController] { nvme.filter { $0.pathOf == nil } }

  /// The further paths to a drive.
  package func paths(to drive: NVMeController) -> [NVMeController] {
    nvme.filter { $0.pathOf == drive.name }
  }
}

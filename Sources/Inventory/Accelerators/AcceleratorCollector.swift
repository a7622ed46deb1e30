internal import Base
internal import KernelTree

/// Finds the accelerators other than GPUs among the PCI functions, and what their drivers made.
enum AcceleratorCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let kinds = FunctionKind.kinds(of: inventory.pci)
    inventory.accelerators = inventory.pci
      .filter { kinds[$0.address] == .accelerator }
      .map { read($0, context) }
      .sorted { $0.address < $1.address }
  }

  private static func read(_ function: PCIFunction, _ context: CollectionContext) -> Accelerator {
    var reader = context.reader("/sys/bus/pci/devices/\(function.address)")
    var accelerator = Accelerator(address: function.address)
    accelerator.driver = function.driver
    accelerator.numaNode = function.locality.numaNode
    for (fact, path) in function.sources ?? [:] where ["driver", "numaNode"].contains(fact) {
      reader.note(fact, source: path)
    }
    accelerator.name = function.identity.deviceName
    accelerator.maker =
      function.identity.vendorName ?? function.driver.flatMap(AcceleratorDrivers.maker)
    if let driver = function.driver {
      let module = driver.split(separator: "-").joined(separator: "_")
      accelerator.driverVersion = reader.text("driverVersion", "/sys/module/\(module)/version")
    }
    do throws(ReadFailure) {
      accelerator.deviceNodes = try nodes(try reader.tree.names(reader.base), &reader)
    } catch {
      reader.note("deviceNodes", error)
    }
    accelerator.unknown = reader.unknown
    accelerator.sources = reader.sources
    return accelerator
  }

  /// Folders of a device in which classes of accelerators put their nodes. `accel` is the kernel's
  /// own (Documentation/accel/introduction.rst); XRT makes DRM nodes; the others have a class each.
  private static let classes = [
    "accel", "drm", "habanalabs", "tenstorrent", "neuron_device", "apex",
  ]

  private static func nodes(
    _ names: [String], _ reader: inout FactReader
  ) throws(ReadFailure) -> [String] {
    var found: [String] = []
    for folder in classes where names.contains(folder) {
      let path = reader.path(folder)
      let nodes = try reader.tree.names(path)
      reader.note("deviceNodes", source: path)
      for name in nodes {
        switch folder {
        case "accel" where name.hasPrefix("accel"): found.append("/dev/accel/\(name)")
        case "drm" where name.hasPrefix("renderD"): found.append("/dev/dri/\(name)")
        case "accel", "drm": break
        // sysfs writes `!` for the `/` of a node in a folder: `tenstorrent!0`.
        default: found.append("/dev/" + name.split(separator: "!").joined(separator: "/"))
        }
      }
    }
    return found
  }
}

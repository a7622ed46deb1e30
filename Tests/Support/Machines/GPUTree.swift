import Base
package import Inventory
package import KernelTree

/// A tree and the PCI functions in it, for the GPU collector alone.
package struct GPUTree {
  package var tree = MemoryTreeBuilder()
  package var functions: [PCIFunction] = []
  package var options = CollectionOptions(recordSources: true)

  package init() {}

  /// A function as the PCI collector leaves it.
  package mutating func add(
    _ address: String, vendor: UInt16?, device: UInt16 = 0x744c, classCode: UInt32 = 0x030000,
    driver: String? = nil, bars: [(Int, UInt64)] = [], name: String? = nil
  ) {
    guard let parsed = PCIAddress(address) else { fatalError("bad address in a test: \(address)") }
    var function = PCIFunction(address: parsed)
    function.identity.vendorID = vendor
    function.identity.deviceID = device
    function.identity.classCode = classCode
    function.identity.deviceName = name
    function.driver = driver
    function.bars = bars.map {
      MadeUp.bar($0.1, index: $0.0)
    }
    functions.append(function)
    tree.directory("/sys/bus/pci/devices/\(address)")
  }

  /// A file in a function's folder.
  package mutating func file(_ address: String, _ name: String, _ text: String) {
    tree.file("/sys/bus/pci/devices/\(address)/\(name)", text)
  }

  /// A file that fails.
  package mutating func failing(_ address: String, _ name: String, _ cause: ReadFailure.Cause) {
    tree.set("/sys/bus/pci/devices/\(address)/\(name)", .failing(cause, kind: .file))
  }

  /// A node of KFD.
  package mutating func kfdNode(
    _ node: Int, gpuID: Int, location: Int = 0, domain: Int = 0, target: Int = 110000,
    minor: Int = 0, banks: [(heap: Int, bytes: Int)] = [],
    links: [(list: String, to: Int, flags: Int)] = []
  ) {
    let base = "/sys/class/kfd/kfd/topology/nodes/\(node)"
    tree.file(base + "/gpu_id", "\(gpuID)")
    tree.file(
      base + "/properties",
      """
      cpu_cores_count \(gpuID == 0 ? 32 : 0)
      simd_count \(gpuID == 0 ? 0 : 192)
      simd_per_cu 2
      gfx_target_version \(target)
      location_id \(location)
      domain \(domain)
      drm_render_minor \(minor)
      hive_id 18446744073709551615
      """)
    for (index, bank) in banks.enumerated() {
      tree.file(
        base + "/mem_banks/\(index)/properties",
        "heap_type \(bank.heap)\nsize_in_bytes \(bank.bytes)\nflags 0")
    }
    for (index, link) in links.enumerated() {
      tree.file(
        base + "/\(link.list)_links/\(index)/properties",
        "type 2\nnode_from \(node)\nnode_to \(link.to)\nweight 40\nflags \(link.flags)")
    }
  }
}

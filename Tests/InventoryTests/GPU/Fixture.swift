import Base
import Glibc
import KernelTree

@testable import Inventory

/// A tree and the PCI functions in it, for the GPU collector alone.
struct GPUFixture {
  var tree = MemoryTreeBuilder()
  var functions: [PCIFunction] = []
  var options = CollectionOptions(recordSources: true)

  /// A function as the PCI collector leaves it.
  mutating func add(
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
      PCIBar(
        index: $0.0, sizeBytes: $0.1, kind: .memory, isPrefetchable: true, is64Bit: true,
        isAssigned: true)
    }
    functions.append(function)
    tree.directory("/sys/bus/pci/devices/\(address)")
  }

  /// A file in a function's folder.
  mutating func file(_ address: String, _ name: String, _ text: String) {
    tree.file("/sys/bus/pci/devices/\(address)/\(name)", text)
  }

  /// A file that fails.
  mutating func failing(_ address: String, _ name: String, _ cause: ReadFailure.Cause) {
    tree.set("/sys/bus/pci/devices/\(address)/\(name)", .failing(cause, kind: .file))
  }

  /// A node of KFD.
  mutating func kfdNode(
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

  /// Runs the collector.
  func collect() -> Inventory {
    var inventory = Inventory(origin: "test")
    inventory.pci = functions
    var context = CollectionContext(tree: tree.tree(), options: options)
    GPUCollector.collect(into: &inventory, &context)
    return inventory
  }
}

extension GPU {
  /// Why a fact is unknown; nil when it is not said to be.
  func reason(_ fact: String) -> String? { unknown.first { $0.fact == fact }?.reason }
}

/// A stand-in library compiled for a test: see Tests/Stubs.
func stub(_ name: String, _ flags: String = "") throws -> String {
  var folder = Array("/tmp/tinybox-stub-XXXXXX".utf8CString)
  struct Failed: Error { var step: String }
  guard mkdtemp(&folder) != nil else { throw Failed(step: "mkdtemp") }
  let path = String(decoding: folder.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let library = "\(path)/\(name).so"
  let command = "cc -shared -fPIC \(flags) -o '\(library)' '/\(here)/Stubs/\(name).c'"
  guard system(command) == 0 else { throw Failed(step: command) }
  return library
}

import Inventory
import KernelTree

/// A small box in which one file is what the fuzzer says: a collector meets it as it would live.
enum FuzzBox {
  /// Runs every collector over the box with `bytes` at `path`.
  static func collect(_ path: String, _ bytes: [UInt8]) {
    var builder = base
    builder.file(path, bytes: bytes)
    _ = InventoryReader.read(builder.tree(), options: CollectionOptions(includeSerials: true))
  }

  /// A type 0 header, a PCIe capability at 0x40, AER at 0x100 and a serial number behind it.
  static let config: [UInt8] = {
    var space = [UInt8](repeating: 0, count: 512)
    let pieces: [Int: [UInt8]] = [
      0x00: [0x02, 0x10, 0xbf, 0x73, 7, 4, 0x10, 0], 0x08: [0, 0, 0, 3], 0x34: [0x40],
      0x40: [0x10, 0x50, 2, 0], 0x4c: [4, 0x0d, 0x40, 0], 0x52: [0x43, 0x10],
      0x50: [0x11, 0, 2, 0],
      0x100: [1, 0, 0x81, 0x14], 0x148: [3, 0, 1, 0x16, 1, 2, 3], 0x160: [0x0d, 0, 1, 0],
    ]
    for (offset, bytes) in pieces {
      space.replaceSubrange(offset..<offset + bytes.count, with: bytes)
    }
    return space
  }()

  private static let base: MemoryTreeBuilder = {
    var builder = MemoryTreeBuilder()
    let port = "/sys/devices/pci0000:00/0000:00:01.0"
    let device = port + "/0000:01:00.0"
    for (folder, type) in [(port, "0x060400"), (device, "0x030000")] {
      builder.file(folder + "/vendor", "0x1002")
      builder.file(folder + "/device", "0x73bf")
      builder.file(folder + "/class", type)
      builder.file(folder + "/numa_node", "0")
      builder.file(folder + "/current_link_speed", "16.0 GT/s PCIe")
      builder.file(folder + "/current_link_width", "16")
      builder.file(folder + "/max_link_speed", "16.0 GT/s PCIe")
      builder.file(folder + "/max_link_width", "16")
      builder.file(folder + "/config", bytes: config)
      let address = String(folder.split(separator: "/").last ?? "")
      builder.link("/sys/bus/pci/devices/" + address, to: String(folder.dropFirst(4)))
      builder.link("/sys/bus/pci/devices/" + address, to: "../../../" + folder.dropFirst(5))
    }
    builder.link(device + "/driver", to: "../../../../bus/pci/drivers/amdgpu")
    builder.directory("/sys/bus/pci/drivers/amdgpu")
    builder.directory(device + "/msi_irqs/24")
    builder.file(device + "/drm/card0/dev", "226:0")
    builder.file(device + "/net/eth0/mtu", "1500")
    builder.link(
      "/sys/class/net/eth0", to: "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/net/eth0")
    builder.file(device + "/nvme/nvme0/model", "X")
    builder.link(
      "/sys/class/nvme/nvme0", to: "../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0")
    builder.file("/sys/devices/system/node/online", "0")
    builder.file("/sys/devices/system/node/node0/cpulist", "0-1")
    builder.file("/sys/devices/system/node/node0/distance", "10")
    builder.file("/sys/devices/system/cpu/online", "0-1")
    builder.file("/sys/devices/system/cpu/possible", "0-1")
    for cpu in 0...1 {
      builder.file("/sys/devices/system/cpu/cpu\(cpu)/topology/physical_package_id", "0")
      builder.file("/sys/devices/system/cpu/cpu\(cpu)/topology/core_id", "\(cpu)")
      builder.file("/sys/devices/system/cpu/cpu\(cpu)/cache/index3/level", "3")
    }
    builder.file("/proc/irq/24/smp_affinity_list", "0-1")
    builder.file("/proc/irq/24/effective_affinity_list", "0")
    builder.file("/sys/class/kfd/kfd/topology/generation_id", "1")
    builder.file("/sys/class/kfd/kfd/topology/nodes/1/gpu_id", "7")
    return builder
  }()
}

/// A target that reaches a parser through the collector that reads the file.
func box(_ path: String, seed: [UInt8]) -> Target {
  Target(seed: seed) { FuzzBox.collect(path, $0) }
}

/// The same with a text.
func box(_ path: String, _ seed: String) -> Target { box(path, seed: Array(seed.utf8)) }

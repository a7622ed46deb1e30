import Base
import Foundation
import Inventory
import KernelTree
import Recordings
import TestSupport
import Testing

@testable import Health

/// Machines this program is not made for: nothing may be made up about them, and nothing that is
/// usual on them is a fault.
@Suite struct OrdinaryMachineTests {
  /// A laptop as an ordinary user sees it: firmware's own choices everywhere, configuration space
  /// cut after 64 bytes. Made up from the kernel's formats, not a recording.
  static func laptop(configBytes: Int = 64) -> KernelTree {
    var tree = MemoryTreeBuilder()
    let files = [
      "/sys/class/dmi/id/chassis_type": "10\n", "/sys/class/dmi/id/sys_vendor": "LENOVO\n",
      "/sys/class/dmi/id/product_name": "21CBCTO1WW\n",
      "/proc/sys/kernel/osrelease": "6.12.41+deb13-amd64\n", "/proc/uptime": "8000.12 30000.00\n",
      "/proc/cpuinfo":
        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 154\nmodel name\t: 12th Gen Intel(R) Core(TM) i7-1260P\nflags\t\t: fpu\n\n",
      "/proc/meminfo": "MemTotal:       15992832 kB\nMemAvailable:    9000000 kB\n",
      "/proc/sys/kernel/numa_balancing": "0\n",
      "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
      "/sys/kernel/mm/transparent_hugepage/defrag": "always defer defer+madvise [madvise] never\n",
      "/sys/devices/system/node/online": "0\n", "/sys/devices/system/node/possible": "0\n",
      "/sys/devices/system/node/node0/cpulist": "0-3\n",
      "/sys/devices/system/node/node0/distance": "10\n",
      "/sys/devices/system/node/node0/meminfo":
        "Node 0 MemTotal:       15992832 kB\nNode 0 MemFree:         4000000 kB\n",
      "/sys/devices/system/cpu/online": "0-3\n", "/sys/devices/system/cpu/possible": "0-3\n",
      "/sys/devices/system/cpu/present": "0-3\n", "/sys/devices/system/cpu/offline": "\n",
      "/sys/devices/system/cpu/smt/active": "1\n",
      "/sys/devices/system/cpu/intel_pstate/status": "active\n",
      "/sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
      "/sys/devices/system/cpu/cpuidle/current_driver": "intel_idle\n",
      "/proc/mounts": "/dev/nvme0n1p2 / ext4 rw,relatime 0 0\n",
      "/proc/interrupts":
        "           CPU0       CPU1       CPU2       CPU3\n 127:  9  0  0  7  PCI-MSI 524288-edge  nvme0q0\n 128:  0  5  0  0  PCI-MSI 333333-edge  iwlwifi\n",
    ]
    for (path, text) in files { tree.file(path, text) }
    for cpu in 0..<4 {
      let base = "/sys/devices/system/cpu/cpu\(cpu)"
      tree.file(base + "/topology/physical_package_id", "0\n")
      tree.file(base + "/topology/core_id", "\(cpu / 2)\n")
      tree.file(base + "/topology/thread_siblings_list", "\(cpu / 2 * 2)-\(cpu / 2 * 2 + 1)\n")
      tree.file(base + "/cpufreq/scaling_driver", "intel_pstate\n")
      tree.file(base + "/cpufreq/scaling_governor", "powersave\n")
      tree.file(base + "/cpufreq/energy_performance_preference", "balance_power\n")
      for (index, state) in [("POLL", 0), ("C1E", 2), ("C10", 680)].enumerated() {
        let folder = base + "/cpuidle/state\(index)"
        tree.file(folder + "/name", state.0 + "\n")
        tree.file(folder + "/latency", "\(state.1)\n")
        tree.file(folder + "/disable", "0\n")
      }
    }
    func function(
      _ address: String, _ path: String, vendor: String, device: String, code: String,
      driver: String, link: String? = nil
    ) {
      let folder = "/sys/devices/\(path)"
      tree.link("/sys/bus/pci/devices/\(address)", to: folder)
      let id = { (text: String) in UInt16(text.dropFirst(2), radix: 16) ?? 0 }
      for (file, text) in [
        "vendor": vendor, "device": device, "class": code, "numa_node": "-1",
        "local_cpulist": "0-3", "power_state": "D0",
        "resource":
          "0x000000603d000000 0x000000603dffffff 0x0000000000140204\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0",
      ] { tree.file("\(folder)/\(file)", text + "\n") }
      if let link {
        for kind in ["current", "max"] {
          tree.file("\(folder)/\(kind)_link_speed", "16.0 GT/s PCIe\n")
          tree.file("\(folder)/\(kind)_link_width", link + "\n")
        }
      }
      var config = [UInt8](repeating: 0, count: configBytes)
      for (offset, word) in [(0, id(vendor)), (2, id(device))] {
        config[offset] = UInt8(word & 0xff)
        config[offset + 1] = UInt8(word >> 8)
      }
      tree.file("\(folder)/config", bytes: config, permissions: 0o644)
      tree.link("\(folder)/driver", to: "/sys/bus/pci/drivers/\(driver)")
    }
    function(
      "0000:00:02.0", "pci0000:00/0000:00:02.0", vendor: "0x8086", device: "0x46a6",
      code: "0x030000", driver: "i915")
    function(
      "0000:00:06.0", "pci0000:00/0000:00:06.0", vendor: "0x8086", device: "0x464d",
      code: "0x060400", driver: "pcieport", link: "4")
    function(
      "0000:01:00.0", "pci0000:00/0000:00:06.0/0000:01:00.0", vendor: "0x144d", device: "0xa80a",
      code: "0x010802", driver: "nvme", link: "4")
    function(
      "0000:00:14.3", "pci0000:00/0000:00:14.3", vendor: "0x8086", device: "0x51f0",
      code: "0x028000", driver: "iwlwifi")
    for (file, text) in [
      "address": "0000:01:00.0", "transport": "pcie", "model": "SAMSUNG MZVL2512HCJQ-00BL7",
      "firmware_rev": "7L2QGXA7", "state": "live", "queue_count": "5",
      "nvme0n1/uevent": "",
    ] { tree.file("/sys/class/nvme/nvme0/\(file)", text + "\n") }
    for (name, path) in [("nvme0n1", "nvme0n1"), ("nvme0n1p2", "nvme0n1/nvme0n1p2")] {
      tree.file("/sys/block/\(path)/size", "1000215216\n")
      tree.directory("/sys/block/\(path)/holders")
      tree.link("/sys/class/block/\(name)", to: "/sys/block/\(path)")
    }
    tree.probe("statvfs/%2F", .success(Array("free 90000000000\ntotal 500000000000\n".utf8)))
    tree.link("/sys/class/net/wlp0s20f3/device", to: "/sys/devices/pci0000:00/0000:00:14.3")
    tree.file("/sys/class/net/wlp0s20f3/operstate", "up\n")
    return tree.tree("laptop")
  }

  private func report(_ tree: KernelTree) -> HealthReport {
    HealthReport(Box(InventoryReader.read(tree, options: CollectionOptions())))
  }

  @Test(arguments: [64, 256, 4096]) func aLaptopIsNoFault(configBytes: Int) {
    let report = report(Self.laptop(configBytes: configBytes))
    let alarms = report.findings.filter { $0.verdict >= .warn }
    #expect(alarms.isEmpty, "\(alarms.map { "\($0.check) \($0.subject ?? ""): \($0.summary)" })")
    #expect(report.count(.pass) > 5, "what can be seen is said: \(report.counts)")
  }

  @Test func aLaptopsLinksAreSeenWithoutConfigurationSpace() {
    let report = report(Self.laptop())
    let widths = report.findings.filter { $0.check == "link-width" && $0.address != nil }
    #expect(widths.first { $0.subject == "nvme0" }?.verdict == .pass)
    for id in ["mps", "mrrs"] {
      let drive = report.findings.first { $0.check == id && $0.subject == "nvme0" }
      #expect(drive?.verdict == .unknown, "\(id) needs bytes that are not there")
    }
  }

  @Test func withoutAnyGPUNothingIsAskedOfOne() {
    var inventory = InventoryReader.read(Self.laptop(), options: CollectionOptions())
    inventory.gpus = []
    inventory.pci.removeAll { $0.address.description == "0000:00:02.0" }
    for index in inventory.collectors.indices where inventory.collectors[index].name == "GPU" {
      inventory.collectors[index].outcome = .nothing
      inventory.collectors[index].note = nil
    }
    let report = HealthReport(Box(inventory), checks: Checks.gpu + [BarSizeCheck.self])
    #expect(report.findings.allSatisfy { $0.verdict == .notApplicable })
  }

  @Test(.enabled(if: !Project.sharedRecordings.isEmpty, "no recordings beside the checkout"))
  func noRecordedMachineFails() throws {
    for recording in Project.sharedRecordings {
      let tree = try RecordingLoader.open(recording.path)
      let failed = report(tree).findings.filter { $0.verdict == .fail }
      #expect(failed.isEmpty, "\(recording.lastPathComponent): \(failed.map(\.summary))")
    }
  }
}

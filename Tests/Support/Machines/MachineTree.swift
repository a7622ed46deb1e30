package import Base
package import KernelTree

/// The files of a made-up machine: its board, processors and memory.
package struct MachineTree {
  package var sockets: Int
  package var nodesPerSocket: Int
  package var domainsPerNode: Int
  package var coresPerDomain: Int
  /// Second threads are numbered behind all first ones, as on real servers: 0 and 8 are siblings.
  package var threads: Int
  package var model = "AMD EPYC 7742 64-Core Processor"
  package var flags = "fpu vme sse"

  package init(
    sockets: Int = 2, nodesPerSocket: Int = 4, domainsPerNode: Int = 1, coresPerDomain: Int = 1,
    threads: Int = 2
  ) {
    self.sockets = sockets
    self.nodesPerSocket = nodesPerSocket
    self.domainsPerNode = domainsPerNode
    self.coresPerDomain = coresPerDomain
    self.threads = threads
  }

  package var coreCount: Int { sockets * nodesPerSocket * domainsPerNode * coresPerDomain }
  package var cpuCount: Int { coreCount * threads }
  package func siblings(_ core: Int) -> NumberSet {
    NumberSet((0..<threads).map { core + $0 * coreCount })
  }
  package func cpus(cores: Range<Int>) -> NumberSet {
    cores.reduce(into: NumberSet()) { $0.formUnion(siblings($1)) }
  }
  package var coresPerNode: Int { domainsPerNode * coresPerDomain }

  package func builder() -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    addMachine(&tree)
    addProcessors(&tree)
    addPower(&tree)
    addMemory(&tree)
    return tree
  }

  private func addMachine(_ tree: inout MemoryTreeBuilder) {
    let dmi = "/sys/class/dmi/id/"
    tree.file(dmi + "sys_vendor", "Supermicro")
    tree.file(dmi + "product_name", "To Be Filled By O.E.M.")
    tree.file(dmi + "product_serial", "S12345X6789")
    tree.file(dmi + "board_vendor", "Supermicro")
    tree.file(dmi + "board_name", "H12DSG-O-CPU")
    tree.file(dmi + "board_version", "1.01A")
    tree.file(dmi + "board_serial", "Default string")
    tree.file(dmi + "bios_vendor", "American Megatrends Inc.")
    tree.file(dmi + "bios_version", "2.4")
    tree.file(dmi + "bios_date", "12/24/2021")
    tree.directory("/sys/firmware/efi")
    tree.file("/sys/firmware/dmi/tables/DMI", bytes: SMBIOSBytes.table)
    tree.file("/sys/bus/platform/devices/ipmi_bmc.0/firmware_revision", "1.74")
    tree.directory("/sys/class/iommu/ivhd0")
    tree.file("/sys/kernel/iommu_groups/0/type", "DMA-FQ")
    tree.file("/sys/kernel/iommu_groups/1/type", "identity")
    tree.file("/proc/sys/kernel/hostname", "box")
    tree.file("/proc/sys/kernel/osrelease", "6.12.0-amd64")
    tree.file("/proc/sys/kernel/tainted", "4096")
    tree.file("/proc/sys/kernel/random/boot_id", "0b4a1a3c-43ba-4d7a-9d71-7c1d7b9b1a11")
    tree.file("/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=UUID=1 ro iommu=pt")
    tree.file("/proc/uptime", "350735.47 234388.90")
    tree.file("/proc/loadavg", "0.20 0.18 0.12 1/80 11206")
    tree.file("/etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"")
    tree.file(
      "/boot/config-6.12.0-amd64",
      "# a comment\nCONFIG_PCI_P2PDMA=y\nCONFIG_HZ=250\n# CONFIG_HSA_AMD_P2P is not set\n"
        + "CONFIG_FOO=y\nCONFIG_HZ_250=y")
  }

  private func addProcessors(_ tree: inout MemoryTreeBuilder) {
    let base = "/sys/devices/system/cpu"
    for file in ["possible", "present", "online"] {
      tree.file("\(base)/\(file)", "0-\(cpuCount - 1)")
    }
    tree.file(base + "/isolated", "")
    tree.file(base + "/nohz_full", "(null)")
    tree.file(base + "/smt/active", "1")
    tree.file(base + "/smt/control", "on")
    var cpuinfo = ""
    for cpu in 0..<cpuCount {
      let core = cpu % coreCount
      let socket = core / (nodesPerSocket * coresPerNode)
      let folder = "\(base)/cpu\(cpu)"
      tree.file(folder + "/topology/physical_package_id", "\(socket)")
      tree.file(folder + "/topology/die_id", "0")
      tree.file(folder + "/topology/core_id", "\(core)")
      tree.file(folder + "/topology/thread_siblings_list", "\(siblings(core))")
      let first = core / coresPerDomain * coresPerDomain
      let sharers = cpus(cores: first..<(first + coresPerDomain))
      for (index, level) in [1, 1, 2, 3].enumerated() {
        let cache = "\(folder)/cache/index\(index)"
        tree.file(cache + "/level", "\(level)")
        tree.file(cache + "/shared_cpu_list", "\(level == 3 ? sharers : siblings(core))")
        tree.file(cache + "/size", level == 3 ? "16384K" : "32K")
      }
      cpuinfo += """
        processor\t: \(cpu)
        vendor_id\t: AuthenticAMD
        cpu family\t: 23
        model\t\t: 49
        model name\t: \(model)
        stepping\t: 0
        microcode\t: 0x830107c
        flags\t\t: \(flags)

        """ + "\n"
    }
    tree.file("/proc/cpuinfo", cpuinfo)
    tree.file("/proc/stat", "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4")
  }

  private func addPower(_ tree: inout MemoryTreeBuilder) {
    let base = "/sys/devices/system/cpu"
    tree.file(base + "/cpufreq/boost", "1")
    tree.file(base + "/amd_pstate/status", "active")
    tree.file(base + "/cpuidle/current_driver", "acpi_idle")
    tree.file(base + "/cpuidle/current_governor", "menu")
    for cpu in 0..<cpuCount {
      let policy = "\(base)/cpufreq/policy\(cpu)"
      tree.file(policy + "/affected_cpus", "\(cpu)")
      tree.file(policy + "/scaling_driver", "amd-pstate-epp")
      tree.file(policy + "/scaling_governor", cpu == 0 ? "performance" : "powersave")
      tree.file(policy + "/energy_performance_preference", "performance")
      tree.file(policy + "/cpuinfo_min_freq", cpu == 1 ? "1400000" : "1500000")
      tree.file(policy + "/cpuinfo_max_freq", "3400000")
      for (index, name) in ["POLL", "C1", "C2"].enumerated() {
        let state = "\(base)/cpu\(cpu)/cpuidle/state\(index)"
        tree.file(state + "/name", name)
        tree.file(state + "/latency", "\(index * 400)")
        tree.file(state + "/disable", index == 2 && cpu == 3 ? "1" : "0")
      }
    }
    tree.file("/sys/class/hwmon/hwmon0/name", "nvme")
    tree.file("/sys/class/hwmon/hwmon0/temp1_input", "30000")
    let chip = "/sys/devices/pci0000:00/0000:00:18.3/hwmon/hwmon1"
    tree.link("/sys/class/hwmon/hwmon1", to: "../../devices/pci0000:00/0000:00:18.3/hwmon/hwmon1")
    tree.link(chip + "/device", to: "../../../0000:00:18.3")
    tree.file(chip + "/name", "k10temp")
    tree.file(chip + "/temp1_input", "41250")
    tree.file(chip + "/temp1_label", "Tctl")
    tree.file(chip + "/temp1_crit", "95000")
  }

  private func addMemory(_ tree: inout MemoryTreeBuilder) {
    let base = "/sys/devices/system/node"
    let count = sockets * nodesPerSocket
    for file in ["possible", "online"] { tree.file("\(base)/\(file)", "0-\(count - 1)") }
    for node in 0..<count {
      let folder = "\(base)/node\(node)"
      let cores = (node * coresPerNode)..<((node + 1) * coresPerNode)
      tree.file(folder + "/cpulist", "\(cpus(cores: cores))")
      tree.file(
        folder + "/meminfo",
        "Node \(node) MemTotal:       65536 kB\nNode \(node) MemFree:  1024 kB\n"
          + "Node \(node) HugePages_Total:     0")
      let row = (0..<count).map { other in
        other == node ? "10" : other / nodesPerSocket == node / nodesPerSocket ? "12" : "32"
      }
      tree.file(folder + "/distance", row.joined(separator: " "))
      tree.file(folder + "/hugepages/hugepages-2048kB/nr_hugepages", "8")
      tree.file(folder + "/hugepages/hugepages-2048kB/free_hugepages", "7")
    }
    tree.file(
      "/proc/meminfo",
      "MemTotal:  524288 kB\nMemFree: 8192 kB\nMemAvailable: 9000 kB\nSwapTotal: 0 kB\n"
        + "SwapFree: 0 kB")
    tree.file("/proc/sys/kernel/numa_balancing", "1")
    tree.file("/proc/sys/vm/zone_reclaim_mode", "0")
    let thp = "/sys/kernel/mm/transparent_hugepage/"
    tree.file(thp + "enabled", "always [madvise] never")
    tree.file(thp + "defrag", "always defer [defer+madvise] madvise never")
    let controller = "/sys/devices/system/edac/mc/mc0"
    tree.file(controller + "/mc_name", "F17h_M30h")
    tree.file(controller + "/size_mb", "512")
    tree.file(controller + "/ce_count", "3")
    tree.file(controller + "/ue_count", "0")
    tree.file(controller + "/seconds_since_reset", "77")
    tree.file(controller + "/dimm0/dimm_label", "mc#0csrow#0channel#0")
    tree.file(controller + "/dimm0/size", "512")
    tree.file(controller + "/dimm0/dimm_ce_count", "3")
    tree.file(controller + "/dimm0/dimm_ue_count", "0")
  }
}

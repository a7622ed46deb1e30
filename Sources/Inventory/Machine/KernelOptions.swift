internal import Base
internal import KernelTree

/// Build options of the kernel that decide what tinybox can do.
enum KernelOptions {
  /// The options kept, without `CONFIG_`.
  static let names = [
    // Peer-to-peer DMA between GPUs, NICs and drives.
    "PCI_P2PDMA", "HSA_AMD", "HSA_AMD_P2P", "HSA_AMD_SVM", "DMABUF_MOVE_NOTIFY", "ZONE_DEVICE",
    "DEVICE_PRIVATE", "MEMORY_HOTPLUG", "MEMORY_HOTREMOVE", "DRM_AMDGPU", "INFINIBAND_PEER_MEM",
    "VFIO_PCI", "PCI_REALLOC_ENABLE_AUTO",
    // Placement.
    "NUMA", "NUMA_BALANCING", "NUMA_BALANCING_DEFAULT_ENABLED", "AMD_NUMA", "X86_64_ACPI_NUMA",
    "ACPI_HMAT", "HMEM_REPORTING", "CPUSETS", "CPU_ISOLATION", "SCHED_SMT", "HUGETLBFS",
    "TRANSPARENT_HUGEPAGE", "TRANSPARENT_HUGEPAGE_ALWAYS", "TRANSPARENT_HUGEPAGE_MADVISE",
    // Links, errors and interrupts.
    "PCIEPORTBUS", "PCIEAER", "PCIE_DPC", "PCIEASPM_DEFAULT", "PCIEASPM_PERFORMANCE",
    "HOTPLUG_PCI_PCIE", "EDAC_AMD64", "GENERIC_IRQ_DEBUGFS", "IRQ_REMAP", "NR_CPUS",
    // IOMMU.
    "AMD_IOMMU", "INTEL_IOMMU", "INTEL_IOMMU_DEFAULT_ON", "IOMMU_DEFAULT_PASSTHROUGH",
    "IOMMU_DEFAULT_DMA_LAZY", "IOMMU_DEFAULT_DMA_STRICT",
    // Ticks, preemption, power.
    "HZ", "NO_HZ_FULL", "PREEMPT", "PREEMPT_NONE", "PREEMPT_VOLUNTARY", "PREEMPT_LAZY",
    "PREEMPT_DYNAMIC", "PREEMPT_RT", "X86_AMD_PSTATE", "AMD_HSMP",
  ]

  private static let wanted = Set(names.map { Array("CONFIG_\($0)".utf8)[...] })

  /// The values of the options in the text of a kernel configuration: what is right of the equals
  /// sign, and `n` for "is not set". An option the text does not name stays out: a kernel of that
  /// version, or with those other options, does not have it.
  static func parse(_ text: [UInt8]) -> [String: String] {
    let comment = Array("# ".utf8)
    let notSet = Array(" is not set".utf8)
    var found: [String: String] = [:]
    var start = text.startIndex
    while start < text.endIndex {
      let end = text[start...].firstIndex(of: 0x0a) ?? text.endIndex
      let line = text[start..<end]
      start = end + 1
      if line.starts(with: comment) {
        guard line.suffix(notSet.count).elementsEqual(notSet) else { continue }
        let name = line.dropFirst(comment.count).dropLast(notSet.count)
        if wanted.contains(name) { found[String(decoding: name, as: UTF8.self)] = "n" }
      } else if let equals = line.firstIndex(of: 0x3d), wanted.contains(line[..<equals]) {
        let value = String(decoding: ASCII.trimmed(line[(equals + 1)...]), as: UTF8.self)
        found[String(decoding: line[..<equals], as: UTF8.self)] = value
      }
    }
    return found
  }

  /// Finds and reads the configuration of the running kernel.
  static func read(
    _ tree: KernelTree, release: String?, _ reader: inout FactReader
  ) -> [String: String]? {
    let fact = "kernel.options"
    // The release becomes part of a path, and must be a plain name.
    if let release, !release.contains("/") {
      for path in ["/boot/config-\(release)", "/usr/lib/modules/\(release)/config"] {
        do throws(ReadFailure) {
          let options = parse(try tree.bytes(path, limit: 4 << 20))
          if options.isEmpty {
            reader.note(fact, path: path, unknown: "names no option of those looked for")
            return nil
          }
          reader.note(fact, source: path)
          return options
        } catch {
          if error.cause == .notFound { continue }
          reader.note(fact, error)
          return nil
        }
      }
    }
    if tree.exists("/proc/config.gz") {
      reader.note(
        fact, path: "/proc/config.gz",
        unknown: "compressed; there is no readable copy in /boot or /usr/lib/modules")
    }
    return nil
  }
}

internal import Base
internal import KernelTree

/// The machine as a whole: the firmware's description of it, kernel, IOMMU, hypervisor or
/// container.
enum MachineCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var machine = Machine()
    var reader = context.reader("")
    let isFull = context.options.parts.contains(.pciDetail)
    readFirmware(&machine, context, &reader)
    readKernel(&machine, &reader)
    machine.operatingSystem = operatingSystem(context.tree, &reader)
    // 250 KB of text that no overview shows.
    if isFull {
      machine.kernel.options = KernelOptions.read(
        context.tree, release: machine.kernel.release, &reader)
      machine.kernel.amdgpuPeerAccess = amdgpuPeerAccess(context.tree, &reader)
      machine.bmcFirmwareVersion = bmcFirmwareVersion(context.tree, &reader)
    }
    machine.iommu = IOMMUReader.read(context.tree, &context.iommuGroupTypes, &reader)
    let cpuInfo = try? context.cpuInfo().get()
    machine.virtualization = virtualization(machine, context.tree, cpuInfo, &reader)
    machine.bootMode = bootMode(context.tree, isX86: cpuInfo?.isX86 == true, &reader)
    machine.unknown = reader.unknown
    machine.sources = reader.sources
    inventory.machine = machine
    let hasAny =
      machine.kernel != Kernel() || machine.systemVendor != nil || machine.virtualization != nil
    inventory.collectors.append(
      CollectorReport(
        name: "Machine",
        outcome: hasAny ? .found : machine.unknown.isEmpty ? .nothing : .failed,
        note: hasAny ? nil : machine.unknown.first.map { "\($0.path): \($0.reason)" }))
  }

  // MARK: - Firmware

  private static func readFirmware(
    _ machine: inout Machine, _ context: CollectionContext, _ reader: inout FactReader
  ) {
    func text(_ fact: String, _ file: String, sensitivity: Sensitivity = .none) -> String? {
      let path = "/sys/class/dmi/id/\(file)"
      guard let text = reader.text(fact, path, sensitivity: sensitivity) else { return nil }
      if !SMBIOS.isPlaceholder(text) { return text }
      reader.forget(fact)
      return nil
    }
    machine.systemVendor = text("systemVendor", "sys_vendor")
    machine.systemProduct = text("systemProduct", "product_name")
    machine.boardVendor = text("boardVendor", "board_vendor")
    machine.boardName = text("boardName", "board_name")
    machine.boardVersion = text("boardVersion", "board_version")
    machine.formFactor = formFactor(&reader)
    machine.biosVendor = text("biosVendor", "bios_vendor")
    machine.biosVersion = text("biosVersion", "bios_version")
    machine.biosDate = text("biosDate", "bios_date")
    if context.options.includeSerials {
      machine.systemSerial = text("systemSerial", "product_serial", sensitivity: .serial)
      machine.boardSerial = text("boardSerial", "board_serial", sensitivity: .serial)
    }
  }

  /// The kind of case (SMBIOS Reference Specification, type 3): a number without a kind of machine,
  /// such as "other" and "unknown", gives none.
  private static func formFactor(_ reader: inout FactReader) -> Machine.FormFactor? {
    let fact = "formFactor"
    guard let code = reader.decimal(fact, "/sys/class/dmi/id/chassis_type") else { return nil }
    switch code {
    // Portable, laptop, notebook, hand held, sub notebook, tablet, convertible, detachable.
    case 8, 9, 10, 11, 14, 30, 31, 32: return .portable
    // Desktop, low profile, pizza box, mini tower, tower; all in one, space-saving, lunch box,
    // sealed-case, mini PC, stick PC.
    case 3, 4, 5, 6, 7, 13, 15, 16, 24, 35, 36: return .desktop
    // Main server, rack mount, multi-system, blade, blade enclosure.
    case 17, 23, 25, 28, 29: return .server
    default:
      reader.forget(fact)
      return nil
    }
  }

  /// The management controller's firmware. The driver asks the controller, which may take its
  /// time: for the full collection only.
  private static func bmcFirmwareVersion(
    _ tree: KernelTree, _ reader: inout FactReader
  ) -> String? {
    let folder = "/sys/bus/platform/devices"
    for name in tree.namesIfPresent(folder) where name.hasPrefix("ipmi_bmc.") {
      let path = "\(folder)/\(name)/firmware_revision"
      if let revision = reader.parsed("bmcFirmwareVersion", path, MachineText.bmcRevision) {
        return revision
      }
    }
    return nil
  }

  /// UEFI leaves a folder. Without it the machine was booted by a BIOS, if the folder above is
  /// the kernel's own: containers see an empty one, and recordings may hold a part.
  private static func bootMode(
    _ tree: KernelTree, isX86: Bool, _ reader: inout FactReader
  ) -> Machine.BootMode? {
    let folder = "/sys/firmware"
    do throws(ReadFailure) {
      let names = try tree.names(folder)
      if names.contains("efi") {
        reader.note("bootMode", source: folder + "/efi")
        return .uefi
      }
      if isX86, names.contains("acpi") || names.contains("memmap") {
        reader.note("bootMode", source: folder)
        return .bios
      }
    } catch {
      reader.note("bootMode", error)
    }
    return nil
  }

  // MARK: - Kernel and system

  private static func readKernel(_ machine: inout Machine, _ reader: inout FactReader) {
    machine.hostName = reader.text(
      "hostName", "/proc/sys/kernel/hostname", sensitivity: .hostName)
    machine.kernel.release = reader.text("kernel.release", "/proc/sys/kernel/osrelease")
    machine.kernel.commandLine = reader.text(
      "kernel.commandLine", "/proc/cmdline", sensitivity: .freeText)
    machine.kernel.tainted = reader.count("kernel.tainted", "/proc/sys/kernel/tainted")
    machine.uptimeSeconds = reader.parsed("uptimeSeconds", "/proc/uptime", MachineText.uptime)
    machine.loadAverages = reader.parsed(
      "loadAverages", "/proc/loadavg", MachineText.loadAverages)
    // Identifies recordings of the same boot, hence of the same machine: a recorder replaces it, so
    // it need not look like a UUID here.
    machine.bootID = reader.parsed(
      "bootID", "/proc/sys/kernel/random/boot_id", sensitivity: .serial, AttributeText.word)
  }

  /// The parameter is compiled in with `CONFIG_HSA_AMD_P2P` only: where amdgpu is loaded without
  /// it, that option is off.
  private static func amdgpuPeerAccess(
    _ tree: KernelTree, _ reader: inout FactReader
  ) -> Kernel.ModuleSwitch? {
    let fact = "kernel.amdgpuPeerAccess"
    let folder = "/sys/module/amdgpu/parameters"
    guard let names = try? tree.names(folder), !names.isEmpty else { return nil }
    if names.contains("pcie_p2p") {
      return reader.flag(fact, folder + "/pcie_p2p").map { $0 ? .on : .off }
    }
    // A recording by another tool may just lack it.
    guard tree.keepsModes else { return nil }
    reader.note(fact, source: folder)
    return .missing
  }

  private static func operatingSystem(
    _ tree: KernelTree, _ reader: inout FactReader
  ) -> String? {
    let fact = "operatingSystem"
    for path in ["/etc/os-release", "/usr/lib/os-release"] {
      do throws(ReadFailure) {
        let text = try tree.bytes(path)
        let name = MachineText.osRelease("PRETTY_NAME", in: text)
        if name != nil { reader.note(fact, source: path) }
        return name
      } catch {
        if error.cause == .notFound { continue }
        reader.note(fact, error)
        return nil
      }
    }
    return nil
  }

  private static func virtualization(
    _ machine: Machine, _ tree: KernelTree, _ cpuInfo: CPUInfo?, _ reader: inout FactReader
  ) -> Virtualization? {
    var finder = VirtualizationFinder()
    finder.cpuInfo = cpuInfo
    finder.hypervisorType = reader.parsed(
      "virtualization", "/sys/hypervisor/type", AttributeText.word)
    finder.systemVendor = machine.systemVendor
    finder.systemProduct = machine.systemProduct
    finder.biosVendor = machine.biosVendor
    finder.boardVendor = machine.boardVendor
    finder.systemdContainer = reader.parsed(
      "virtualization", "/run/systemd/container", AttributeText.word)
    finder.hasDockerFile = tree.exists("/.dockerenv")
    finder.hasPodmanFile = tree.exists("/run/.containerenv")
    finder.signs = ContainerSigns(tree)
    finder.devices = VirtualDevices.find(tree)
    finder.xenCapabilities = tree.textIfPresent("/proc/xen/capabilities")
    finder.xenFeatures = tree.textIfPresent("/sys/hypervisor/properties/features")
      .flatMap { ASCII.hexadecimal(Array($0.utf8)[...]) }
    finder.kernelRelease = machine.kernel.release
    let found = finder.find()
    if let found { reader.note("virtualization", source: found.evidence) }
    return found
  }
}

/// Finds the hypervisor or container engine between this program and the hardware.
struct VirtualizationFinder {
  /// `/proc/cpuinfo`; nil when it could not be read.
  var cpuInfo: CPUInfo?
  /// `/sys/hypervisor/type`.
  var hypervisorType: String?
  /// DMI texts, as the firmware writes them.
  var systemVendor: String?
  var systemProduct: String?
  var biosVendor: String?
  var boardVendor: String?
  /// `/run/systemd/container`, the engine's name.
  var systemdContainer: String?
  /// Whether `/.dockerenv` is there.
  var hasDockerFile = false
  /// Whether `/run/.containerenv` is there.
  var hasPodmanFile = false
  /// What shows a container without any of those.
  var signs = ContainerSigns()
  /// A hypervisor by its PCI devices.
  var devices: (name: String, evidence: String)?
  /// `/proc/xen/capabilities`.
  var xenCapabilities: String?
  /// `/sys/hypervisor/properties/features`, hexadecimal.
  var xenFeatures: UInt64?
  /// `/proc/sys/kernel/osrelease`.
  var kernelRelease: String?

  /// The finding; nil when nothing shows either.
  func find() -> Virtualization? {
    let machine = findMachine()
    if let container = findContainer() {
      // A container in a virtual machine is both: the evidence says so.
      guard let machine, machine.kind == .vm else { return container }
      return Virtualization(
        kind: .container, name: container.name,
        evidence: "\(container.evidence); in a virtual machine: \(machine.evidence)",
        isInVirtualMachine: true)
    }
    return machine
  }

  private func findContainer() -> Virtualization? {
    if let name = systemdContainer {
      return Virtualization(kind: .container, name: name, evidence: "/run/systemd/container")
    }
    if signs.contradictMarkerFile { return signs.found }
    if hasPodmanFile {
      return Virtualization(kind: .container, name: "podman", evidence: "/run/.containerenv")
    }
    if hasDockerFile {
      return Virtualization(kind: .container, name: "docker", evidence: "/.dockerenv")
    }
    return signs.found
  }

  private func findMachine() -> Virtualization? {
    if let dom0 = controlDomain() { return dom0 }
    if hypervisorType == nil, let kernelRelease, isWSL(kernelRelease) {
      return Virtualization(
        kind: .vm, name: "wsl", evidence: "/proc/sys/kernel/osrelease says \(kernelRelease)")
    }
    if let type = hypervisorType {
      return Virtualization(kind: .vm, name: type, evidence: "/sys/hypervisor/type says \(type)")
    }
    let hasFlag = cpuInfo?.hasHypervisorFlag == true
    if let (name, evidence, isSure) = firmwareName(), isSure || hasFlag {
      return Virtualization(kind: .vm, name: name, evidence: evidence)
    }
    if let devices {
      return Virtualization(kind: .vm, name: devices.name, evidence: devices.evidence)
    }
    if hasFlag {
      // `CloudStack KVM Hypervisor`: clouds name their products as they like.
      if let product = systemProduct, product.contains("KVM") {
        return Virtualization(
          kind: .vm, name: "kvm", evidence: "/sys/class/dmi/id/product_name says \(product)")
      }
      return Virtualization(
        kind: .vm, name: nil, evidence: "CPU flag hypervisor in /proc/cpuinfo")
    }
    // Only x86 has a flag whose absence means something.
    guard cpuInfo?.isX86 == true else { return nil }
    return Virtualization(
      kind: .none, name: nil, evidence: "no CPU flag hypervisor in /proc/cpuinfo")
  }

  /// Xen's first domain runs on Xen and has the flag of a guest, but the hardware is its own: it
  /// is the host (Xen: xen/include/public/features.h, XENFEAT_dom0 is bit 11).
  private func controlDomain() -> Virtualization? {
    if xenCapabilities?.contains("control_d") == true {
      return Virtualization(
        kind: .controlDomain, name: "xen", evidence: "/proc/xen/capabilities says control_d")
    }
    if hypervisorType == "xen", let xenFeatures, xenFeatures >> 11 & 1 == 1 {
      return Virtualization(
        kind: .controlDomain, name: "xen",
        evidence: "/sys/hypervisor/properties/features has bit 11")
    }
    return nil
  }

  /// Windows names its kernels `5.15.153.1-microsoft-standard-WSL2`, the first ones `-Microsoft`.
  private func isWSL(_ release: String) -> Bool {
    let release = release.lowercased()
    return release.contains("-microsoft") || release.contains("wsl")
  }

  /// The hypervisor that the firmware's texts name. Clouds sell bare metal under the same vendor
  /// as their guests: those count only with the CPU flag.
  private func firmwareName() -> (name: String, evidence: String, isSure: Bool)? {
    let texts = [
      ("product_name", systemProduct), ("sys_vendor", systemVendor),
      ("board_vendor", boardVendor), ("bios_vendor", biosVendor),
    ]
    for (prefix, name, isSure) in VirtualizationFinder.firmware {
      for case (let file, let text?) in texts where text.hasPrefix(prefix) {
        return (name, "/sys/class/dmi/id/\(file) says \(text)", isSure)
      }
    }
    return nil
  }

  /// Beginnings of DMI texts and the hypervisor they stand for, the most certain first.
  private static let firmware: [(String, String, isSure: Bool)] = [
    ("KVM", "kvm", true), ("QEMU", "qemu", true), ("VMware", "vmware", true),
    ("VMW", "vmware", true), ("VirtualBox", "virtualbox", true),
    ("innotek GmbH", "virtualbox", true), ("Xen", "xen", true), ("Bochs", "bochs", true),
    ("Parallels", "parallels", true), ("BHYVE", "bhyve", true),
    ("Virtual Machine", "hyper-v", true), ("OpenStack", "openstack", true),
    ("Apple Virtualization", "apple", true), ("Google Compute Engine", "google", false),
    ("Google", "google", false), ("Amazon EC2", "amazon", false),
    ("Alibaba Cloud", "alibaba", false), ("Microsoft Corporation", "hyper-v", false),
    ("Oracle Corporation", "oracle", false), ("DigitalOcean", "digitalocean", false),
    ("Hetzner", "hetzner", false),
  ]
}

public import Base

/// The machine as a whole: board, firmware, kernel.
public struct Machine: Codable, Hashable, Sendable {
  /// `/proc/sys/kernel/hostname`.
  public var hostName: String?
  /// `PRETTY_NAME` of `/etc/os-release`.
  public var operatingSystem: String?
  /// System vendor, `/sys/class/dmi/id/sys_vendor`.
  public var systemVendor: String?
  /// System product, `/sys/class/dmi/id/product_name`.
  public var systemProduct: String?
  /// System serial number, root only, and only when serials were asked for.
  public var systemSerial: String?
  /// Board vendor, `/sys/class/dmi/id/board_vendor`.
  public var boardVendor: String?
  /// Board name, `/sys/class/dmi/id/board_name`.
  public var boardName: String?
  /// Board revision, `/sys/class/dmi/id/board_version`.
  public var boardVersion: String?
  /// Board serial number, only when serials were asked for.
  public var boardSerial: String?
  /// The kind of case it is in, as the firmware reports it (`/sys/class/dmi/id/chassis_type`).
  public var formFactor: FormFactor?
  /// BIOS vendor, `/sys/class/dmi/id/bios_vendor`.
  public var biosVendor: String?
  /// BIOS version, `/sys/class/dmi/id/bios_version`.
  public var biosVersion: String?
  /// BIOS date as the firmware writes it (month first), `/sys/class/dmi/id/bios_date`.
  public var biosDate: String?
  /// Firmware revision of the management controller, from the kernel's IPMI driver
  /// (`/sys/bus/platform/devices/ipmi_bmc.*/firmware_revision`), in a full collection only.
  public var bmcFirmwareVersion: String?
  /// The kernel.
  public var kernel = Kernel()
  /// The IOMMU.
  public var iommu = IOMMU()
  /// Whether this is a guest or a container, and of what.
  public var virtualization: Virtualization?
  /// How the machine was booted: `/sys/firmware/efi` exists or not.
  public var bootMode: BootMode?
  /// Seconds since boot, `/proc/uptime`.
  public var uptimeSeconds: Double?
  /// One, five and fifteen minute load averages, `/proc/loadavg`.
  public var loadAverages: [Double]?
  /// Identifies this boot, `/proc/sys/kernel/random/boot_id`.
  public var bootID: String?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// A machine without facts.
  package init() {}

  /// Kinds of cases (SMBIOS type 3).
  public enum FormFactor: String, Codable, Hashable, Sendable { case server, desktop, portable }

  /// Firmware interface the machine was booted through.
  public enum BootMode: String, Codable, Hashable, Sendable { case uefi, bios }
}

extension Machine {
  /// Whether it is a virtual machine, whose hypervisor controls firmware and hardware: also when
  /// the program runs in a container in one.
  public var isGuest: Bool {
    virtualization?.kind == .vm || virtualization?.isInVirtualMachine == true
  }
}

/// The running kernel.
public struct Kernel: Codable, Hashable, Sendable {
  /// Release, `/proc/sys/kernel/osrelease`.
  public var release: String?
  /// Command line, `/proc/cmdline`.
  public var commandLine: String?
  /// Build options that decide what tinybox can do, such as `CONFIG_PCI_P2PDMA`: `y`, `m`, or `n`
  /// for "not set"; an option this kernel does not have is not among them. From
  /// `/boot/config-RELEASE` or `/usr/lib/modules/RELEASE/config`, in a full collection only.
  public var options: [String: String]?
  /// Taint flags, `/proc/sys/kernel/tainted`; 0 is untainted.
  public var tainted: Int?
  /// Whether amdgpu lets GPUs reach each other through their BARs
  /// (`/sys/module/amdgpu/parameters/pcie_p2p`); absent while amdgpu is not loaded, and in an
  /// overview.
  public var amdgpuPeerAccess: ModuleSwitch?

  /// A parameter of a module that is on or off.
  public enum ModuleSwitch: String, Codable, Hashable, Sendable {
    case on, off
    /// The module is loaded and lacks the parameter: it was built without.
    case missing
  }

  /// A kernel without facts.
  package init() {}
}

/// What the IOMMU does to DMA.
public struct IOMMU: Codable, Hashable, Sendable {
  /// How devices' DMA is treated, judged by the groups' `type`, not by the command line.
  public enum Mode: String, Codable, Hashable, Sendable {
    /// No IOMMU is active: off, absent or not enabled in the BIOS.
    case off
    /// All groups `identity`: no translation, interrupt remapping kept.
    case passthrough
    /// All groups `DMA` or `DMA-FQ`: translated.
    case translated
    /// Some of each.
    case mixed
  }
  /// The mode; absent when it is not known.
  public var mode: Mode?
  /// IOMMU units, `/sys/class/iommu/*` (`ivhd0`, `dmar0`).
  public var units: [String] = []
  /// How many groups there are of each type (`identity`, `DMA`, `DMA-FQ`, ...).
  public var groupTypes: [String: Int] = [:]

  /// An IOMMU without facts.
  package init() {}
}

/// The hypervisor or container engine the program runs under.
public struct Virtualization: Codable, Hashable, Sendable {
  /// What the program runs in.
  public enum Kind: String, Codable, Hashable, Sendable {
    case none, vm, container
    /// The domain of a hypervisor that has the hardware (Xen's dom0): the host. Its processors and
    /// its memory are what the hypervisor gives it.
    case controlDomain
  }
  /// The kind.
  public var kind: Kind
  /// Its name where it is known: `kvm`, `qemu`, `podman`, ...
  public var name: String?
  /// What shows it.
  public var evidence: String
  /// Whether a container runs in a virtual machine; absent where that is not known.
  public var isInVirtualMachine: Bool?

  /// A finding with its evidence.
  package init(kind: Kind, name: String?, evidence: String, isInVirtualMachine: Bool? = nil) {
    self.kind = kind
    self.name = name
    self.evidence = evidence
    self.isInVirtualMachine = isInVirtualMachine
  }
}

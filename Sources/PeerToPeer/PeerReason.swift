public import Base
public import Inventory

/// A reason for a verdict on two devices, with its facts.
public enum PeerReason: Hashable, Sendable {
  /// A port sends peer traffic up to the root: ACS control bits, at `register` in its configuration
  /// space (nil when the recording lacks it).
  case redirect(bridge: PCIAddress, register: Int?, bits: [String])
  /// Two root ports: the switch they would need in common is the root complex.
  case noCommonBridge(initiator: String, target: String)
  /// The kernel does not trust this host bridge to pass peer traffic on.
  case hostBridgeNotListed(bus: String, vendor: UInt16, device: UInt16, sameOnly: Bool)
  /// The target shows no memory on the bus.
  case noMemory(target: PCIAddress, kind: PeerDevice.Kind)
  /// The BAR of the target's memory has no address.
  case barUnassigned(gpu: PCIAddress, bar: Int, owner: GPU.WindowOwner = .firmware)
  /// The BAR does not cover the target's memory; it only blocks drivers that map all of it.
  case barSmall(
    gpu: PCIAddress, visibleBytes: Int?, memoryBytes: Int?, blocks: Bool,
    owner: GPU.WindowOwner = .firmware)
  /// The target's BAR ends above what the initiator can address.
  case dmaMask(initiator: PCIAddress, bits: Int, barEnd: UInt64)
  /// The IOMMU translates the initiator's DMA; it only blocks drivers that program raw addresses.
  case iommuTranslated(initiator: PCIAddress, type: String, driver: String?, blocks: Bool)
  /// The IOMMU blocks the initiator's DMA.
  case iommuBlocked(initiator: PCIAddress)
  /// The initiator may send larger packets than something on the way takes.
  case payload(initiator: PCIAddress, bytes: Int, receiver: PCIAddress, receiverBytes: Int)
  /// The kernel was built without an option.
  case kernelOption(String)
  /// amdgpu has it turned off, or was built without: `pcie_p2p`.
  case amdgpuParameter(Kernel.ModuleSwitch)
  case driverRefuses(source: PeerAnswer.Source, read: PeerAnswer.Access?, write: PeerAnswer.Access?)
  /// The driver keeps the target's memory to itself (`p2pmem/published` is 0).
  case notPublished(target: PCIAddress)
  /// The drive is part of an array or mapping, which takes its data apart.
  case layer(drive: String, holder: String, kind: NVMeController.Use.Kind)
  /// No kernel driver is bound to the GPU: a program that drives it from user space maps peers
  /// itself.
  case noKernelDriver(gpu: PCIAddress)
  /// The GPUs have a direct link and do not use PCIe between them. `isInferred` when no driver
  /// reports the link, and it follows from what the driver allows.
  case linked(PeerAnswer.Link, isInferred: Bool)
  /// The two cards are below different Intel I/O hubs, across which NVIDIA's driver offers no
  /// access.
  case ioHubs(initiator: String, target: String)

  /// What it does to the traffic.
  public enum Effect: String, Codable, Hashable, Sendable {
    /// Stops it.
    case blocks
    /// Sends it through the host bridge.
    case redirects
    /// Neither.
    case note
  }

  /// What it does to the traffic.
  public var effect: Effect {
    switch self {
    case .redirect, .noCommonBridge: .redirects
    case .barSmall(_, _, _, let blocks, _), .iommuTranslated(_, _, _, let blocks):
      blocks ? .blocks : .note
    case .payload, .noKernelDriver, .linked: .note
    case .hostBridgeNotListed, .ioHubs, .noMemory, .barUnassigned, .dmaMask, .iommuBlocked,
      .kernelOption,
      .amdgpuParameter, .driverRefuses, .notPublished, .layer:
      .blocks
    }
  }

  /// Its name in JSON and in documents.
  public var kind: String {
    switch self {
    case .redirect: "acsRedirect"
    case .noCommonBridge: "noCommonBridge"
    case .hostBridgeNotListed: "hostBridgeNotListed"
    case .noMemory: "noTargetMemory"
    case .barUnassigned: "barUnassigned"
    case .barSmall: "barSmall"
    case .dmaMask: "dmaMask"
    case .iommuTranslated: "iommuTranslated"
    case .iommuBlocked: "iommuBlocked"
    case .payload: "payloadMismatch"
    case .kernelOption: "kernelConfig"
    case .amdgpuParameter: "moduleParameter"
    case .driverRefuses: "driver"
    case .notPublished: "notPublished"
    case .layer: "raidLayer"
    case .noKernelDriver: "noKernelDriver"
    case .linked(let link, _): link.rawValue
    case .ioHubs: "ioHubs"
    }
  }
}

/// How to remove a reason, and what that costs.
public struct PeerRemedy: Codable, Hashable, Sendable {
  /// The step in words; a BIOS setting by its usual name.
  public var text: String
  /// Argument for the kernel's command line.
  public var kernelArgument: String?
  /// Commands, run as root, for a try until the next boot.
  public var commands: [String]
  /// What it costs: mostly isolation.
  public var cost: String?
  /// Whether it takes effect at the next boot only.
  public var needsReboot: Bool

  init(
    _ text: String, kernelArgument: String? = nil, commands: [String] = [], cost: String? = nil,
    needsReboot: Bool = false
  ) {
    self.text = text
    self.kernelArgument = kernelArgument
    self.commands = commands
    self.cost = cost
    self.needsReboot = needsReboot
  }

  /// For what only the hypervisor can change.
  static let hypervisors = PeerRemedy(
    "on the hypervisor: the bridges that a guest sees are made up; what lies between the cards is "
      + "set on the host")

  /// The remedy for bridges that redirect, all together: the kernel's option takes one list.
  package static func redirects(_ bridges: [PCIAddress]) -> PeerRemedy {
    let list = bridges.map(\.description).joined(separator: ";")
    return PeerRemedy(
      "switch ACS redirection off on these ports: BIOS \"ACS Enable\" (AMD CBS, NBIO), where it "
        + "reaches them, else by the kernel; a boot loader's file needs quotes round the list",
      kernelArgument: "pci=disable_acs_redir=\(list)",
      // Value and mask: only the three bits change.
      commands: bridges.map { "setpci -s \($0) ECAP_ACS+6.w=0:2c" },
      cost: "devices below these ports reach each other unchecked and share an IOMMU group: a "
        + "guest can only get all of them together",
      needsReboot: true)
  }
}

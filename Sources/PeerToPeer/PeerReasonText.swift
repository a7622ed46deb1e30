internal import Base
internal import Inventory

extension PeerReason {
  /// What is wrong, in one line.
  public var text: String {
    switch self {
    case .redirect(let bridge, let register, let bits):
      let place = register.map { ", register 0x" + String($0, radix: 16) } ?? ""
      return "\(bridge.short) redirects: ACS \(bits.joined(separator: " "))\(place)"
    case .noCommonBridge(let initiator, let target):
      return initiator == target
        ? "two root ports of host bridge \(initiator)"
        : "host bridges \(initiator) and \(target)"
    case .hostBridgeNotListed(let bus, let vendor, let device, let sameOnly):
      let id = PeerReason.hex(vendor) + ":" + PeerReason.hex(device)
      return sameOnly
        ? "kernel trusts host bridge \(bus) [\(id)] within itself only"
        : "kernel does not trust host bridge \(bus) [\(id)]"
    case .noMemory(let target, let kind):
      switch kind {
      case .nic: return "a NIC shows no memory to peers (\(target.short))"
      case .nvme: return "drive \(target.short) shows no memory to peers (no usable CMB)"
      case .gpu: return "GPU \(target.short) has no memory of its own"
      }
    case .barUnassigned(let gpu, let bar, _):
      return "BAR \(bar) of GPU \(gpu.short) has no address"
    case .barSmall(let gpu, let visible, let memory, _, _):
      let sizes = visible.flatMap { visible in memory.map { (visible, $0) } }.map {
        " (\($0.0 >> 20) of \($0.1 >> 20) MiB)"
      }
      return "BAR of GPU \(gpu.short) shows a part of its memory\(sizes ?? "")"
    case .dmaMask(let initiator, let bits, let end):
      return
        "\(initiator.short) addresses \(bits) bits, the BAR ends at 0x\(String(end, radix: 16))"
    case .iommuTranslated(let initiator, let type, let driver, let blocks):
      let who = blocks ? "raw addresses of \(driver ?? "a user-space driver") fail" : "kernel maps"
      return "IOMMU translates DMA of \(initiator.short) (\(type)): \(who)"
    case .iommuBlocked(let initiator):
      return "IOMMU blocks \(initiator.short)"
    case .payload(let initiator, let bytes, let receiver, let most):
      return "\(initiator.short) may send \(bytes) B packets, \(receiver.short) takes \(most) B"
    case .kernelOption(let name): return "kernel built without \(name)"
    case .amdgpuParameter(let state):
      return state == .missing
        ? "amdgpu built without CONFIG_HSA_AMD_P2P" : "amdgpu.pcie_p2p is off"
    case .driverRefuses(let source, let read, let write):
      return PeerReason.refusal(source, read, write)
    case .notPublished(let target):
      return "driver of \(target.short) does not share its memory"
    case .layer(let drive, let holder, let kind):
      return "\(drive) is part of \(holder) (\(kind == .raid ? "RAID" : "device mapper"))"
    case .noKernelDriver(let gpu):
      return "GPU \(gpu.short) has no kernel driver: a user-space driver maps peers itself"
    case .linked(let link, let isInferred):
      return "linked by \(link.name)"
        + (isInferred ? ": the driver allows access that it gives these cards only over it" : "")
    case .ioHubs(let initiator, let target):
      return "NVIDIA's driver does not cross Intel's I/O hubs: \(initiator) and \(target)"
    }
  }

  /// The same without the devices it is about, for many pairs at once.
  public var general: String {
    switch self {
    case .redirect: "ACS redirection on the way"
    case .noCommonBridge: "no switch in common: two root ports"
    case .noMemory: "target shows no memory to peers"
    case .barUnassigned: "BAR of the target's memory has no address"
    case .barSmall: "BAR shows a part of the target's memory"
    case .dmaMask: "BAR ends beyond what the initiator addresses"
    case .iommuTranslated(_, _, _, let blocks):
      blocks ? "IOMMU translates: raw addresses fail" : "IOMMU translates; kernel drivers map"
    case .iommuBlocked: "IOMMU blocks the initiator"
    case .payload: "packets larger than a receiver takes"
    case .notPublished: "driver does not share the drive's memory"
    case .layer(_, let holder, let kind):
      "drive is part of \(holder) (\(kind == .raid ? "RAID" : "device mapper"))"
    case .noKernelDriver: "GPU without kernel driver: a user-space driver maps peers itself"
    case .hostBridgeNotListed, .kernelOption, .amdgpuParameter, .driverRefuses, .linked: text
    case .ioHubs: "NVIDIA's driver does not cross Intel's I/O hubs"
    }
  }

  private static func refusal(
    _ source: PeerAnswer.Source, _ read: PeerAnswer.Access?, _ write: PeerAnswer.Access?
  ) -> String {
    if source == .kfd { return "KFD lists no link between them" }
    let name = source == .nvml ? "NVML" : "HSA"
    func word(_ access: PeerAnswer.Access?) -> String {
      switch access {
      case .allowed: "ok"
      case .refused: "never"
      case .chipsetNotSupported: "not with this chipset"
      case .gpuNotSupported: "not with this GPU"
      case .topologyNotSupported: "not with this topology"
      case .disabledByRegistry: "disabled by a registry key"
      case .notSupported: "not supported"
      case nil: "unknown"
      }
    }
    return read == write
      ? "\(name): \(word(read))" : "\(name): read \(word(read)), write \(word(write))"
  }

  /// A guest cannot change this.
  private static let hypervisor = PeerRemedy(
    "on the hypervisor: resize the card's BAR before the guest gets it, and give the guest's "
      + "firmware room for it above 4 GiB",
    needsReboot: true)

  static func hex(_ value: UInt16) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 4 - text.utf8.count) + text
  }

  /// Where the rule comes from.
  public var source: String {
    switch self {
    case .redirect, .noCommonBridge:
      "kernel: drivers/pci/p2pdma.c, calc_map_type_and_dist"
    case .hostBridgeNotListed: "kernel: drivers/pci/p2pdma.c, pci_p2pdma_whitelist"
    case .noMemory: "kernel: drivers/pci/p2pdma.c, drivers/nvme/host/pci.c (CMB)"
    case .barUnassigned, .barSmall, .dmaMask:
      "kernel: amdgpu_device.c, amdgpu_device_is_peer_accessible; "
        + "tinygrad/open-gpu-kernel-modules, README"
    case .iommuTranslated, .iommuBlocked:
      "kernel: Documentation/ABI/testing/sysfs-kernel-iommu_groups; "
        + "tinygrad/open-gpu-kernel-modules, issues"
    case .payload: "PCI Express Base Specification, Max_Payload_Size"
    case .kernelOption: "kernel: drivers/pci/Kconfig, drivers/gpu/drm/amd/amdkfd/Kconfig"
    case .amdgpuParameter: "kernel: amdgpu_drv.c, pcie_p2p"
    case .driverRefuses(let source, _, _):
      switch source {
      case .kfd: "kernel: kfd_topology.c, kfd_add_peer_prop"
      case .hsa: "ROCR-Runtime, hsa_amd_agent_memory_pool_get_info"
      case .nvml: "NVML, nvmlDeviceGetP2PStatus"
      }
    case .notPublished: "kernel: Documentation/ABI/testing/sysfs-bus-pci, p2pmem/published"
    case .layer: "NVIDIA GPUDirect Storage documentation: no software RAID"
    case .noKernelDriver: "tinygrad, docs/developer/am.md"
    case .linked(.xgmi, _): "kernel: kfd_topology.c, io_links of type XGMI"
    case .linked(.nvlink, _): "NVML, nvmlDeviceGetNvLinkState and nvmlDeviceGetP2PStatus"
    case .ioHubs: "NVIDIA/open-gpu-kernel-modules, p2p_caps.c"
    }
  }

  /// What removes it where the machine is a guest and its hypervisor decides; else nil.
  var hypervisorsRemedy: PeerRemedy? {
    switch self {
    case .redirect, .noCommonBridge, .hostBridgeNotListed, .dmaMask, .ioHubs: .hypervisors
    // QEMU, not the chipset that the guest shows, decides which cards of a guest the driver lets
    // reach each other (hw/vfio/pci-quirks.c, x-nv-gpudirect-clique).
    case .driverRefuses(.nvml, .chipsetNotSupported, _),
      .driverRefuses(.nvml, _, .chipsetNotSupported),
      .driverRefuses(.nvml, .topologyNotSupported, _),
      .driverRefuses(.nvml, _, .topologyNotSupported):
      PeerRemedy(
        "on the hypervisor: declare to NVIDIA's driver which cards reach each other (QEMU: "
          + "x-nv-gpudirect-clique of vfio-pci); GeForce cards need patched open kernel modules too",
        cost: "the hypervisor must know that they do", needsReboot: true)
    default: nil
    }
  }

  /// What removes it; nil when nothing does, or nothing has to.
  public var remedy: PeerRemedy? {
    switch self {
    case .redirect(let bridge, _, _): return .redirects([bridge])
    case .noCommonBridge:
      return PeerRemedy("for a direct way, put both cards behind one PCIe switch")
    case .hostBridgeNotListed:
      return PeerRemedy("put both cards behind one PCIe switch, or use another board")
    case .noMemory(_, let kind):
      return kind == .nvme ? PeerRemedy("a drive with a controller memory buffer") : nil
    case .barUnassigned(_, _, .hypervisor): return PeerReason.hypervisor
    case .barUnassigned:
      return PeerRemedy(
        "BIOS: \"Above 4G Decoding\" on, \"MMIO High Size\" larger, CSM off",
        kernelArgument: "pci=realloc",
        cost: "old operating systems and option ROMs may not start", needsReboot: true)
    case .barSmall(_, _, _, true, .hypervisor): return PeerReason.hypervisor
    case .barSmall(_, _, _, true, .card):
      return PeerRemedy(
        "newer firmware of the card itself, from its maker: it offers no larger window now",
        cost: "an update that fails leaves a card that does not start", needsReboot: true)
    case .barSmall(_, _, _, let blocks, _):
      return blocks
        ? PeerRemedy(
          "BIOS: \"Re-Size BAR Support\" and \"Above 4G Decoding\" on, CSM off",
          cost: "old operating systems and option ROMs may not start", needsReboot: true) : nil
    case .dmaMask:
      return PeerRemedy(
        "BIOS: a lower \"MMIO High Base\", so that BARs lie within the card's reach",
        cost: "BARs may no longer fit", needsReboot: true)
    case .iommuTranslated(_, _, _, let blocks):
      return blocks
        ? PeerRemedy(
          "let the IOMMU pass DMA through untranslated", kernelArgument: "iommu=pt",
          cost: "a device can then reach all memory: no protection against a faulty one",
          needsReboot: true) : nil
    case .iommuBlocked: return nil
    case .payload:
      return PeerRemedy(
        "let the kernel choose one payload size for all", kernelArgument: "pci=pcie_bus_peer2peer",
        cost: "128 B packets: about 8 % less bandwidth than 256 B", needsReboot: true)
    case .kernelOption(let name):
      return PeerRemedy(
        "a kernel built with \(name)=y", cost: "a kernel of your own to keep up to date",
        needsReboot: true)
    case .amdgpuParameter(let state):
      return state == .missing
        ? PeerRemedy(
          "a kernel with CONFIG_HSA_AMD_P2P=y (needs CONFIG_PCI_P2PDMA and "
            + "CONFIG_DMABUF_MOVE_NOTIFY), or AMD's DKMS driver",
          cost: "a kernel or module of your own to keep up to date", needsReboot: true)
        : PeerRemedy(
          "remove pcie_p2p=0 from the command line and /etc/modprobe.d",
          kernelArgument: "amdgpu.pcie_p2p=1", needsReboot: true)
    case .driverRefuses(.nvml, _, _):
      return PeerRemedy(
        "GeForce: NVIDIA's open kernel modules with a peer-to-peer patch "
          + "(tinygrad/open-gpu-kernel-modules), of the same version as the driver",
        cost: "not supported by NVIDIA, to be built anew for each driver; IOMMU off or pt",
        needsReboot: true)
    case .driverRefuses: return nil
    case .notPublished: return nil
    case .layer(let drive, let holder, _):
      return PeerRemedy(
        "use \(drive) as a plain drive, without \(holder)",
        cost: "everything on the array is lost: back it up first")
    case .ioHubs:
      return PeerRemedy("put both cards into slots of one processor, or link them by NVLink")
    case .noKernelDriver, .linked: return nil
    }
  }
}

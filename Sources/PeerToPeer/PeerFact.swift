public import Base
internal import Inventory

/// A fact that a verdict rests on, or that is missing for one.
public enum PeerFactKey: Hashable, Sendable {
  /// Where a function sits: its parent, or that it is on a root bus.
  case place(PCIAddress)
  /// Its ACS bits, or that it has none.
  case acs(PCIAddress)
  /// Vendor and device id.
  case identity(PCIAddress)
  /// Vendor and family of the CPU.
  case processor
  /// Driver of a GPU.
  case driver(PCIAddress)
  /// Name of a GPU: whether it is a GeForce.
  case name(PCIAddress)
  /// Size of a GPU's memory.
  case memory(PCIAddress)
  /// BARs of a function.
  case bars(PCIAddress)
  /// Whether the BAR covers a GPU's memory.
  case largeBar(PCIAddress)
  /// Memory that a drive shows to peers.
  case peerMemory(PCIAddress)
  /// Whether its driver lets others use it.
  case published(PCIAddress)
  /// Address bits of a function's DMA.
  case dmaMask(PCIAddress)
  /// What the IOMMU does for a function's group.
  case iommuType(PCIAddress)
  /// What the IOMMU does for all.
  case iommuMode
  /// Build options of the kernel.
  case kernelOptions
  /// The parameter `pcie_p2p` of amdgpu.
  case amdgpuParameter
  /// What drivers say of a GPU's access to peers.
  case answers(PCIAddress)
  /// What lies on a drive.
  case uses(PCIAddress)
}

/// A fact in words, with its path in `tinyboxctl devices --json`.
public struct PeerFact: Codable, Hashable, Sendable {
  /// Path of the fact, such as `pci[0000:21:00.0].acs.control`.
  public var fact: String
  /// Its value, or why it is not known.
  public var value: String
  /// The file or call it comes from.
  public var path: String
  /// Whether it is not known.
  public var isMissing: Bool
}

extension Facts {
  /// A fact in words. Made on demand: an analysis holds thousands of keys.
  func fact(_ key: PeerFactKey) -> PeerFact {
    switch key {
    case .place(let address): place(address)
    case .acs(let address): acs(address)
    case .identity(let address):
      of(address, "identity", file: "uevent", keys: ["vendorID", "deviceID", "identity"]) {
        function in
        guard let vendor = function.identity.vendorID, let device = function.identity.deviceID
        else { return nil }
        return PeerReason.hex(vendor) + ":" + PeerReason.hex(device)
      }
    case .processor: processor
    case .driver(let address):
      ofGPU(address, "driver", file: "driver") { $0.driver }
    case .name(let address): ofGPU(address, "name", file: "product_name") { $0.name }
    case .memory(let address):
      ofGPU(address, "memoryTotalBytes", file: "mem_info_vram_total") {
        $0.memoryTotalBytes.map { "\($0) B" }
      }
    case .bars(let address):
      of(address, "bars", file: "resource", keys: ["bars"]) { function in
        let shown = function.bars.filter { $0.kind == .memory && $0.index <= 5 }.map {
          "BAR \($0.index) \($0.sizeBytes) B"
            + ($0.address.map { " at 0x" + String($0, radix: 16) } ?? "")
        }
        return function.bars.isEmpty ? nil : shown.joined(separator: ", ")
      }
    case .largeBar(let address):
      ofGPU(address, "largeBar", file: "resource", keys: ["largeBar", "memoryBarBytes"]) {
        $0.largeBar.map { $0 ? "yes" : "no" }
      }
    case .peerMemory(let address):
      of(address, "peerMemoryBytes", file: "p2pmem/size") { $0.peerMemoryBytes.map { "\($0) B" } }
    case .published(let address):
      of(address, "peerMemoryPublished", file: "p2pmem/published") {
        $0.peerMemoryPublished.map { $0 ? "yes" : "no" }
      }
    case .dmaMask(let address):
      of(address, "dmaMaskBits", file: "dma_mask_bits") { $0.dmaMaskBits.map { "\($0) bits" } }
    case .iommuType(let address):
      of(address, "iommuGroupType", file: "iommu_group/type") { $0.iommuGroupType }
    case .iommuMode:
      machine("iommu.mode", "/sys/kernel/iommu_groups", inventory.machine.iommu.mode?.rawValue)
    case .kernelOptions:
      machine(
        "kernel.options", "/boot/config-\(inventory.machine.kernel.release ?? "RELEASE")",
        inventory.machine.kernel.options.map { options in
          ["CONFIG_PCI_P2PDMA", "CONFIG_HSA_AMD_P2P", "CONFIG_DMABUF_MOVE_NOTIFY"]
            .map { "\($0)=\(options[$0] ?? "n")" }.joined(separator: " ")
        })
    case .amdgpuParameter:
      machine(
        "kernel.amdgpuPeerAccess", "/sys/module/amdgpu/parameters/pcie_p2p",
        inventory.machine.kernel.amdgpuPeerAccess?.rawValue)
    case .answers(let address):
      ofGPU(address, "peerAnswers", file: "driver", keys: ["peerAnswers", "memoryTotalBytes"]) {
        $0.peerAnswers.isEmpty ? nil : "\($0.peerAnswers.count) answers"
      }
    case .uses(let address): uses(address)
    }
  }

  private func folder(_ address: PCIAddress) -> String { "/sys/bus/pci/devices/\(address)" }

  private func of(
    _ address: PCIAddress, _ name: String, file: String, keys: [String]? = nil,
    _ value: (PCIFunction) -> String?
  ) -> PeerFact {
    let path = "\(folder(address))/\(file)"
    let function = function(address)
    return fact(
      "pci[\(address)].\(name)", function.flatMap(value), path, function?.unknown ?? [],
      keys ?? [name])
  }

  private func ofGPU(
    _ address: PCIAddress, _ name: String, file: String, keys: [String]? = nil,
    _ value: (GPU) -> String?
  ) -> PeerFact {
    let gpu = gpu(address)
    let path = gpu?.source(of: name) ?? "\(folder(address))/\(file)"
    let unknown = (gpu?.unknown ?? []) + (function(address)?.unknown ?? [])
    return fact(
      "gpus[\(address)].\(name)", gpu.flatMap(value), path, unknown,
      keys ?? [name])
  }

  private func machine(_ name: String, _ path: String, _ value: String?) -> PeerFact {
    fact("machine.\(name)", value, path, inventory.machine.unknown, [name])
  }

  private func fact(
    _ fact: String, _ value: String?, _ path: String, _ unknown: [UnknownFact], _ keys: [String]
  ) -> PeerFact {
    if let value { return PeerFact(fact: fact, value: value, path: path, isMissing: false) }
    let noted = unknown.first { note in keys.contains { note.fact.hasPrefix($0) } }
    return PeerFact(
      fact: fact, value: noted?.reason ?? "not there, or not in the recording",
      path: noted?.path ?? path, isMissing: true)
  }

  private func place(_ address: PCIAddress) -> PeerFact {
    let function = function(address)
    let isTop = function?.parent == nil && function?.rootBus != nil
    return of(address, isTop ? "rootBus" : "parent", file: "", keys: ["parent", "rootBus"]) {
      if let parent = $0.parent { return "below \(parent.short)" }
      return isOnRootBus($0) ? "on \($0.rootBus ?? "")" : nil
    }
  }

  private func acs(_ address: PCIAddress) -> PeerFact {
    let isThere = function(address)?.acs != nil
    var result = of(address, isThere ? "acs" : "hasACS", file: "config", keys: ["acs"]) {
      if let acs = $0.acs {
        return acs.enabled.isEmpty ? "no bits on" : acs.enabled.joined(separator: " ")
      }
      return $0.hasACS == false ? "no ACS capability" : nil
    }
    if result.isMissing, let bytes = function(address)?.configBytes, bytes < 4096 {
      result.value = "config truncated at \(bytes) bytes"
    }
    return result
  }

  private var processor: PeerFact {
    let processors = inventory.processors
    let isVendor = processors.vendor == nil
    return fact(
      isVendor ? "processors.vendor" : "processors.family",
      processors.vendor.flatMap { vendor in
        processors.family.map { "\(vendor) family 0x" + String($0, radix: 16) }
      }, "/proc/cpuinfo", processors.unknown, ["vendor", "family"])
  }

  private func uses(_ address: PCIAddress) -> PeerFact {
    let drive = nvme(address)
    let shown = (drive?.namespaces ?? []).flatMap(\.uses).map { use in
      "\(use.device) \(use.kind.rawValue)" + (use.target.map { " \($0)" } ?? "")
    }
    return fact(
      "nvme[\(drive?.name ?? address.description)].namespaces",
      shown.isEmpty ? nil : shown.joined(separator: ", "), "/sys/block", drive?.unknown ?? [],
      ["uses", "namespaces"])
  }
}

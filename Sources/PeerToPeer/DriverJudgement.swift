internal import Base
internal import Inventory

/// What the kernel can set up and what the driver says (steps 9 and 10).
extension Facts {
  /// Whether the kernel has what this pair needs. Drivers that map peers themselves, as NVIDIA's
  /// does between its GPUs, do not use it.
  func judgeKernel(_ initiator: PeerDevice, _ target: PeerDevice, _ pair: inout PairBuilder) {
    switch (initiator.kind, target.kind) {
    case (.gpu, .gpu):
      if initiator.driver == "amdgpu", target.driver == "amdgpu" { judgeAMDKernel(&pair) }
    case (.nvme, .gpu): need("CONFIG_PCI_P2PDMA", &pair)
    case (.nic, .gpu):
      // nvidia-peermem pins through ib_core and needs neither.
      guard target.driver == "amdgpu" else { return }
      need("CONFIG_PCI_P2PDMA", &pair)
      need("CONFIG_DMABUF_MOVE_NOTIFY", &pair)
    default:
      // `p2pmem` is there only on a kernel that has it.
      break
    }
  }

  /// The parameter exists where amdgpu was built with CONFIG_HSA_AMD_P2P, which needs the other two
  /// options: it says more than the kernel's configuration, which is not that of a driver built by
  /// DKMS.
  private func judgeAMDKernel(_ pair: inout PairBuilder) {
    if let state = inventory.machine.kernel.amdgpuPeerAccess {
      pair.use(.amdgpuParameter)
      if state != .on { pair.add(.amdgpuParameter(state)) }
      return
    }
    guard let options = inventory.machine.kernel.options else {
      return pair.miss(.amdgpuParameter)
    }
    for name in ["CONFIG_PCI_P2PDMA", "CONFIG_HSA_AMD_P2P"] where !isOn(options[name]) {
      pair.use(.kernelOptions)
      return pair.add(.kernelOption(name))
    }
    pair.miss(.amdgpuParameter)
  }

  private func need(_ option: String, _ pair: inout PairBuilder) {
    guard let options = inventory.machine.kernel.options else { return pair.miss(.kernelOptions) }
    pair.use(.kernelOptions)
    if !isOn(options[option]) { pair.add(.kernelOption(option)) }
  }

  private func isOn(_ value: String?) -> Bool { value == "y" || value == "m" }

  /// The driver's own answer, where it publishes one.
  func judgeDriver(
    _ initiator: PeerDevice, _ target: PeerDevice, _ answers: [PeerAnswer],
    _ pair: inout PairBuilder
  ) {
    if target.kind == .nvme {
      guard let function = function(target.address), (function.peerMemoryBytes ?? 0) > 0 else {
        return
      }
      switch function.peerMemoryPublished {
      case true?: pair.use(.published(target.address))
      case false?: pair.add(.notPublished(target: target.address))
      case nil: pair.miss(.published(target.address))
      }
      return
    }
    guard target.kind == .gpu else { return }
    let gpus = [initiator, target].filter { $0.kind == .gpu }
    for gpu in gpus {
      if isUnbound(gpu) {
        pair.add(.noKernelDriver(gpu: gpu.address))
      } else if gpu.driver == nil {
        pair.miss(.driver(gpu.address))
      } else {
        pair.use(.driver(gpu.address))
      }
    }
    // No driver reports on drives and NICs: their verdict stays a prediction.
    guard initiator.kind == .gpu, gpus.allSatisfy({ !isUnbound($0) }) else { return }
    guard let source = publisher(initiator, target) else {
      return pair.miss(.answers(initiator.address))
    }
    guard let answer = answers.first(where: { $0.source == source }), let word = answer.isAllowed
    else { return pair.miss(.answers(initiator.address)) }
    pair.use(.answers(initiator.address))
    if !word {
      pair.add(.driverRefuses(source: source, read: answer.read, write: answer.write))
    }
  }

  /// Who publishes the verdict for two GPUs; nil where nobody does.
  private func publisher(_ initiator: PeerDevice, _ target: PeerDevice) -> PeerAnswer.Source? {
    switch (initiator.driver, target.driver) {
    case ("amdgpu", "amdgpu"): .kfd
    case ("nvidia", "nvidia"): .nvml
    default: nil
    }
  }

  /// Whether no kernel driver is bound, and that is known.
  func isUnbound(_ device: PeerDevice) -> Bool {
    guard device.driver == nil, let function = function(device.address) else { return false }
    return !function.unknown.contains { $0.fact == "driver" }
  }

  /// Whether the driver that maps the pair's memory says that it may.
  func driverAllows(
    _ initiator: PeerDevice, _ target: PeerDevice, _ answers: [PeerAnswer]
  ) -> Bool {
    guard initiator.kind == .gpu, target.kind == .gpu,
      let source = publisher(initiator, target)
    else { return false }
    return answers.contains { $0.source == source && $0.isAllowed == true }
  }

  /// Where a driver's answer disagrees with the procedure, or two drivers' answers with each other.
  func contradictions(
    _ initiator: PeerDevice, _ target: PeerDevice, _ own: PeerVerdict, _ answers: [PeerAnswer]
  ) -> [String] {
    var found: [String] = []
    func word(_ source: PeerAnswer.Source) -> Bool? {
      answers.first { $0.source == source }?.isAllowed
    }
    if let source = publisher(initiator, target), let word = word(source) {
      let name = source == .kfd ? "KFD" : "NVML"
      if word, own == .blocked {
        found.append("\(name) allows what should be blocked")
      }
      // NVIDIA's driver refuses for reasons of its own; amdgpu follows the same procedure.
      if !word, source == .kfd, own == .direct || own == .viaHostBridge {
        found.append("\(name) refuses what should work")
      }
    }
    if let hsa = word(.hsa), let kfd = word(.kfd), hsa != kfd {
      found.append(hsa ? "HSA allows what KFD refuses" : "HSA refuses what KFD allows")
    }
    return found
  }
}

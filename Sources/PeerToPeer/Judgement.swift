internal import Base
internal import Inventory

/// The decision procedure, step by step, for one ordered pair.
extension Facts {
  func judge(_ initiator: PeerDevice, _ target: PeerDevice) -> PeerPair {
    var pair = PairBuilder()
    guard initiator.address != target.address else {
      return PeerPair(
        initiator: initiator.address, target: target.address, verdict: .itself,
        ownVerdict: .itself, route: PeerRoute())
    }
    let answers = gpu(initiator.address)?.peerAnswers.filter { $0.peer == target.address } ?? []
    // The way through bridges, with the ACS bits of each (steps 0, 3 and 4).
    var route = route(from: initiator.address, to: target.address, &pair)
    if let answer = answers.first(where: { $0.link != nil && $0.isAllowed == true }),
      let link = answer.link
    {
      // The GPUs have a direct link: the steps below do not apply.
      route.kind = .direct
      let isInferred = answer.isLinkInferred == true
      return PeerPair(
        initiator: initiator.address, target: target.address, verdict: .direct,
        ownVerdict: .direct, route: route, reasons: [.linked(link, isInferred: isInferred)],
        uses: [.answers(initiator.address)] + (isInferred ? [.name(initiator.address)] : []),
        answers: answers)
    }
    judgeMemory(target, initiator, &pair)
    judgeHost(initiator, target, route, &pair)
    judgeAddresses(initiator, target, &pair)
    judgePayload(initiator, route, &pair)
    judgeKernel(initiator, target, &pair)
    judgeLayers(initiator, target, &pair)
    let own = pair.verdict(route)
    judgeDriver(initiator, target, answers, &pair)
    // What the driver itself allows is not blocked, whatever the path shows: the disagreement is
    // reported.
    let isOverruled = own == .blocked && driverAllows(initiator, target, answers)
    return PeerPair(
      initiator: initiator.address, target: target.address,
      verdict: isOverruled ? route.kind : pair.verdict(route),
      ownVerdict: own, route: route, reasons: pair.reasons, missing: pair.missing,
      uses: pair.uses, answers: answers,
      contradictions: contradictions(initiator, target, own, answers))
  }

  // MARK: The target's memory (steps 1 and 2)

  private func judgeMemory(
    _ target: PeerDevice, _ initiator: PeerDevice, _ pair: inout PairBuilder
  ) {
    let address = target.address
    switch target.kind {
    case .nic: pair.add(.noMemory(target: address, kind: .nic))
    case .nvme:
      guard let function = function(address) else { return pair.miss(.peerMemory(address)) }
      if let bytes = function.peerMemoryBytes, bytes > 0 {
        pair.use(.peerMemory(address))
      } else if function.unknown.contains(where: { $0.fact == "peerMemoryBytes" }) {
        pair.miss(.peerMemory(address))
      } else {
        pair.add(.noMemory(target: address, kind: .nvme))
      }
    case .gpu: judgeBar(address, &pair)
    }
  }

  private func judgeBar(_ address: PCIAddress, _ pair: inout PairBuilder) {
    guard let gpu = gpu(address), let function = function(address), !function.bars.isEmpty else {
      return pair.miss(.bars(address))
    }
    guard let index = GPU.memoryBar(of: gpu.vendor) else { return pair.miss(.memory(address)) }
    guard let bar = function.bars.first(where: { $0.index == index && $0.kind == .memory }) else {
      return pair.miss(.bars(address))
    }
    pair.use(.bars(address))
    let owner = gpu.windowOwner(function, inventory.machine)
    if !bar.isAssigned {
      return pair.add(.barUnassigned(gpu: address, bar: index, owner: owner))
    }
    guard let total = gpu.memoryTotalBytes, total > 0 else { return pair.miss(.memory(address)) }
    pair.use(.memory(address))
    switch gpu.largeBar {
    case true?: pair.use(.largeBar(address))
    case nil: pair.miss(.largeBar(address))
    case false?:
      let blocks = gpu.peersNeedLargeBar != false
      if !blocks { pair.use(.name(address)) }
      pair.add(
        .barSmall(
          gpu: address,
          visibleBytes: gpu.memoryVisibleBytes ?? gpu.memoryBarBytes.flatMap { Int(exactly: $0) },
          memoryBytes: total, blocks: blocks, owner: owner))
    }
  }

  // MARK: The host bridge (step 5)

  private func judgeHost(
    _ initiator: PeerDevice, _ target: PeerDevice, _ route: PeerRoute, _ pair: inout PairBuilder
  ) {
    guard route.kind == .viaHostBridge else { return }
    for address in route.redirects {
      guard let function = function(address), case .redirects(let bits) = ACSState(function)
      else { continue }
      pair.add(
        .redirect(bridge: address, register: function.acs?.offset.map { $0 + 6 }, bits: bits))
    }
    if route.commonBridge == nil, route.hostBridges.count == 2 {
      pair.add(
        .noCommonBridge(initiator: route.hostBridges[0], target: route.hostBridges[1]))
    }
    // NVIDIA's driver maps its cards' peers itself and asks the kernel's p2pdma nothing.
    let isNVIDIA = [initiator, target].allSatisfy { $0.kind == .gpu && $0.driver == "nvidia" }
    switch isNVIDIA ? NVIDIABridges.answer(self, route) : HostBridges.answer(self, route) {
    case .allowed(let because): for key in because { pair.use(key) }
    case .refused(let reason): pair.add(reason)
    case .unknown(let missing): for key in missing { pair.miss(key) }
    }
  }

  // MARK: Addresses: DMA mask and IOMMU (steps 6 and 7)

  private enum Translation { case none, translated, unmanaged, blocked, unknown }

  private func judgeAddresses(
    _ initiator: PeerDevice, _ target: PeerDevice, _ pair: inout PairBuilder
  ) {
    let address = initiator.address
    switch translation(address, &pair) {
    case .unknown: pair.miss(.iommuType(address))
    case .blocked: pair.add(.iommuBlocked(initiator: address))
    // A program that took the device through VFIO maps what it needs.
    case .unmanaged: break
    case .none: judgeMask(initiator, target, &pair)
    case .translated:
      var blocks = false
      if let gpu = gpu(address) {
        if initiator.driver == nil {
          blocks = true
        } else if gpu.driver == "nvidia" {
          guard let isGeForce = gpu.isGeForce else { return pair.miss(.name(address)) }
          pair.use(.name(address))
          blocks = isGeForce
        }
      }
      pair.add(
        .iommuTranslated(
          initiator: address, type: function(address)?.iommuGroupType ?? "translated",
          driver: initiator.driver.map { blocks ? "the patched \($0) driver" : $0 },
          blocks: blocks))
    }
  }

  private func translation(_ address: PCIAddress, _ pair: inout PairBuilder) -> Translation {
    if let type = function(address)?.iommuGroupType {
      pair.use(.iommuType(address))
      switch type {
      case "identity": return .none
      case "DMA", "DMA-FQ": return .translated
      case "unmanaged": return .unmanaged
      case "blocked": return .blocked
      default: return .unknown
      }
    }
    guard function(address)?.iommuGroup == nil, inventory.machine.iommu.mode == .off else {
      return .unknown
    }
    pair.use(.iommuMode)
    return .none
  }

  private func judgeMask(
    _ initiator: PeerDevice, _ target: PeerDevice, _ pair: inout PairBuilder
  ) {
    // Without a driver the kernel's 32 bits say nothing, and a drive's CMB has no BAR of its own.
    guard initiator.driver != nil, target.kind == .gpu, let gpu = gpu(target.address),
      let index = GPU.memoryBar(of: gpu.vendor),
      let bar = function(target.address)?.bars.first(where: { $0.index == index }), bar.isAssigned
    else { return }
    guard let bits = function(initiator.address)?.dmaMaskBits else {
      return pair.miss(.dmaMask(initiator.address))
    }
    guard let start = bar.address else { return pair.miss(.bars(target.address)) }
    pair.use(.dmaMask(initiator.address))
    let (end, overflow) = start.addingReportingOverflow(bar.sizeBytes &- 1)
    if bits < 64, overflow || end >> UInt64(max(0, bits)) != 0 {
      pair.add(.dmaMask(initiator: initiator.address, bits: bits, barEnd: overflow ? .max : end))
    }
  }

  // MARK: Payload size (step 8)

  private func judgePayload(
    _ initiator: PeerDevice, _ route: PeerRoute, _ pair: inout PairBuilder
  ) {
    guard let bytes = function(initiator.address)?.express?.maxPayloadBytes else { return }
    let others = route.counted.filter { $0 != initiator.address }
    let receivers = others.compactMap { address in
      function(address)?.express.map { (address, $0.maxPayloadBytes) }
    }
    if let least = receivers.min(by: { $0.1 < $1.1 }), least.1 < bytes {
      pair.add(
        .payload(
          initiator: initiator.address, bytes: bytes, receiver: least.0, receiverBytes: least.1))
    }
  }

  // MARK: What lies on a drive (step 11)

  private func judgeLayers(
    _ initiator: PeerDevice, _ target: PeerDevice, _ pair: inout PairBuilder
  ) {
    guard initiator.kind == .nvme, target.kind == .gpu else { return }
    let address = initiator.address
    guard let drive = nvme(address), !drive.namespaces.isEmpty,
      drive.namespaces.allSatisfy({ !$0.uses.isEmpty })
    else { return pair.miss(.uses(address)) }
    pair.use(.uses(address))
    for use in drive.namespaces.flatMap(\.uses)
    where use.kind == .raid || use.kind == .deviceMapper {
      pair.add(.layer(drive: drive.name, holder: use.target ?? "an array", kind: use.kind))
    }
  }
}

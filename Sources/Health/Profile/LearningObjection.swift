internal import Base
public import Inventory

/// Why what a box has now should not become what it should have. Whoever knows better says so by
/// kind.
public struct LearningObjection: Hashable, Sendable {
  /// Kinds of objections; each has a flag of `profile learn`.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// There is no GPU, or none that could be seen: `--allow-none`.
    case none
    /// Something is broken: `--allow-failures`.
    case failures
    /// The profile in force expects more: `--allow-fewer`.
    case fewer
  }
  /// Which kind.
  public var kind: Kind
  /// What is wrong, in words.
  public var text: String
}

extension Profile {
  /// What speaks against expecting from now on what a box has now.
  /// - Parameters:
  ///   - inventory: the box it was learned from.
  ///   - health: what the checks say of the box without a profile: an older profile would object
  ///     to a change that is meant.
  ///   - before: the profile that it would replace.
  public func objections(
    _ inventory: Inventory, health: HealthReport?, before: Profile?
  ) -> [LearningObjection] {
    var objections: [LearningObjection] = []
    if let text = noGPU(inventory) { objections.append(.init(kind: .none, text: text)) }
    objections += Profile.failures(inventory, health).map { .init(kind: .failures, text: $0) }
    if let before { objections += fewer(than: before).map { .init(kind: .fewer, text: $0) } }
    return objections
  }

  /// Why it expects no GPU; nil when it expects some.
  private func noGPU(_ inventory: Inventory) -> String? {
    if let count = gpuCount, count > 0 { return nil }
    let report = inventory.collectors.first { $0.name == "GPU" }
    if report?.outcome == .failed || report == nil {
      return "GPUs could not be looked for" + (report?.note.map { ": \($0)" } ?? "")
    }
    return inventory.gpus.isEmpty
      ? "there is no GPU" : "the ids of a GPU could not be read, so no kind is known"
  }

  /// What is visibly not well.
  private static func failures(_ inventory: Inventory, _ health: HealthReport?) -> [String] {
    var reasons = inventory.pci.filter { $0.isDead == true }.map {
      "\($0.address) does not answer any more"
    }
    // A GPU lowers its link while idle; drives and network adapters do not.
    let steady = Set(inventory.nvme.compactMap(\.address) + inventory.nics.compactMap(\.address))
    for function in inventory.pci where steady.contains(function.address) {
      for hop in function.path?.hops ?? [] where hop.verdict == .below {
        reasons.append(
          "\(function.address): a link runs at \(hop.current?.description ?? "less") of "
            + (hop.possible?.description ?? "what it could"))
      }
    }
    for array in inventory.system.arrays where array.missingMembers ?? 0 > 0 {
      reasons.append("\(array.name) is degraded")
    }
    for drive in inventory.nvme where drive.state == "dead" {
      reasons.append("\(drive.name) is dead")
    }
    for finding in health?.findings ?? [] where finding.verdict == .fail {
      reasons.append(
        "\(finding.check): \(finding.subject.map { $0 + ": " } ?? "")\(finding.summary)")
    }
    return reasons
  }

  /// What another profile expects more of. Other cards in place of the same number are no loss.
  private func fewer(than before: Profile) -> [String] {
    func lost(_ what: String, _ old: Int?, _ new: Int?) -> String? {
      guard let old, old > 0, old > new ?? 0 else { return nil }
      return "\(what): \(old) before, \(new.map(String.init) ?? "not known") now"
    }
    func shrunk(_ what: String, _ old: Int?, _ new: Int?) -> String? {
      guard let old, let new, old > new else { return nil }
      return "\(what): \(Units.capacity(old)) before, \(Units.capacity(new)) now"
    }
    func slower(_ what: String, _ old: PCIeRate?, _ new: PCIeRate?) -> String? {
      guard let old, let new, old.bytesPerSecond > new.bytesPerSecond else { return nil }
      return "\(what): \(old.description) before, \(new.description) now"
    }
    var reasons = [
      lost("GPUs", before.gpuCount, gpuCount), lost("drives", before.nvme?.count, nvme?.count),
      lost("network interfaces", before.nics?.count, nics?.count),
      lost("sockets", before.packageCount, packageCount),
      lost("cores", before.coreCount, coreCount),
      lost("memory channels", before.memoryChannels, memoryChannels),
      shrunk("memory", before.memoryBytes, memoryBytes),
      slower("links of drives", before.nvme?.link, nvme?.link),
      slower("links of network interfaces", before.nics?.link, nics?.link),
    ]
    for old in before.gpus ?? [] {
      guard let id = old.pciID, let new = gpus?.first(where: { $0.pciID == id }) else { continue }
      let name = old.name ?? id
      reasons.append(slower("links of \(name)", old.link, new.link))
      reasons.append(shrunk("video memory of \(name)", old.memoryBytes, new.memoryBytes))
    }
    return reasons.compactMap { $0 }
  }
}

internal import Base
package import Inventory

/// Why what a box has now should not become what it should have. A user who knows better overrides
/// each kind.
public struct LearningObjection: Hashable, Sendable {
  /// Kinds of objections; each has a flag of `profile learn`.
  public enum Kind: String, CaseIterable, Hashable, Sendable {
    /// There is no GPU, or none that could be seen: `--allow-none`.
    case none
    /// A check fails, or a drive's or an adapter's link runs below what both of its ends can do:
    /// `--allow-failures`.
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
  /// The reasons against expecting from now on what a box has now.
  /// - Parameters:
  ///   - inventory: the box it was learned from.
  ///   - health: what the checks say of the box without a profile: an older profile would object
  ///     to a change that is meant.
  ///   - before: the profile that it would replace.
  package func objections(
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
    if inventory.gpus.isEmpty { return "there is no GPU" }
    // Those that fell off the bus are not counted.
    return gpus == nil
      ? "the ids of a GPU could not be read, so no kind is known" : "no GPU answers any more"
  }

  /// What is visibly wrong.
  private static func failures(_ inventory: Inventory, _ health: HealthReport?) -> [String] {
    var reasons: [String] = []
    // A GPU lowers its link while idle; drives and network adapters do not.
    let steady = Set(inventory.nvme.compactMap(\.address) + inventory.nics.compactMap(\.address))
    for function in inventory.pci where steady.contains(function.address) {
      for hop in function.path?.hops ?? [] where hop.verdict == .below {
        let isNarrow = (hop.current?.width ?? 0) < (hop.possible?.width ?? 0)
        let check = isNarrow ? LinkWidthCheck.info.id : LinkSpeedCheck.info.id
        reasons.append(
          "\(check): \(function.address): a link runs at \(hop.current?.description ?? "less") of "
            + (hop.possible?.description ?? "what it could"))
      }
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
      guard let old, old > new ?? 0 else { return nil }
      return "\(what): \(Units.capacity(old)) before, "
        + "\(new.map { Units.capacity($0) } ?? "not known") now"
    }
    // A device that is missing has no link: the count reports it.
    func slower(_ what: String, _ old: PCIeRate?, _ new: PCIeRate?, of count: Int?) -> String? {
      guard let old, count != 0, old.bytesPerSecond > new?.bytesPerSecond ?? 0 else { return nil }
      return "\(what): \(old.description) before, "
        + "\(new?.description ?? "not known, or not the same for all,") now"
    }
    func placed(_ kind: Place.Kind, in profile: Profile) -> Int? {
      profile.places.map { places in places.count { $0.kind == kind } }
    }
    var reasons = [
      lost("GPUs", before.gpuCount, gpuCount),
      lost("accelerators", placed(.accelerator, in: before), placed(.accelerator, in: self)),
      lost("drives", before.nvme?.count, nvme?.count),
      lost("network interfaces", before.nics?.count, nics?.count),
      lost("sockets", before.packageCount, packageCount),
      lost("cores", before.coreCount, coreCount),
      lost("memory channels", before.memoryChannels, memoryChannels),
      shrunk("memory", before.memoryBytes, memoryBytes),
      slower("links of drives", before.nvme?.link, nvme?.link, of: nvme?.count),
      slower("links of network interfaces", before.nics?.link, nics?.link, of: nics?.count),
    ]
    for old in before.gpus ?? [] {
      guard let id = old.pciID, let new = gpus?.first(where: { $0.pciID == id }) else { continue }
      let name = old.name ?? id
      reasons.append(slower("links of \(name)", old.link, new.link, of: new.count))
      reasons.append(shrunk("video memory of \(name)", old.memoryBytes, new.memoryBytes))
    }
    return reasons.compactMap { $0 }
  }
}

internal import Base
package import Benchmarks
package import Inventory

extension Plan {
  /// The devices whose placement a trial can prove, in the order of their addresses: those that the plan changes,
  /// leaves alone, or has placed before, and that have a load.
  /// - Parameters:
  ///   - ledger: what is placed in this boot; nil where nothing is.
  ///   - ledgerProblem: why that is not known; nil where it is.
  package func proofSubjects(
    _ inventory: Inventory, _ ledger: Ledger?, ledgerProblem: String? = nil
  ) -> [ProofSubject] {
    let index = DeviceIndex(inventory)
    let placed = ledger?.lastingEntries ?? []
    let devices =
      changes.compactMap(\.device) + leftAlone.compactMap(\.device) + placed.compactMap(\.device)
    let measurable = Set(devices).filter {
      // One that is built into a processor has no link to measure.
      index.isNVMe($0) || index.isNIC($0) || index.gpu($0).map { $0.isBuiltIn != true } == true
    }.sorted()
    let numbers = InterruptNames.numbers(in: inventory)
    // Once for an interface with several ports.
    let all = Set(
      inventory.nvme.compactMap(\.address) + inventory.nics.compactMap(\.address)
        + inventory.gpus.map(\.address))
    let identities = Dictionary(
      all.compactMap(index.identity).map { ($0, 1) }, uniquingKeysWith: +)
    return measurable.map { device in
      let name = index.name(device)
      let identity = index.identity(device)
      var subject = ProofSubject(device: name, address: device, identity: identity, plan: nil)
      subject.isOnlyOne = identity.map { identities[$0] == 1 } ?? false
      let tried = ledger?.trial
      if tried?.subject == name || tried?.found.contains(where: { $0.device == device }) == true {
        subject.problem = "its placement is being tried now"
      } else if let ledgerProblem {
        subject.problem = ledgerProblem
      } else if !unreadable.isEmpty {
        subject.problem = "could not look at: \(unreadable.joined(separator: ", "))"
      } else {
        subject.plan =
          TrialPlan(unchecked: self, placed, numbers: numbers, device: device, subject: name).id
      }
      return subject
    }
  }
}

internal import Accelerators
internal import Base
internal import KernelTree

/// What the vendors' libraries report about the cards.
extension GPUSweep {
  mutating func askNVML(_ tree: KernelTree) {
    let driven = cards.indices.filter { cards[$0].gpu.driver == "nvidia" }
    if driven.isEmpty { return }
    let uuids = options.includeSerials
    var known: [String: String] = [:]
    let report: NVMLReport
    do throws(ReadFailure) {
      let text = try tree.probe(NVMLReport.probe) { () throws(ReadFailure) in
        let answer = NVMLReport.ask(uuids: uuids)
        known = answer.uuids
        return answer.text
      }
      report = NVMLReport(parsing: text)
    } catch {
      return noteNVML(driven, error.reason)
    }
    if let failure = report.failure { return noteNVML(driven, failure) }
    notes += report.notes
    var answered: Set<Int> = []
    for card in report.cards {
      guard let address = card.address else { continue }
      guard let index = indexes[address] else {
        notes.append("NVML lists \(address), which PCI does not show as a GPU")
        continue
      }
      answered.insert(index)
      // PCI gives the size of the BAR, where it has one. NVML reports a size for a BAR without an
      // address too, through which the host sees nothing.
      let bar = cards[index].gpu.memoryBarBytes
      let hasBar = bar != nil || cards[index].facts.unknown.contains { $0.fact == "memoryBarBytes" }
      card.apply(to: &cards[index].gpu)
      if hasBar { cards[index].gpu.memoryBarBytes = bar }
      for fact in card.told where fact != "memoryBarBytes" || !hasBar {
        cards[index].facts.note(fact, source: NVML.library)
      }
      cards[index].gpu.driverVersion = cards[index].gpu.driverVersion ?? report.driverVersion
      for process in card.processes {
        processes.add(process.pid, gpu: index, evidence: "nvml", memoryBytes: process.bytes)
      }
      if uuids {
        // One answer for each card, so that a recording can hide each.
        let uuid = try? tree.probe("\(NVMLReport.probe)/uuid/\(address)", sensitivity: .serial) {
          () throws(ReadFailure) in
          guard let uuid = known.first(where: { PCIAddress($0.key) == address }) else {
            throw ReadFailure(path: NVML.library, cause: .notFound)
          }
          return Array(uuid.value.utf8)
        }
        if let uuid { cards[index].gpu.uniqueID = String(decoding: uuid, as: UTF8.self) }
      }
    }
    answerPeers(report)
    for index in answered { cards[index].gpu.isListedByNVML = true }
    let missing = driven.filter { !answered.contains($0) }
    // NVML hides a GPU that the caller may not open: that does not show that it is missing.
    let mayBeKept = report.notes.contains { $0.lowercased().contains("permission") }
    if !mayBeKept { for index in missing { cards[index].gpu.isListedByNVML = false } }
    noteNVML(
      missing,
      (["NVML does not list this GPU"] + report.notes.prefix(1)).joined(separator: ": "))
  }

  /// One note for all that only NVML could have reported.
  private mutating func noteNVML(_ indexes: [Int], _ reason: String) {
    for index in indexes {
      cards[index].facts.note("memoryTotalBytes", path: NVML.library, unknown: reason)
    }
  }

  mutating func askHSA(_ tree: KernelTree) {
    let driven = cards.indices.filter { !cards[$0].kfd.isEmpty }
    if driven.isEmpty { return }
    let report: HSAReport
    do throws(ReadFailure) {
      report = HSAReport(
        parsing: try tree.probe(HSAReport.probe) { () throws(ReadFailure) in
          HSAReport.askIfAllowed()
        })
    } catch {
      // Nothing else of a GPU depends on it, and most recordings have no answer.
      if error.cause != .notRecorded { notes.append("HSA: \(error.reason)") }
      return
    }
    if let failure = report.failure {
      notes.append("HSA: \(failure)")
      return
    }
    var byNode: [Int: Int] = [:]
    for index in driven { for node in cards[index].kfd { byNode[node.node] = index } }
    var cardOf: [Int?] = []
    for found in report.gpus {
      let index =
        found.agent.kfdNode.flatMap { byNode[$0] }
        ?? found.location.flatMap {
          KFDTopology.match(domain: found.domain ?? 0, location: $0, addresses: indexes)
        }
      cardOf.append(index)
      guard let index else {
        notes.append("HSA lists \(found.agent.name), which PCI does not show as a GPU")
        continue
      }
      // The first of a card's partitions stands for it.
      if cards[index].gpu.hsa != nil { continue }
      cards[index].gpu.hsa = found.agent
      cards[index].facts.note("hsa", source: HSA.library)
    }
    answerPeers(report, cardOf: cardOf)
    for index in driven where cards[index].gpu.hsa == nil {
      let target = cards[index].gpu.target ?? "this GPU"
      cards[index].facts.note(
        "hsa", path: HSA.library, unknown: "the runtime does not list it: too old for \(target)?")
    }
  }
}

internal import Accelerators
internal import Base
package import KernelTree

extension Inventory {
  /// Asks NVIDIA's library for power caps and persistence modes, where the GPUs were read without it. It is asked
  /// only where somebody needs them: without a persistence daemon the question wakes every card.
  package mutating func askNVIDIAPower(_ tree: KernelTree) {
    let driven = gpus.indices.filter { gpus[$0].driver == "nvidia" && !gpus[$0].hasPower }
    if driven.isEmpty { return }
    var cards: [PCIAddress: NVMLReport.Card] = [:]
    var failure: String?
    do throws(ReadFailure) {
      let report = NVMLReport(
        parsing: try tree.probe(NVMLReport.probe) { () throws(ReadFailure) in
          NVMLReport.ask(uuids: false).text
        })
      failure = report.failure
      for card in report.cards {
        if let address = card.address { cards[address] = card }
      }
    } catch {
      failure = error.reason
    }
    for index in driven {
      guard let card = cards[gpus[index].address] else {
        gpus[index].notePower(failure ?? "NVML does not list it")
        continue
      }
      var answered = gpus[index]
      card.apply(to: &answered)
      gpus[index].powerCap = answered.powerCap
      gpus[index].isPersistent = answered.isPersistent
      gpus[index].unknown += answered.unknown.filter {
        GPU.powerFacts.contains($0.fact) && !gpus[index].unknown.contains($0)
      }
    }
  }
}

extension GPU {
  fileprivate static let powerFacts = ["powerCap", "isPersistent"]

  fileprivate var hasPower: Bool { powerCap != nil && isPersistent != nil }

  fileprivate mutating func notePower(_ reason: String) {
    for fact in GPU.powerFacts {
      unknown.append(UnknownFact(fact: fact, path: NVML.library, reason: reason))
    }
  }
}

public import Base
public import Benchmarks
package import Inventory
package import KernelTree

/// What was placed, what of it is still in place, and what is not placed yet. Reads only.
public struct PlacementStatus: Codable, VersionedDocument, Hashable, Sendable {
  /// The JSON schema of this value.
  public var schema = PlacementStatus.currentSchema
  package static let currentSchema = "tinybox.placement-status/1"
  /// Whether there is a ledger, and whether it is of this boot.
  public var ledger: LedgerState
  /// Counts the writes of the ledger.
  public var generation: Int?
  /// Whether the last apply finished.
  public var isComplete: Bool?
  /// The device whose placement is being tried: its settings count as neither held nor drifted. Absent
  /// without a trial.
  public var trial: String?
  /// Settings that have the value they were given.
  public var held = 0
  /// Settings that something has changed since.
  public var drifted: [Drift] = []
  /// Settings whose device does not exist any more.
  public var gone: [Drift] = []
  /// Who may have changed them, where it is known.
  public var suspects: [String] = []
  /// Where the interrupts of each device were handled since the last apply that changed
  /// something; absent where nothing is placed.
  public var handled: [DeviceShare]?
  /// Where the memory of containers lies that run on the CPUs of one node.
  public var containers: [ContainerShare] = []
  /// What trials show of the placement of each device, as it is now. Absent for a recording, which has no history.
  public var proofs: [PlacementProof]?
  /// What apply would do now: new interrupts and devices, and what has drifted.
  public var plan: Plan

  /// The plan, with what trials show.
  package var provenPlan: Plan {
    var plan = plan
    plan.proofs = proofs
    return plan
  }

  /// What is known of the ledger.
  public enum LedgerState: String, Codable, Hashable, Sendable {
    /// Nothing was ever applied, or all was rolled back.
    case none
    /// Its values are in force.
    case thisBoot
    /// Applied in an earlier boot; the reboot undid it.
    case otherBoot
  }

  /// A setting that does not have the value it was given.
  public struct Drift: Codable, Hashable, Sendable {
    /// The setting.
    public var knob: Knob
    /// What it belongs to.
    public var subject: String
    /// The value it was given.
    public var desired: String
    /// The value now; absent when it does not exist or cannot be read.
    public var actual: String?
    /// Why it is not known.
    public var reason: String?
  }

  /// Compares the ledger with the machine.
  package init(
    ledger: Ledger?, bootID: String?, plan: Plan, _ inventory: Inventory,
    _ serviceState: ServiceState, _ tree: KernelTree
  ) {
    self.plan = plan
    self.ledger = .none
    containers = ContainerShare.all(in: inventory)
    guard let ledger else { return }
    generation = ledger.generation
    isComplete = ledger.isComplete
    guard ledger.bootID == bootID else {
      self.ledger = .otherBoot
      return
    }
    trial = ledger.trial?.subject
    let tried = Set((ledger.trial?.found ?? []).map(\.knob.identity))
    let entries = ledger.lastingEntries
    if entries.isEmpty { return }
    self.ledger = .thisBoot
    if let before = ledger.handledBefore {
      handled = DeviceShare.since(before, inventory)
    }
    let now = Actual(inventory, serviceState, tree)
    for entry in entries where !tried.contains(entry.knob.identity) {
      let (knob, value) = now.value(of: entry.knob)
      switch value {
      case .success(let text):
        if text == entry.applied {
          held += 1
        } else {
          drifted.append(
            Drift(knob: knob, subject: entry.subject, desired: entry.applied, actual: text))
        }
      case .failure(let failure):
        let drift = Drift(
          knob: knob, subject: entry.subject, desired: entry.applied, reason: failure.reason)
        if failure.isGone { gone.append(drift) } else { drifted.append(drift) }
      }
    }
    if drifted.contains(where: { $0.knob.kind == .interrupt }),
      let balancer = inventory.system.irqbalance
    {
      suspects.append("irqbalance runs (process \(balancer.pid)) and moves interrupts")
    }
  }
}

/// The present value of knobs, from facts and files.
private struct Actual {
  private let inventory: Inventory
  private let serviceState: ServiceState
  private let tree: KernelTree
  private let numbers: [String: Int]
  private var interrupts: [Int: Interrupt] = [:]

  init(_ inventory: Inventory, _ serviceState: ServiceState, _ tree: KernelTree) {
    self.inventory = inventory
    self.serviceState = serviceState
    self.tree = tree
    numbers = InterruptNames.numbers(in: inventory)
    for interrupt in inventory.interrupts { interrupts[interrupt.number] = interrupt }
  }

  /// The knob as it is now, and its value.
  func value(of knob: Knob) -> (Knob, Result<String, KnobFailure>) {
    switch knob.kind {
    case .interrupt:
      guard let number = numbers[knob.identity], let device = knob.device, let action = knob.action
      else { return (knob, gone) }
      let now = Knob.interrupt(number, device: device, action: action)
      guard let set = interrupts[number]?.affinity else {
        return (now, .failure(KnobFailure(reason: "its affinity is not known")))
      }
      return (now, .success(set.description))
    case .file:
      do throws(ReadFailure) {
        guard let value = knob.value(of: try tree.bytes(knob.path ?? "")) else {
          return (knob, .failure(KnobFailure(reason: "its value is malformed")))
        }
        return (knob, .success(value))
      } catch {
        return (knob, .failure(KnobFailure(errno: error.cause.errno, reason: error.reason)))
      }
    case .channels:
      guard let nic = inventory.nics.first(where: { $0.name == knob.interface }) else {
        return (knob, gone)
      }
      guard let count = nic.queues.channels?.combined else {
        return (knob, .failure(KnobFailure(reason: "its channels are not known")))
      }
      return (knob, .success("\(count)"))
    case .unit:
      if knob.isTransient, let scope = knob.unit, !isRunning(scope) { return (knob, gone) }
      let set = serviceState.unitProperties[knob.unit ?? ""]?[knob.property ?? ""]
      return (knob, .success(set?.description ?? ""))
    case .irqbalance:
      guard inventory.system.irqbalance != nil else { return (knob, gone) }
      guard let banned = serviceState.bannedInterrupts else {
        return (knob, .failure(KnobFailure(reason: "its socket does not answer")))
      }
      return (knob, .success(banned.description))
    case .powerCap:
      guard let gpu = inventory.gpus.first(where: { $0.address == knob.device }) else {
        return (knob, gone)
      }
      guard let cap = gpu.powerCap else {
        let unknown = gpu.unknown.first { $0.fact == "powerCap" }
        return (knob, .failure(KnobFailure(reason: unknown?.reason ?? "its driver has none")))
      }
      return (knob, .success(Knob.watts(cap.watts)))
    case .persistence:
      guard let gpu = inventory.gpus.first(where: { $0.address == knob.device }) else {
        return (knob, gone)
      }
      guard let isPersistent = gpu.isPersistent else {
        let unknown = gpu.unknown.first { $0.fact == "isPersistent" }
        return (knob, .failure(KnobFailure(reason: unknown?.reason ?? "its driver has none")))
      }
      return (knob, .success(Knob.text(isPersistent: isPersistent)))
    }
  }

  /// Whether a container runs in a scope. Where control groups could not be listed it may.
  private func isRunning(_ scope: String) -> Bool {
    let workloads = inventory.workloads
    return workloads.isUnified == nil || !workloads.unknown.isEmpty
      || workloads.containers.contains {
        $0.group.path.split(separator: "/").contains(scope[...])
      }
  }

  private var gone: Result<String, KnobFailure> {
    .failure(KnobFailure(errno: .ENOENT, reason: "it is not there any more"))
  }
}

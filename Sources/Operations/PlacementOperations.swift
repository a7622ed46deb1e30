package import Base
package import Benchmarks
internal import Configuration
package import Inventory
package import KernelTree
internal import Linux
package import Placement

/// The policy of a machine, the plan that follows from it, and what of it holds. This file only reads.
package struct PlacementOperations: Sendable {
  /// Reads the machine.
  package var reader: MachineReader
  /// A policy file in place of those in `/etc/tinybox`.
  package var policyFile: String?

  /// Operations on the placement.
  package init(_ reader: MachineReader = MachineReader(), policyFile: String? = nil) {
    self.reader = reader
    self.policyFile = policyFile
  }

  /// What a plan was made from.
  package struct Planned {
    package var plan: Plan
    package var policy: Policy
    /// The machine.
    package var inventory: Inventory
    /// What was asked of systemd and irqbalance.
    package var serviceState: ServiceState
    /// Where the machine was read.
    package var tree: KernelTree
  }

  /// The facts of the machine that a plan needs.
  /// - Parameter asksDrivers: also ask the libraries of GPU drivers, which takes up to seconds. A
  ///   plan needs their answers only where it is about the power of an NVIDIA GPU, and then they are asked anyway;
  ///   which GPUs to give needs them: links, instances, who holds one.
  package func inventory(
    _ tree: KernelTree, asksDrivers: Bool = false
  ) throws(Failure) -> Inventory {
    var options = try reader.options(.placement)
    options.useVendorLibraries = asksDrivers
    // What devices are known by, for trials of their placement.
    options.includeSerials = true
    var inventory = InventoryReader.read(tree, options: options)
    reader.number(&inventory, tree)
    if !asksDrivers, needsPower(of: inventory, tree) { inventory.askNVIDIAPower(tree) }
    return inventory
  }

  /// Whether a policy or the ledger has a power cap or a persistence mode of an NVIDIA GPU. Files that cannot be
  /// used have none: whoever plans with them says so.
  private func needsPower(of inventory: Inventory, _ tree: KernelTree) -> Bool {
    let cards = inventory.gpus.filter { $0.driver == "nvidia" }.map(\.address)
    if cards.isEmpty { return false }
    let entries = (try? PlacementOperations.ledger(tree))??.entries ?? []
    if entries.contains(where: { $0.knob.isPower }) { return true }
    guard let policy = try? policy(tree) else { return false }
    return cards.contains { address in
      let rule = policy.rule(.gpu, address, names: [])
      return rule.powerCap != nil || rule.persistence != nil
    }
  }

  /// The policy.
  /// - Throws: `Failure` with everything that is wrong in the files.
  package func policy(_ tree: KernelTree) throws(Failure) -> Policy {
    do throws(ConfigurationFailure) {
      guard let policyFile else { return try PolicyFiles.read(tree) }
      return try PolicyFiles.read(file: policyFile, .live)
    } catch {
      throw PlacementOperations.unusable(error.problems)
    }
  }

  /// Reads the machine and the policy, and plans.
  package func plan() throws(Failure) -> Planned {
    let tree = try reader.tree()
    return try plan(tree, try inventory(tree))
  }

  /// Plans.
  /// - Parameters:
  ///   - inventory: with at least the parts of `placement`.
  ///   - known: a policy that was read before, in place of the files.
  package func plan(
    _ tree: KernelTree, _ inventory: Inventory, policy known: Policy? = nil
  ) throws(Failure) -> Planned {
    let policy: Policy
    if let known { policy = known } else { policy = try self.policy(tree) }
    let problems = policy.problems(on: inventory)
    if !problems.isEmpty {
      throw PlacementOperations.unusable(problems)
    }
    var serviceState = ServiceState.read(tree)
    if let balancer = inventory.system.irqbalance {
      serviceState.bannedInterrupts = PlacementOperations.banned(balancer.pid, tree)
    }
    return Planned(
      plan: Plan(inventory, policy, serviceState), policy: policy, inventory: inventory,
      serviceState: serviceState, tree: tree)
  }

  /// What was placed of a plan, by the ledger.
  /// - Parameter trials: what trials were made; nil for no word about them.
  package func status(
    _ planned: Planned, _ trials: TrialHistory? = nil
  ) throws(Failure) -> PlacementStatus {
    var status = PlacementStatus(
      ledger: try PlacementOperations.ledger(planned.tree),
      bootID: planned.tree.textIfPresent("/proc/sys/kernel/random/boot_id"),
      plan: planned.plan, planned.inventory, planned.serviceState, planned.tree)
    status.proofs = trials.map { PlacementOperations.proofs(planned, $0) }
    return status
  }

  /// What trials show of each device of a plan, as it is now.
  package static func proofs(_ planned: Planned, _ trials: TrialHistory) -> [PlacementProof] {
    var ledger: Ledger?
    var problem: String?
    do throws(Failure) {
      let boot = planned.tree.textIfPresent("/proc/sys/kernel/random/boot_id")
      ledger = try self.ledger(planned.tree).flatMap { $0.bootID == boot ? $0 : nil }
    } catch {
      problem = "what is placed is not known: \(error.reason)"
    }
    return ProofJudge.proofs(
      of: planned.plan.proofSubjects(planned.inventory, ledger, ledgerProblem: problem),
      kernel: planned.tree.textIfPresent("/proc/sys/kernel/osrelease"), trials)
  }

  /// The ledger of a machine; nil when there is none.
  package static func ledger(_ tree: KernelTree) throws(Failure) -> Ledger? {
    let file: [UInt8]
    do throws(ReadFailure) {
      file = try tree.bytes(Ledger.path, limit: 64 << 20)
    } catch {
      if error.cause == .notFound { return nil }
      throw Failure("read \(error.path)", error, code: .conflict)
    }
    return try Ledger.decode(file)
  }

  /// Interrupts by CPU when things were last placed in this boot; nil when nothing is.
  package static func handledBefore(_ tree: KernelTree) -> [String: HandledCount]? {
    guard let ledger = try? ledger(tree), !ledger.entries.isEmpty,
      ledger.bootID == tree.textIfPresent("/proc/sys/kernel/random/boot_id")
    else { return nil }
    return ledger.handledBefore
  }

  /// What irqbalance leaves alone, by its own answer; nil when it does not answer.
  static func banned(_ pid: Int, _ tree: KernelTree) -> NumberSet? {
    let answer = try? tree.probe("irqbalance/setup") { () throws(ReadFailure) in
      do throws(Errno) {
        return Array(try IRQBalanceSocket.setup(pid: pid).utf8)
      } catch {
        throw ReadFailure(path: "irqbalance/setup", errno: error)
      }
    }
    return answer.flatMap { IRQBalanceSocket.banned(in: String(decoding: $0, as: UTF8.self)) }
  }

  /// The first problem is the cause, the others follow it a line each.
  static func unusable(
    _ problems: [ConfigurationProblem], step: String = "use the policy"
  ) -> Failure {
    let lines = problems.map(\.description)
    return Failure(
      step, because: lines.first ?? "it is wrong",
      hint: lines.count > 1 ? lines.dropFirst().joined(separator: "\n  ") : nil, code: .conflict)
  }
}

internal import Apply
public import Base
internal import Configuration
package import Inventory
package import KernelTree
internal import Linux
package import Placement
internal import Render

/// `tinyboxctl placement`.
public struct PlacementCommand: Sendable {
  /// Tree and options.
  public var session: Session
  /// A policy file in place of those in `/etc/tinybox`.
  public var policyFile: String?

  /// The command.
  public init(session: Session, policyFile: String? = nil) {
    self.session = session
    self.policyFile = policyFile
  }

  /// What a plan rests on.
  package static let parts: CollectionOptions.Parts = [
    .memory, .processors, .pci, .pciDetail, .gpus, .nics, .nvme, .interrupts, .interruptDetail,
    .workloads, .system,
  ]

  /// What a plan was made from.
  package struct Planned {
    package var plan: Plan
    package var policy: Policy
    package var inventory: Inventory
    package var surroundings: Surroundings
    package var tree: KernelTree
  }

  /// `tinyboxctl placement plan`: what would be changed, as a diff or JSON.
  public func plan(_ display: Display) throws(Failure) -> String {
    let known = try fromDaemon {
      try DaemonClient.document(Plan.self, "/v1/placement/plan")
    }
    let plan: Plan
    if let known { plan = known } else { plan = try makePlan().plan }
    if session.json { return try JSONOutput.text(plan) }
    return PlacementPlan.render(plan, display.style).joined(separator: "\n") + "\n"
  }

  /// `tinyboxctl placement status`: what was placed, and what of it still holds.
  public func status(_ display: Display) throws(Failure) -> String {
    let known = try fromDaemon {
      try DaemonClient.document(PlacementStatus.self, "/v1/placement")
    }
    let status: PlacementStatus
    if let known { status = known } else { status = try self.status(try makePlan()) }
    if session.json { return try JSONOutput.text(status) }
    return PlacementReport.render(status, display.style).joined(separator: "\n") + "\n"
  }

  /// Asks tinyboxd, unless another policy than its own is to be used.
  func fromDaemon<Value>(_ ask: () throws -> Value) throws(Failure) -> Value? {
    var session = session
    if policyFile != nil { session.source = .machine }
    return try session.fromDaemon(ask)
  }

  /// What was placed of a plan, by the ledger.
  package func status(_ planned: Planned) throws(Failure) -> PlacementStatus {
    let ledger: Ledger?
    do {
      ledger = try Ledger.decode(try planned.tree.bytes(Ledger.path, limit: 64 << 20))
    } catch let failure as ReadFailure where failure.cause == .notFound {
      ledger = nil
    } catch let failure as ReadFailure {
      throw Failure("read \(failure.path)", because: failure.reason)
    } catch let failure as Failure {
      throw Failure(failure.step, because: failure.reason, hint: failure.hint)
    } catch {
      throw Failure("read the ledger", error)
    }
    return PlacementStatus(
      ledger: ledger, bootID: planned.tree.textIfPresent("/proc/sys/kernel/random/boot_id"),
      plan: planned.plan, planned.inventory, planned.surroundings, planned.tree)
  }

  /// Reads the machine and the policy, and plans.
  package func makePlan() throws(Failure) -> Planned {
    let tree = try session.tree()
    return try makePlan(tree, try inventory(tree))
  }

  /// Reads the policy, and plans.
  /// - Parameters:
  ///   - inventory: with at least `parts`.
  ///   - known: a policy that was read before, in place of the files.
  package func makePlan(
    _ tree: KernelTree, _ inventory: Inventory, policy known: Policy? = nil
  ) throws(Failure) -> Planned {
    let policy: Policy
    if let known { policy = known } else { policy = try self.policy(tree) }
    let problems = policy.problems(on: inventory)
    if !problems.isEmpty { throw PlacementCommand.failure(problems) }
    var surroundings = Surroundings.read(tree)
    if let balancer = inventory.system.irqbalance {
      surroundings.bannedInterrupts = PlacementCommand.banned(balancer.pid, tree)
    }
    return Planned(
      plan: Plan(inventory, policy, surroundings), policy: policy, inventory: inventory,
      surroundings: surroundings, tree: tree)
  }

  package func inventory(_ tree: KernelTree) throws(Failure) -> Inventory {
    var options = try session.options(PlacementCommand.parts)
    // What they tell is no matter of place, and they take up to seconds.
    options.useVendorLibraries = false
    return Collection.run(tree, options: options)
  }

  /// What irqbalance leaves alone, as it answers itself.
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

  package func policy(_ tree: KernelTree) throws(Failure) -> Policy {
    do throws(ConfigurationFailure) {
      guard let policyFile else { return try PolicyFiles.read(tree) }
      return try PolicyFiles.read(file: policyFile, .live)
    } catch {
      throw PlacementCommand.failure(error.problems)
    }
  }

  private static func failure(_ problems: [ConfigurationProblem]) -> Failure {
    let lines = problems.map(\.description)
    return Failure(
      "use the policy", because: lines.first ?? "it is wrong",
      hint: lines.count > 1 ? lines.dropFirst().joined(separator: "\n  ") : nil)
  }
}

internal import Apply
package import Base
package import Benchmarks
internal import Inventory
internal import KernelTree
internal import Linux
package import Placement

/// What a trial of a device's placement would do, from one reading of the machine. Pure but for that reading.
package struct TrialPreparation {
  /// The settings, and their values.
  package var plan: TrialPlan
  /// The loads.
  package var loads: [TrialLoad]
  /// The machine.
  package var box: BenchmarkBox
  /// What the daemon does about drift.
  package var mode: Policy.Mode

  /// Reads the machine, plans, and chooses loads.
  /// - Parameters:
  ///   - device: any name of it.
  ///   - options: peer, local address, quick; its devices are not read.
  ///   - names: loads to keep to, by name; empty for all that the device has.
  ///   - onlyChanges: only what applying the plan would change now, with the load in one place. Else all of
  ///     the placement, and the load's own CPUs with it.
  /// - Throws: `Failure` with the reason why no such trial can be made.
  package init(
    _ device: String, _ options: BenchmarkOptions, loads names: [String], onlyChanges: Bool,
    _ operations: PlacementOperations
  ) throws(Failure) {
    var reader = operations.reader
    reader.serials = true
    let tree = try reader.tree()
    let inventory = try reader.inventory(.all, of: tree)
    let address = try DeviceLookup.function(device, inventory, for: "try the placement of")
    var options = options
    options.devices = ["\(address)"]
    var box = BenchmarkBox(inventory, options)
    if let peer = options.networkPeer {
      // A recording has no routes: its owner may mean this interface.
      box.peerInterface =
        operations.reader.sysroot != nil
        ? box.index.nics(address).first?.name
        : (try? RouteLookup.interface(towards: peer)).flatMap { $0 }
    }
    // What costs nothing to find out comes first.
    let loads = try TrialLoads.all(box, address, movesLoad: !onlyChanges, names: names)
    let planned = try operations.plan(tree, inventory)
    let boot = tree.textIfPresent("/proc/sys/kernel/random/boot_id")
    let ledger = try PlacementOperations.ledger(tree).flatMap { $0.bootID == boot ? $0 : nil }
    plan = try TrialPlan(
      planned.plan, ledger, numbers: InterruptNames.numbers(in: inventory), device: address,
      subject: box.index.name(address), onlyChanges: onlyChanges)
    self.loads = loads
    self.box = box
    mode = planned.policy.mode
    if plan.settings.isEmpty, !loads.contains(where: \.movesLoad) {
      throw Failure(
        "try the placement of \(plan.subject)",
        because: "there is nothing to switch: "
          + (plan.leftAlone.first.map(\.reason) ?? "placement sets nothing of it")
          + (onlyChanges ? "" : ", and the load would run on the same CPUs"), code: .conflict)
    }
  }

  /// What is tried, and on which kernel: a verdict is good for nothing else.
  package var conditions: BenchmarkTrial.Conditions {
    .init(
      identity: box.index.identity(plan.device), address: plan.device,
      kernel: box.inventory.machine.kernel.release)
  }

  /// The trial as a document, before it is made.
  package var planned: BenchmarkTrialDocument.Device {
    var device = BenchmarkTrialDocument.Device(
      device: plan.subject, address: plan.device, plan: plan.id, outcome: .planned)
    device.settings = plan.settings.filter { !$0.isHeld }.map { setting in
      let knob = setting.change.knob
      return .init(
        name: knob.label, detail: knob.action,
        off: setting.original.flatMap { knob.value(of: Array($0.utf8)) } ?? setting.change.old,
        on: setting.change.new)
    }
    device.leftAlone = plan.leftAlone.map { left in
      let numbers =
        left.interrupts.map { "interrupts \($0): " } ?? left.what.map { "\($0): " } ?? ""
      return numbers + left.reason
    }
    device.loads = loads.map(\.planned)
    return device
  }

  /// The settings of the running machine. Takes the lock of trials.
  /// - Throws: `Failure` (`busy`) when another trial is going on.
  package func settings(
    _ operations: PlacementOperations
  ) throws(Failure) -> any SwitchedSettings {
    let lock = try TrialLock()
    return SwitchedPlacement(
      plan, on: LiveTree(irqbalance: box.inventory.system.irqbalance?.pid),
      handled: HandledCount.all(in: box.inventory),
      interrupts: { InterruptNames.numbers(in: try operations.inventory(.live)) },
      locked: { body in
        try withExtendedLifetime(lock) { try TrialPreparation.whenFree(body) }
      })
  }

  /// Seconds that another program may take to change the placement.
  private static var waitSeconds: Double { 30 }

  /// Runs `body` under the lock of the placement, which others hold for moments: what was found must come back.
  private static func whenFree(_ body: () throws -> Void) throws {
    let end = Clock.seconds() + waitSeconds
    while true {
      do {
        return try LiveTree.locked(body)
      } catch let failure as Failure where failure.code == .busy && Clock.seconds() < end {
        Clock.sleep(seconds: 0.05)
      }
    }
  }
}

internal import Base
internal import Events
internal import Inventory
internal import Linux
internal import Operations

/// Reads the machine again when something was added to it or removed, and reports what has changed.
final class MachineController: Controller {
  private enum Item: Hashable, CaseIterable { case reading }

  /// irqbalance has its process at once, and its socket when it has looked at the machine.
  private static let balancerSeconds = 2.0

  private let context: Context
  private let placement = PlacementOperations()
  private var timers = Timers<Item>()
  private let programs = ProgramSource()
  private let folders = FolderSource()
  private let units = UnitSource()
  private let balancer = ProcessEndSource()
  /// A start of irqbalance was reported: how many more readings are made until it is found, and
  /// takes the list of interrupts it leaves alone.
  private var balancerReadings = 0
  /// The machine was read since the loop last waited.
  private var wasRead = true

  init(_ context: Context) { self.context = context }

  private(set) lazy var sources: [any EventSource] = [
    DeviceSource(), LinkSource(), folders, programs, units, balancer,
  ]

  var due: Double? { timers.next }

  func handle(_ notification: Notification) {
    switch notification {
    case .machineChanged:
      timers.debounce(.reading, at: Clock.seconds(), quiet: 0.15, limit: 0.8)
    case .machineChangedSoon(let seconds): read(in: seconds)
    case .irqbalanceStarting(let readings):
      balancerReadings = max(balancerReadings, readings)
      context.send(.machineChanged)
    case .machineStale: readAgain()
    case .watchUnits(let names): units.watch(names)
    default: break
    }
  }

  func run(at now: Double) {
    if !timers.due(at: now).isEmpty { readAgain() }
  }

  func prepareToWait() {
    guard wasRead else { return }
    wasRead = false
    balancer.watch(context.irqbalance)
    programs.watchAgain()
    folders.watchAgain()
  }

  /// Reads the machine again in so many seconds at the latest.
  private func read(in seconds: Double) {
    let now = Clock.seconds()
    // One that comes sooner is as good.
    if let next = timers.next, next <= now + seconds { return }
    timers.debounce(.reading, at: now, quiet: seconds, limit: seconds)
  }

  /// Reads the machine, and reports what has changed.
  private func readAgain() {
    context.moment += 1
    context.counters.readings.add(1)
    context.invalidateReadings()
    do throws(Failure) {
      take(try placement.inventory(context.tree))
    } catch {
      context.configurationFailed("cannot \(error)")
    }
  }

  /// Takes what others read, unless something happened meanwhile.
  func take(_ inventory: Inventory, isCurrent: Bool, moment: Int) {
    guard isCurrent, moment == context.moment else { return readAgain() }
    take(inventory)
  }

  private func take(_ inventory: Inventory) {
    let before = context.inventory
    let changes = before.map { BoxChanges.between($0, inventory) } ?? []
    context.log.record(changes)
    if let before,
      !changes.isEmpty || BoxChanges.ObservedState(before) != BoxChanges.ObservedState(inventory)
    {
      context.send(.checksStale)
    }
    context.inventory = inventory
    wasRead = true
    context.send(.machineRead(inventory, changes: changes, isFirst: before == nil))
    if balancerReadings > 0, context.irqbalance == nil || context.awaitsBalancer {
      balancerReadings -= 1
      read(in: MachineController.balancerSeconds)
    } else {
      balancerReadings = 0
    }
  }
}

internal import Base
internal import KernelTree
internal import Linux
internal import Systemd

/// Collects what the operating system reports about itself.
enum SystemCollector {
  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    let tree = context.tree
    var system = SystemState()
    var reader = context.reader("")
    system.fileSystems = FileSystemReader.read(tree, &reader)
    system.arrays = RAIDReader.read(tree, &reader)
    system.clock = clock(&reader)
    system.failedUnits = failedUnits(&reader)
    let processes = IRQBalanceFinder.find(tree)
    system.irqbalance = processes.irqbalance
    system.processesListed = processes.isComplete
    if !processes.isComplete {
      reader.note("irqbalance", path: "/proc", unknown: processes.reason)
    }
    let locks = RuntimeLockFinder.find(&reader)
    system.runtimeLocks = locks ?? []
    system.locksListed = locks != nil
    system.unknown = reader.unknown
    system.sources = reader.sources
    inventory.system = system
    let hasAny = !system.fileSystems.isEmpty || system.clock != nil || system.failedUnits != nil
    inventory.collectors.append(
      CollectorReport(
        name: "System", outcome: hasAny ? .found : .failed,
        note: hasAny ? nil : system.unknown.first.map { "\($0.path): \($0.reason)" }))
  }

  // MARK: - Clock

  /// STA_UNSYNC of <sys/timex.h>.
  private static let unsynchronized = 0x40

  /// The answer of the `adjtimex` probe: `status BITS` and `maxerror MICROSECONDS`, a line each.
  private static func clock(_ reader: inout FactReader) -> ClockState? {
    let probe = "adjtimex"
    do throws(ReadFailure) {
      let answer = try reader.tree.probe(probe) { () throws(ReadFailure) in
        do throws(Errno) {
          let state = try KernelClock.state()
          return Array(
            "status \(state.status)\nmaxerror \(state.maximumErrorMicroseconds)\n".utf8)
        } catch {
          throw ReadFailure(path: probe, errno: error)
        }
      }
      let numbers = ASCII.keyValues(answer).compactMapValues { Int($0) }
      guard let status = numbers["status"], status >= 0 else {
        reader.note("clock", path: probe, unknown: "cannot understand the answer")
        return nil
      }
      reader.note("clock", source: probe)
      return ClockState(
        isSynchronized: status & unsynchronized == 0,
        maximumErrorMicroseconds: numbers["maxerror"].flatMap { $0 >= 0 ? $0 : nil })
    } catch {
      reader.note("clock", error, expected: true)
      return nil
    }
  }

  // MARK: - Units

  /// The answer of the `systemd/failed-units` probe: `unit NAME SUMMARY`, a line each, and `asked`
  /// at the end; or `failure REASON`.
  private static func failedUnits(_ reader: inout FactReader) -> [FailedUnit]? {
    let probe = "systemd/failed-units"
    do throws(ReadFailure) {
      let answer = try reader.tree.probe(probe, sensitivity: .freeText) {
        () throws(ReadFailure) in askFailedUnits()
      }
      var units: [FailedUnit] = []
      var isWhole = false
      for line in AnswerText.lines(answer) {
        switch line.key {
        case "unit":
          let parts = line.value.split(separator: " ", maxSplits: 1).map { String($0) }
          guard let name = parts.first else { continue }
          units.append(FailedUnit(name: name, summary: parts.count > 1 ? parts[1] : nil))
        case "asked": isWhole = true
        case "failure":
          reader.note("failedUnits", path: probe, unknown: line.value)
          return nil
        default: break
        }
      }
      guard isWhole else {
        reader.note("failedUnits", path: probe, unknown: "cannot understand the answer")
        return nil
      }
      reader.note("failedUnits", source: probe)
      return units.sorted { NaturalOrder.precedes($0.name, $1.name) }
    } catch {
      reader.note("failedUnits", error, expected: true)
      return nil
    }
  }

  private static func askFailedUnits() -> [UInt8] {
    var text = AnswerText()
    // What sd_booted(3) looks for: without it nobody would answer.
    guard KernelTree.live.exists("/run/systemd/system") else {
      text.add("failure", "systemd does not run here")
      return text.bytes
    }
    do throws(LibraryError) {
      for unit in try SystemManager.units(in: "failed") {
        text.add("unit", unit.summary.isEmpty ? unit.name : "\(unit.name) \(unit.summary)")
      }
      text.add("asked", "1")
    } catch {
      text.add("failure", error)
    }
    return text.bytes
  }
}

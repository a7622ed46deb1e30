internal import Linux
internal import Systemd

/// Units and scopes of systemd that come, go and fail.
final class UnitSource: EventSource {
  private var signals: BusSignals?
  /// Units whose every change is reported.
  private var watched: [String] = []

  var name: String? { "units" }
  // The library has work of its own to do, with time limits.
  var isReadAlways: Bool { true }
  var reopenSeconds: (lost: Double, refused: Double)? { (1, 30) }

  func open() throws -> String {
    signals = try UnitSource.connect()
    for unit in watched { try signals?.watch(unit: unit) }
    return "units and scopes of systemd"
  }

  /// Watches these units; those that were watched before stay so.
  func watch(_ units: [String]) {
    watched = units
    // A connection that is broken is found at the next read, and made again.
    for unit in units { try? signals?.watch(unit: unit) }
  }

  /// The bus, or systemd itself while there is no bus yet.
  private static func connect() throws(LibraryError) -> BusSignals {
    // Asked on a thread of its own, with a deadline: a bus that hangs is not to stop this one.
    _ = try UnitProperties.isLoaded("-.slice")
    do throws(LibraryError) {
      return try BusSignals(SystemBus.open(), isBus: true)
    } catch {
      let direct = try SystemBus.open(address: SystemBus.managerAddress, isBus: false)
      return try BusSignals(direct, isBus: false)
    }
  }

  // A noncopyable value in an optional is looked at in place.
  var descriptor: Int32? {
    switch signals {
    case .some(let signals): signals.descriptor
    case .none: nil
    }
  }
  var wantsWriting: Bool {
    switch signals {
    case .some(let signals): signals.wantsWriting
    case .none: false
    }
  }
  var seconds: Double? {
    switch signals {
    case .some(let signals): signals.seconds
    case .none: nil
    }
  }

  func read(_ tell: (Notification) -> Void) throws {
    for _ in 0..<EventLoop.turn {
      guard let signal = try signals?.next() else { break }
      switch UnitFilter.meaning(signal) {
      case .change: tell(.machineChanged)
      // It may be its end.
      case .balancer: tell(.irqbalanceStarting(readings: 1))
      case .runtime:
        tell(.runtimeUnitsChanged)
        if signal.path == SystemManager.path { tell(.machineChanged) }
      case .nothing: break
      }
    }
  }

  func close() { signals = nil }
}

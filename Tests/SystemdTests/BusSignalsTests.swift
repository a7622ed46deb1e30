import Glibc
import Linux
import Systemd
import TestSupport
import Testing

private let hasLibrary = dlopen(SystemBus.library, RTLD_NOW) != nil
private let hasBus = access("/usr/bin/dbus-daemon", X_OK) == 0

@Suite(.enabled(if: hasLibrary, "there is no \(SystemBus.library)")) struct BusSignalsTests {
  /// Signals, until so many have come, a minute is over, or the connection ends.
  private func gather(_ signals: borrowing BusSignals, _ count: Int) throws -> [BusSignal] {
    var found: [BusSignal] = []
    var poller = Poller()
    let end = Clock.seconds() + 60
    while Clock.seconds() < end {
      while let signal = try signals.next() {
        found.append(signal)
        if found.count == count { return found }
      }
      let wait = min(end - Clock.seconds(), signals.seconds ?? 10)
      _ = try poller.wait([(signals.descriptor, signals.wantsWriting)], seconds: max(0, wait))
    }
    return found
  }

  private let asked = [
    signal("UnitNew", ["a.scope", "/unit/a"]),
    signal("JobRemoved", ["7", "/job/7", "irqbalance.service", "done"]),
    // What follows is a container.
    signal("PropertiesChanged", [SystemManager.interface], "org.freedesktop.DBus.Properties"),
    signal("UnitRemoved", ["a.scope"]),
  ]

  private static func signal(
    _ member: String, _ arguments: [String], _ interface: String = SystemManager.interface
  ) -> BusSignal {
    BusSignal(path: SystemManager.path, interface: interface, member: member, arguments: arguments)
  }

  @Test func `signals of a peer come in order, and its end is an error`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let stub = try build("signals", in: folder, "-l:\(SystemBus.library)")
    try background("'\(stub)' peer '\(folder)/socket'")
    let bus = try SystemBus.open(address: "unix:path=\(folder)/socket", isBus: false)
    let signals = try BusSignals(bus, isBus: false)
    // A peer sends more: nobody filters on the way.
    #expect(try gather(signals, asked.count) == asked)
    #expect(throws: LibraryError.self) { _ = try gather(signals, 1) }
    #expect(throws: LibraryError.self) { _ = try signals.next() }
  }

  @Test(.enabled(if: hasBus, "there is no dbus-daemon (scripts/setup)"))
  func `a bus forwards what was asked for, and its end is an error`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let address = "unix:path=\(folder)/socket"
    let stub = try build("signals", in: folder, "-l:\(SystemBus.library)")
    try background(
      "dbus-daemon --session --fork --address=\(address) --print-pid > \(folder)/pid && "
        + "{ '\(stub)' bus '\(address)' >/dev/null 2>&1 & }")
    let end = "kill $(cat \(folder)/pid)"
    defer { _ = try? shell(end) }
    try waitForManager(address)
    let bus = try SystemBus.open(address: address, isBus: true)
    let signals = try BusSignals(bus, isBus: true)
    #expect(try gather(signals, asked.count) == asked)
    #expect(try signals.next() == nil)
    #expect(signals.descriptor >= 0)
    try shell(end)
    #expect(throws: LibraryError.self) { _ = try gather(signals, 1) }
  }

  @Test(.enabled(if: hasBus, "there is no dbus-daemon (scripts/setup)"))
  func `a bus without systemd cannot be subscribed to`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let address = "unix:path=\(folder)/socket"
    try background("dbus-daemon --session --fork --address=\(address) --print-pid > \(folder)/pid")
    defer { _ = try? shell("kill $(cat \(folder)/pid)") }
    #expect(throws: LibraryError.self) {
      _ = try BusSignals(SystemBus.open(address: address, isBus: true), isBus: true)
    }
  }

  private func waitForManager(_ address: String) throws {
    let bus = try SystemBus.open(address: address, isBus: true)
    let name = "org.freedesktop.DBus"
    let isThere = try eventually {
      let message = try bus.method("NameHasOwner", of: name, at: "/org/freedesktop/DBus", name)
      try message.append(SystemManager.destination)
      return try bus.call(message, seconds: 60).bool() == true
    }
    if !isThere { throw Failed(step: "the stand-in has not taken systemd's name") }
  }
}

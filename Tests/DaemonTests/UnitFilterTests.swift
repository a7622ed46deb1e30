import Systemd
import Testing

@testable import Daemon

@Suite struct UnitFilterTests {
  private func meaning(_ member: String, _ arguments: String...) -> UnitFilter.Meaning {
    UnitFilter.meaning(
      BusSignal(
        path: SystemManager.path, interface: SystemManager.interface, member: member,
        arguments: arguments))
  }

  @Test(arguments: ["libpod-0123.scope", "docker-4567.scope", "tinybox-node0.slice"])
  func `what is placed has the box read again`(unit: String) {
    #expect(meaning("UnitNew", unit, "/unit") == .change)
    #expect(meaning("UnitRemoved", unit, "/unit") == .change)
    #expect(meaning("JobRemoved", "7", "/job", unit, "done") == .change)
  }

  @Test(arguments: ["session-3.scope", "init.scope", "apt-daily.service", "user.slice"])
  func `what places nothing does not`(unit: String) {
    #expect(meaning("UnitNew", unit, "/unit") == .nothing)
    #expect(meaning("JobRemoved", "7", "/job", unit, "failed") == .nothing)
  }

  @Test func `irqbalance and failed units are told apart`() {
    #expect(meaning("JobRemoved", "7", "/job", "irqbalance.service", "done") == .balancer)
    #expect(meaning("PropertiesChanged", SystemManager.interface) == .change)
  }

  @Test func `units of runtimes are known by manager and by object`() {
    for unit in ["tinybox-runtime@a.service", "tinybox-runtime-door@a.socket"] {
      #expect(meaning("JobRemoved", "7", "/job", unit, "done") == .runtime)
    }
    #expect(meaning("UnitNew", "tinybox-runtime@a.timer", "/unit") == .nothing)
    let signal = BusSignal(
      path: BusSignals.path(ofUnit: "tinybox-runtime@a.service"),
      interface: "org.freedesktop.DBus.Properties", member: "PropertiesChanged",
      arguments: ["org.freedesktop.systemd1.Unit"])
    #expect(
      signal.path == "/org/freedesktop/systemd1/unit/tinybox_2druntime_40a_2eservice")
    #expect(UnitFilter.meaning(signal) == .runtime)
  }

  @Test func `what is cut short or unknown means nothing`() {
    #expect(meaning("UnitNew") == .nothing)
    #expect(meaning("JobRemoved", "7", "/job", "irqbalance.service") == .nothing)
    #expect(meaning("Reloading", "libpod-0123.scope") == .nothing)
  }
}

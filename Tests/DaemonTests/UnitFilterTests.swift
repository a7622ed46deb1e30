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

  @Test func `what is cut short or unknown means nothing`() {
    #expect(meaning("UnitNew") == .nothing)
    #expect(meaning("JobRemoved", "7", "/job", "irqbalance.service") == .nothing)
    #expect(meaning("Reloading", "libpod-0123.scope") == .nothing)
  }
}

import Base
import Inventory
import TestMachines
import Testing

@testable import Health

private let all = NumberSet(range: 0...7)

@Suite struct GovernorTests {
  private func verdicts(
    _ driver: String, governor: String?, preference: String? = nil,
    _ more: (inout Inventory) -> Void = { _ in }
  ) -> [Verdict] {
    WellServer.verdicts(GovernorCheck.self) { inventory in
      inventory.processors.frequency?.drivers = [driver: all]
      inventory.processors.frequency?.governors = governor.map { [$0: all] } ?? [:]
      inventory.processors.frequency?.energyPreferences = preference.map { [$0: all] } ?? [:]
      more(&inventory)
    }
  }

  @Test func thePreferenceDecidesInActiveMode() {
    #expect(verdicts("amd-pstate-epp", governor: "powersave", preference: "performance") == [.pass])
    #expect(verdicts("amd-pstate-epp", governor: "performance", preference: "power") == [.warn])
    #expect(verdicts("amd-pstate-epp", governor: "performance") == [.unknown])
    #expect(verdicts("intel_pstate", governor: "powersave", preference: "performance") == [.pass])
  }

  @Test func theGovernorDecidesElsewhere() {
    #expect(verdicts("acpi-cpufreq", governor: "performance") == [.pass])
    #expect(verdicts("acpi-cpufreq", governor: "powersave") == [.warn])
    #expect(verdicts("amd-pstate", governor: "schedutil") == [.warn])
    #expect(verdicts("acpi-cpufreq", governor: nil) == [.unknown])
  }

  @Test func oldIntelHasNoPreference() {
    #expect(verdicts("intel_pstate", governor: "performance") == [.notApplicable])
    #expect(verdicts("intel_pstate", governor: "powersave") == [.unknown])
  }

  @Test func theLowestClockIsNamedAsAShare() {
    let finding = WellServer.findings(GovernorCheck.self) { inventory in
      inventory.processors.frequency?.drivers = ["acpi-cpufreq": all]
    }
    #expect(finding.first?.consequence?.contains("50 %") == true)
  }

  @Test func someCPUsAreNotAll() {
    let some: (inout Inventory) -> Void = { inventory in
      inventory.processors.frequency?.energyPreferences = ["performance": NumberSet(range: 0...3)]
    }
    #expect(WellServer.verdicts(GovernorCheck.self, some) == [.unknown])
  }

  @Test func savingPowerIsUsualElsewhere() {
    #expect(
      verdicts("acpi-cpufreq", governor: "powersave", WellServer.makeDesktop) == [.notApplicable])
    #expect(
      verdicts("acpi-cpufreq", governor: "powersave", WellServer.makeGuest) == [.notApplicable])
  }

  @Test func missingIsUnknown() {
    #expect(WellServer.verdicts(GovernorCheck.self) { $0.processors.frequency = nil } == [.unknown])
    #expect(WellServer.verdicts(GovernorCheck.self) { $0.processors.online = nil } == [.unknown])
    #expect(
      WellServer.verdicts(GovernorCheck.self) { $0.processors.frequency?.drivers = [:] } == [
        .unknown
      ])
  }
}

@Suite struct FrequencyDriverTests {
  private func verdicts(_ change: @escaping (inout Inventory) -> Void) -> [Verdict] {
    WellServer.verdicts(FrequencyDriverCheck.self) { inventory in
      inventory.processors.frequency?.drivers = ["acpi-cpufreq": all]
      inventory.processors.frequency?.amdPstateStatus = nil
      change(&inventory)
    }
  }

  @Test func driversThatAskTheProcessorAreFine() {
    #expect(WellServer.verdicts(FrequencyDriverCheck.self) == [.pass])
  }

  @Test func onlyASwitchedOffDriverIsKnownToBePossible() {
    #expect(verdicts { _ in } == [.notApplicable])
    let off: (inout Inventory) -> Void = { $0.processors.frequency?.amdPstateStatus = "disable" }
    #expect(verdicts(off) == [.warn])
    #expect(verdicts { $0.machine.kernel.commandLine = "quiet amd_pstate=disable" } == [.warn])
    // EPYC 7001 has no CPPC.
    #expect(
      verdicts { inventory in
        off(&inventory)
        inventory.processors.modelNumber = 1
      } == [.notApplicable])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.processors.frequency = nil } == [.unknown])
    #expect(verdicts { $0.processors.frequency?.drivers = [:] } == [.unknown])
    #expect(verdicts { $0.processors.online = nil } == [.unknown])
  }
}

@Suite struct BoostTests {
  @Test func everyVerdict() {
    #expect(WellServer.verdicts(BoostCheck.self) == [.pass])
    #expect(
      WellServer.verdicts(BoostCheck.self) { $0.processors.frequency?.boost = false } == [.warn])
    #expect(
      WellServer.verdicts(BoostCheck.self) { $0.processors.frequency?.boost = nil } == [.unknown])
    #expect(WellServer.verdicts(BoostCheck.self) { $0.processors.frequency = nil } == [.unknown])
    for change in [WellServer.makeDesktop, WellServer.makeGuest] {
      let verdicts = WellServer.verdicts(BoostCheck.self) { inventory in
        change(&inventory)
        inventory.processors.frequency?.boost = false
      }
      #expect(verdicts == [.notApplicable])
    }
  }
}

@Suite struct IdleStatesTests {
  private func verdicts(_ change: (inout Inventory) -> Void) -> [Verdict] {
    WellServer.verdicts(IdleStatesCheck.self, change)
  }

  @Test func c2AloneIsNoWarning() {
    let finding = WellServer.findings(IdleStatesCheck.self).first
    #expect(finding?.verdict == .pass)
    #expect(finding?.summary == "deepest is C2, 100 µs")
    #expect(finding?.advice.isEmpty == false)
  }

  @Test func deepStatesAre() {
    #expect(verdicts { $0.processors.idle?.states[1].latencyMicroseconds = 800 } == [.pass])
    #expect(
      verdicts { inventory in
        inventory.processors.idle?.states[1].latencyMicroseconds = 800
        inventory.processors.idle?.states[1].name = "C3"
      } == [.warn])
    #expect(
      verdicts { inventory in
        inventory.processors.idle?.states[1].latencyMicroseconds = 800
        inventory.processors.idle?.states[1].disabledCPUs = all
      } == [.pass])
    #expect(
      verdicts { inventory in
        inventory.processors.idle?.states[1].latencyMicroseconds = 800
        inventory.processors.idle?.states[1].name = "C3"
        WellServer.makeDesktop(&inventory)
      } == [.notApplicable])
  }

  @Test func missingIsUnknown() {
    #expect(verdicts { $0.processors.idle = nil } == [.unknown])
    #expect(verdicts { $0.processors.idle?.states = [] } == [.unknown])
    #expect(verdicts { $0.processors.idle?.states[1].latencyMicroseconds = nil } == [.unknown])
    #expect(verdicts { $0.processors.online = nil } == [.unknown])
    #expect(
      verdicts {
        $0.processors.unknown = [UnknownFact(fact: "idle.states.2", path: "/x", reason: "denied")]
      } == [.unknown])
  }
}

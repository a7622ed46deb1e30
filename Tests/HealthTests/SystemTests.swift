import Base
import Inventory
import Testing

@testable import Health

@Suite struct SystemTests {
  @Test func time() {
    func clock(_ isSynchronized: Bool?) -> Box {
      box {
        $0.system.clock = isSynchronized.map {
          ClockState(isSynchronized: $0, maximumErrorMicroseconds: 16_000_000)
        }
      }
    }
    #expect(TimeSyncCheck.verdicts(clock(true)) == [.pass])
    #expect(TimeSyncCheck.verdicts(clock(false)) == [.warn])
    #expect(TimeSyncCheck.verdicts(clock(nil)) == [.unknown])
    #expect(
      TimeSyncCheck.verdicts(box { $0.machine.virtualization = guest(.container) })
        == [.notApplicable])
  }

  @Test func units() {
    func failed(_ names: [String]?) -> Box {
      box { $0.system.failedUnits = names?.map { FailedUnit(name: $0, summary: nil) } }
    }
    #expect(FailedUnitsCheck.verdicts(failed([])) == [.pass])
    #expect(FailedUnitsCheck.verdicts(failed(["fwupd.service"])) == [.pass])
    #expect(
      FailedUnitsCheck.evaluate(failed(["fwupd.service"])).first?.evidence.first?.value
        == "fwupd.service")
    let found = FailedUnitsCheck.evaluate(
      failed(["docker.service", "fwupd.service", "tinybox-agent.service", "raid.mount"]))
    #expect(found.map(\.verdict) == [.warn, .fail, .warn])
    #expect(found.map(\.subject) == ["docker.service", "tinybox-agent.service", "raid.mount"])
    #expect(FailedUnitsCheck.verdicts(failed(nil)) == [.unknown])
    #expect(
      FailedUnitsCheck.verdicts(box { $0.machine.virtualization = guest(.container) })
        == [.notApplicable])
  }

  @Test(arguments: [
    ("docker.service", "docker.service"), ("mnt-my\\x20disk.mount", "'mnt-my\\x20disk.mount'"),
    ("/my disk", "'/my disk'"), ("a'b;c", "'a'\\''b;c'"), ("", "''"),
  ])
  func namesInCommandsAreOneWord(name: String, word: String) {
    #expect(Text.quoted(name) == word)
  }

  @Test func locks() {
    func lock(
      _ holders: [Int], alive: Bool? = true, known: Bool = true, gpu: String = "0000:21:00.0",
      pci: [String] = ["0000:21:00.0"]
    ) -> Box {
      box {
        $0.system.locksListed = true
        $0.system.runtimeLocks = [
          RuntimeLock(
            path: "/tmp/am_\(gpu).lock", gpu: PCIAddress(gpu), holders: holders,
            holdersAlive: alive, holdersKnown: known)
        ]
        $0.pci = pci.compactMap { PCIAddress($0) }.map { PCIFunction(address: $0) }
      }
    }
    #expect(RuntimeLocksCheck.verdicts(lock([4242])) == [.pass])
    #expect(RuntimeLocksCheck.verdicts(lock([])) == [.notApplicable])
    #expect(RuntimeLocksCheck.verdicts(lock([4242], alive: false)) == [.warn])
    #expect(RuntimeLocksCheck.verdicts(lock([4242], alive: nil)) == [.unknown])
    #expect(RuntimeLocksCheck.verdicts(lock([], known: false)) == [.unknown])
    #expect(RuntimeLocksCheck.verdicts(lock([4242], gpu: "0000:99:00.0")) == [.warn])
    #expect(RuntimeLocksCheck.verdicts(lock([4242], gpu: "strange")) == [.unknown])
    #expect(RuntimeLocksCheck.verdicts(lock([4242], pci: [])) == [.unknown])
    #expect(RuntimeLocksCheck.verdicts(box { $0.system.locksListed = true }) == [.notApplicable])
    #expect(RuntimeLocksCheck.verdicts(box { _ in }) == [.unknown])
  }
}

@Suite struct EDACTests {
  private func controller(
    _ corrected: Int?, _ uncorrected: Int? = 0, seconds: Int? = 86_400 * 10
  ) -> Box {
    box { inventory in
      var controller = MemoryController(name: "mc0")
      controller.correctedErrors = corrected
      controller.uncorrectedErrors = uncorrected
      controller.secondsSinceReset = seconds
      inventory.memory.controllers = [controller]
    }
  }

  @Test func verdicts() {
    #expect(EDACCheck.verdicts(controller(0)) == [.pass])
    #expect(EDACCheck.verdicts(controller(9)) == [.pass])
    #expect(EDACCheck.verdicts(controller(10)) == [.warn])
    // An hour is no day: one error in it is one a day, not 24, and the hour is what is told.
    let hour = EDACCheck.evaluate(controller(1, seconds: 3600)).first
    #expect(hour?.verdict == .warn)
    #expect(hour?.summary == "1 corrected in 1 h 0 min")
    #expect(
      EDACCheck.evaluate(controller(7, seconds: 1000)).first?.summary
        == "7 corrected in 16 min 40 s")
    #expect(EDACCheck.evaluate(controller(9)).first?.summary == "9 corrected in 10 days")
    #expect(EDACCheck.verdicts(controller(0, 1)) == [.fail])
    #expect(EDACCheck.verdicts(controller(nil)) == [.unknown])
    #expect(EDACCheck.verdicts(controller(0, nil)) == [.unknown])
    #expect(EDACCheck.verdicts(controller(9, nil)) == [.unknown])
    #expect(EDACCheck.verdicts(controller(1, seconds: nil)) == [.warn])
    #expect(EDACCheck.verdicts(box { _ in }) == [.unknown])
    #expect(
      EDACCheck.verdicts(box { $0.machine.virtualization = guest(.vm) }) == [.notApplicable])
    var container = guest(.container)
    container.isInVirtualMachine = true
    #expect(
      EDACCheck.verdicts(box { $0.machine.virtualization = container }) == [.notApplicable])
  }

  @Test func theModuleIsNamed() {
    var inventory = controller(20).inventory
    var module = MemoryController.Module(name: "dimm3")
    module.label = "P0_DIMM_D1"
    module.correctedErrors = 20
    inventory.memory.controllers[0].modules = [module]
    let finding = EDACCheck.evaluate(Box(inventory)).first
    #expect(finding?.summary == "2 errors corrected a day (P0_DIMM_D1)")
    #expect(finding?.advice.first?.text == "reseat or replace P0_DIMM_D1")
  }
}

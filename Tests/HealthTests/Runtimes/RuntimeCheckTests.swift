import Base
import Inventory
import RuntimeCatalog
import TestMachines
import Testing

@testable import Health

@Suite struct RuntimeCheckTests {
  /// A runtime that is as it should be, on the first GPU and its node.
  private static var llama: HostedRuntime {
    var runtime = HostedRuntime(name: "llama")
    runtime.hasSpec = true
    runtime.hasUnit = true
    runtime.isJob = false
    runtime.gpus = [WellServer.gpus[0]]
    runtime.memoryNodes = NumberSet([0])
    runtime.isInterleaved = false
    runtime.memoryLimitBytes = 1 << 30
    runtime.model = "m"
    runtime.state = .ready
    runtime.restarts = 0
    return runtime
  }

  private static func inventory(_ runtimes: [HostedRuntime]) -> Inventory {
    var inventory = WellServer.inventory
    var state = RuntimesState()
    state.hasRegistry = true
    state.registryWritten = "2026-11-30T00:00:00Z"
    state.leases = [
      GPULease(gpu: WellServer.gpus[0], holder: "runtime llama", processID: 77)
    ]
    state.runtimes = runtimes
    inventory.runtimes = state
    inventory.system.failedUnits = []
    return inventory
  }

  private static func findings(
    _ check: any Check.Type, _ change: (inout HostedRuntime, inout Inventory) -> Void
  ) -> [Finding] {
    var runtime = llama
    var inventory = inventory([])
    change(&runtime, &inventory)
    inventory.runtimes?.runtimes.insert(runtime, at: 0)
    return check.evaluate(Box(inventory))
  }

  private static func verdicts(
    _ check: any Check.Type, _ change: (inout HostedRuntime, inout Inventory) -> Void
  ) -> [Verdict] { findings(check, change).map(\.verdict) }

  @Test func `a good runtime passes, and a box without one is none of their business`() {
    for check in Checks.runtimes {
      #expect(check.evaluate(Box(Self.inventory([Self.llama]))).map(\.verdict) == [.pass])
      #expect(check.evaluate(Box(WellServer.inventory)).map(\.verdict) == [.notApplicable])
    }
  }

  @Test func `states`() {
    let check = RuntimeStateCheck.self
    let expected: [RuntimeInstance.State: Verdict] = [
      .ready: .pass, .idle: .pass, .starting: .notApplicable, .stopped: .notApplicable,
      .draining: .notApplicable, .failed: .fail, .missingGPU: .fail, .damagedModel: .fail,
    ]
    for state in RuntimeInstance.State.allCases {
      #expect(
        Self.verdicts(check) { runtime, _ in runtime.state = state } == [expected[state]])
    }
    let back = Self.findings(check) { runtime, _ in
      runtime.state = .starting
      runtime.reason = "its program crashed; it starts again\nmore"
      runtime.restarts = 3
    }
    #expect(back.map(\.verdict) == [.warn])
    #expect(
      back.first?.summary == "fails and is started again: its program crashed; it starts again")
    #expect(back.first?.evidence.last?.value == "3")
    #expect(
      Self.verdicts(check) { runtime, inventory in
        runtime.state = nil
        inventory.runtimes?.unknown = [
          UnknownFact(fact: "registryWritten", path: "/run/x", reason: "permission denied")
        ]
      } == [.unknown])
  }

  @Test func `GPUs`() {
    let check = RuntimeGPUCheck.self
    #expect(Self.verdicts(check) { runtime, _ in runtime.gpus = [] } == [.notApplicable])
    let gone = Self.findings(check) { runtime, _ in runtime.gpus = [MadeUp.at("99:00.0")] }
    #expect(gone.map(\.verdict) == [.fail] && gone.first?.summary == "GPU 99:00.0 is not there")
    let shared = Self.findings(check) { runtime, inventory in
      var other = runtime
      other.name = "other"
      inventory.runtimes?.runtimes = [other]
    }
    #expect(shared.map(\.verdict) == [.fail, .fail])
    #expect(shared.first?.summary == "shares a GPU with runtime other")
    let leased = Self.findings(check) { _, inventory in
      inventory.runtimes?.leases?[0].holder = "benchmark gpu"
    }
    #expect(leased.map(\.verdict) == [.fail])
    #expect(leased.first?.summary == "GPU 21:00.0 is leased by benchmark gpu")
    #expect(
      Self.verdicts(check) { _, inventory in inventory.runtimes?.leases = nil } == [.unknown])
    let far = Self.findings(check) { runtime, _ in runtime.memoryNodes = NumberSet([1]) }
    #expect(far.map(\.verdict) == [.warn])
    #expect(far.first?.summary == "on node 1, its GPU 21:00.0 on node 0")
    #expect(
      Self.verdicts(check) { runtime, _ in runtime.memoryNodes = nil } == [.warn])
  }

  @Test func `memory`() {
    let check = RuntimeMemoryCheck.self
    let spread = Self.findings(check) { runtime, _ in
      runtime.memoryNodes = NumberSet([0, 1])
      runtime.isInterleaved = true
    }
    #expect(spread.map(\.verdict) == [.warn])
    #expect(spread.first?.consequence?.contains("a tenth of the speed") == true)
    // CPUs alone may have their model spread.
    #expect(
      Self.verdicts(check) { runtime, _ in
        runtime.gpus = []
        runtime.memoryNodes = NumberSet([0, 1])
        runtime.isInterleaved = true
      } == [.pass])
    let large = Self.findings(check) { runtime, _ in runtime.memoryLimitBytes = 1 << 40 }
    #expect(
      large.map(\.verdict) == [.warn] && large.first?.summary.hasPrefix("may take 1 TiB") == true)
    #expect(
      Self.verdicts(check) { runtime, _ in runtime.memoryLimitBytes = nil } == [.notApplicable])
  }

  @Test func `registry`() {
    let check = RuntimeRegistryCheck.self
    #expect(
      Self.findings(check) { runtime, _ in runtime.hasUnit = false }.first?.summary
        == "a file without a unit")
    #expect(
      Self.verdicts(check) { runtime, _ in
        runtime.hasUnit = false
        runtime.state = .missingGPU
      } == [.pass])
    #expect(
      Self.findings(check) { runtime, _ in runtime.hasSpec = false }.first?.summary
        == "in the registry, and without a file")
    #expect(
      Self.findings(check) { runtime, _ in runtime.state = nil }.first?.summary
        == "not in the registry")
    #expect(
      Self.verdicts(check) { runtime, _ in
        runtime.state = nil
        runtime.isJob = true
      } == [.pass])
    let old = Self.findings(check) { _, inventory in
      inventory.system.failedUnits = [
        FailedUnit(name: "tinybox-runtime@llama.service", summary: nil)
      ]
    }
    #expect(old.map(\.verdict) == [.warn])
    #expect(old.first?.summary == "the registry is old: it says ready, systemd says failed")
    #expect(
      Self.findings(check) { _, inventory in
        inventory.runtimes?.hasRegistry = false
        inventory.runtimes?.registryWritten = nil
      }.first?.summary == "tinyboxd has written no registry")
  }

  @Test func `a failed runtime is reported once`() {
    let findings = Self.findings(FailedUnitsCheck.self) { runtime, inventory in
      runtime.state = .failed
      inventory.system.failedUnits = [
        FailedUnit(name: "tinybox-runtime@llama.service", summary: nil)
      ]
    }
    #expect(findings.map(\.verdict) == [.pass])
  }

  @Test func `a pass goes with each fact that it cites`() throws {
    let inventory = Self.inventory([Self.llama])
    let whole = try InventoryJSON(inventory)
    var removed = 0
    for path in whole.paths {
      guard case .key = path.last, let less = whole.without(path) else { continue }
      let name = whole.name(of: path)
      for check in Checks.runtimes {
        let cited = check.evaluate(Box(inventory)).flatMap(\.evidence).map(\.fact)
        guard cited.contains(name) else { continue }
        removed += 1
        #expect(
          !check.evaluate(Box(less)).contains { $0.verdict == .pass },
          "\(check.info.id) passes without \(name)")
      }
    }
    #expect(removed >= 12)
  }
}

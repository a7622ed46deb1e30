import Apply
import Base
import Configuration
import Events
import Inventory
import Placement
import RuntimeCatalog
import Runtimes
import Systemd
import Testing

@testable import Daemon

/// A machine with a systemd of its own: jobs change states as a test lets them.
private final class MadeUpRuntimes: RuntimeTarget {
  var specs: [String: String] = [:]
  var units: [String: UnitState] = [:]
  var written: [String: RuntimeUnit] = [:]
  /// Everything that was asked of systemd.
  var calls: [String] = []
  var stored: [RuntimeRegistry] = []
  var previous: RuntimeRegistry?
  var inventory = Inventory(origin: "test")
  var gpus: [PCIAddress] = []
  var holders: [PCIAddress: String] = [:]
  var leases: [PCIAddress: String] = [:]
  var released: [PCIAddress] = []
  var failsToStart = false
  var clock = 0

  func situation(_ inventory: Inventory) throws(Failure) -> RuntimeSituation {
    var situation = RuntimeSituation()
    for (name, text) in specs.sorted(by: { $0.key < $1.key }) {
      do throws(ConfigurationFailure) {
        situation.specs.append(
          try RuntimeSpec.parse(Array(text.utf8), file: RuntimeSpec.path(name)))
      } catch {
        situation.problems += error.problems
      }
    }
    situation.held = written.mapValues { RuntimeUnit.Held(gpus: $0.gpus, node: $0.node) }
    situation.plan = RuntimePlan.make(
      situation.specs,
      .init(
        inventory: inventory, policy: Policy(),
        offers: Dictionary(
          uniqueKeysWithValues: gpus.map { ($0, GPUOffer([DeviceNode("/dev/dri/renderD128")])) }),
        models: [:], held: situation.held))
    return situation
  }

  func lease(_ gpus: [PCIAddress], to runtime: String) throws(Failure) -> String? {
    for gpu in gpus {
      if let holder = holders[gpu] { return holder }
      leases[gpu] = runtime
    }
    return nil
  }

  var statuses: [String: (JobStatus, Double)] = [:]
  func jobStatus(_ name: String) -> (status: JobStatus, written: Double)? {
    statuses[name].map { (status: $0.0, written: $0.1) }
  }

  func releaseLeases(butOf kept: [String: [PCIAddress]]) {
    let all = kept.values.flatMap { $0 }
    released += leases.keys.filter { !all.contains($0) }
    leases = leases.filter { all.contains($0.key) }
  }

  func write(
    _ units: [RuntimeUnit], keeping kept: Set<String>
  ) throws(Failure) -> RuntimeUnits.Changes {
    var changes = RuntimeUnits.Changes()
    for unit in units {
      if written[unit.name] == nil {
        changes.added.append(unit.name)
      } else if written[unit.name]?.dropIns != unit.dropIns {
        changes.changed.append(unit.name)
      }
      written[unit.name] = unit
    }
    for name in written.keys
    where !kept.contains(name) && !units.contains(where: { $0.name == name }) {
      changes.removed.append(name)
      written[name] = nil
    }
    changes.needsReload = changes != RuntimeUnits.Changes()
    return changes
  }

  func states() throws(Failure) -> [String: UnitState] { units }
  func reload() throws(Failure) {
    calls.append("reload")
    shownAtReload = shown
  }
  var shownAtReload: [String: RuntimeInstance.State] = [:]
  func queue(_ job: SystemManager.Job, _ unit: String) throws(Failure) {
    calls.append("\(job.rawValue) \(unit)")
    if failsToStart { throw Failure("start \(unit)", because: "no") }
    if job == .start, unit.hasSuffix(".socket") {
      units[unit] = UnitState(active: "active", sub: "listening")
    } else if job == .start {
      run(unit)
    } else if job == .stop {
      units[unit] = UnitState(active: "inactive", sub: "dead")
    }
  }
  func resetFailed(_ unit: String) throws(Failure) {
    calls.append("reset \(unit)")
    units[unit] = nil
  }
  var work: RuntimeProgress?
  func progress() -> RuntimeProgress? { work }
  func store(_ registry: RuntimeRegistry) throws(Failure) { stored.append(registry) }
  func registry() -> RuntimeRegistry? { previous }
  func now() -> String { "2026-11-30T00:00:0\(clock)Z" }

  private var starts: UInt8 = 0
  func run(_ unit: String) {
    starts += 1
    units[unit] = UnitState(active: "active", sub: "running", invocation: [starts])
  }
  func fail(_ name: String, _ result: String) {
    units[RuntimeUnit.service(name)] = UnitState(active: "failed", sub: "failed", result: result)
  }
  var shown: [String: RuntimeInstance.State] {
    Dictionary(
      uniqueKeysWithValues: (stored.last?.instances ?? []).map { ($0.name, $0.state) })
  }
}

@Suite struct RuntimeSupervisorTests {
  private static let spec = "command = [\"/usr/bin/python3\"]\napis = [\"chat\"]\n"
  private let target = MadeUpRuntimes()

  private func kinds(_ events: [EventDraft]) -> [String] { events.map(\.kind.name) }

  @Test func `a new runtime is started, asked, and then ready`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    #expect(kinds(try supervisor.plan(target.inventory, at: 0)) == ["runtime.started"])
    #expect(
      target.calls == [
        "reload", "StartUnit tinybox-runtime-door@a.socket",
        "StartUnit tinybox-runtime@a.service",
      ])
    #expect(target.shown == ["a": .starting])
    let probe = try #require(supervisor.probes(at: 0).first)
    #expect(probe.socket == "/run/tinybox-runtimes/a.sock")
    // One question at a time.
    #expect(supervisor.probes(at: 100).isEmpty)
    #expect(try supervisor.probed(probe, answered: false, at: 1).isEmpty)
    #expect(supervisor.probes(at: 1.1).isEmpty)
    #expect(supervisor.due == 1.25)
    let again = try #require(supervisor.probes(at: 1.25).first)
    #expect(kinds(try supervisor.probed(again, answered: true, at: 2)) == ["runtime.ready"])
    #expect(target.shown == ["a": .ready])
    // A runtime that answers is asked no more: a question would keep one on demand awake.
    #expect(supervisor.due == nil)
    #expect(kinds(try supervisor.plan(target.inventory, at: 3)).isEmpty)
    #expect(target.calls.count == 3 && target.stored.count == 2)
  }

  @Test func `one that loads for long is asked seldom, and is seen ready a tenth later`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    var questions = 0
    while let now = supervisor.due, now < 600 {
      let probe = try #require(supervisor.probes(at: now).first)
      _ = try supervisor.probed(probe, answered: false, at: now)
      questions += 1
      let wait = try #require(supervisor.due) - now
      #expect(wait < 10.01 && wait <= 3 + now * 0.1, "\(wait) s after \(now) s")
    }
    // With two seconds between them there were three hundred.
    #expect((50...90).contains(questions), "\(questions)")
  }

  @Test func `one that hangs with requests is restarted, and restarts are counted`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    let probe = try #require(supervisor.probes(at: 0).first)
    _ = try supervisor.probed(probe, answered: true, at: 1)
    #expect(supervisor.due == nil)
    target.work = RuntimeProgress([
      "a": .init(inFlight: 2, pieces: 7), "b": .init(inFlight: 1, pieces: 0),
    ])
    supervisor.progress(firstTokenSeconds: 120, at: 10)
    #expect(supervisor.due == 15 && supervisor.questions(at: 14).isEmpty)
    target.calls = []
    let question = try #require(supervisor.questions(at: 15).first)
    #expect(question.seconds == 175 && supervisor.due == nil)
    let events = try supervisor.questioned(question.probe, answered: false, at: 190)
    #expect(kinds(events) == ["runtime.hung"])
    #expect(target.calls == ["TryRestartUnit tinybox-runtime@a.service"])
    // systemd counts anew after that; the registry goes on.
    for count in [0, 2, 0, 1] {
      target.units[RuntimeUnit.service("a")]?.restarts = count
      _ = try supervisor.look(at: 191)
    }
    #expect(target.stored.last?.instances.map(\.restarts) == [4])
    // Of the start that was asked nothing more is heard.
    #expect(try supervisor.questioned(question.probe, answered: false, at: 400).isEmpty)
  }

  @Test func `on demand it is idle, and not asked while it does not run`() throws {
    target.specs["a"] = Self.spec + "on-demand = true\n"
    let supervisor = RuntimeSupervisor(target)
    #expect(try supervisor.plan(target.inventory, at: 0).isEmpty)
    #expect(target.calls == ["reload", "StartUnit tinybox-runtime-door@a.socket"])
    #expect(target.shown == ["a": .idle] && supervisor.due == nil)
    target.run(RuntimeUnit.service("a"))
    #expect(kinds(try supervisor.look(at: 1)) == ["runtime.started"])
    #expect(supervisor.due == 1)
  }

  @Test func `an answer of the start before does not count`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    let probe = try #require(supervisor.probes(at: 0).first)
    target.run(RuntimeUnit.service("a"))
    _ = try supervisor.look(at: 1)
    _ = try supervisor.probed(probe, answered: true, at: 1)
    #expect(target.shown == ["a": .starting])
    #expect(!supervisor.probes(at: 2).isEmpty)
  }

  @Test func `a failed one is tried again, later each time`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    var moment = 0.0
    var waits: [Double] = []
    for _ in 0..<8 {
      target.fail("a", "start-limit-hit")
      let events = try supervisor.look(at: moment)
      #expect(kinds(events) == ["runtime.failed"])
      #expect(events.first?.message.contains("journalctl -u tinybox-runtime@a.service") == true)
      #expect(try supervisor.retry(at: moment).isEmpty)
      let due = try #require(supervisor.due)
      waits.append(due - moment)
      moment = due
      target.calls = []
      _ = try supervisor.retry(at: moment)
      #expect(
        target.calls == [
          "reset tinybox-runtime@a.service", "reset tinybox-runtime-door@a.service",
          "reset tinybox-runtime-door@a.socket", "StartUnit tinybox-runtime-door@a.socket",
          "StartUnit tinybox-runtime@a.service",
        ])
    }
    #expect(waits == [60, 120, 240, 480, 960, 1920, 3600, 3600])
  }

  @Test func `what the owner stopped stays stopped`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    target.units = [:]
    #expect(kinds(try supervisor.look(at: 1)) == ["runtime.stopped"])
    target.calls = []
    #expect(try supervisor.plan(target.inventory, at: 2).isEmpty)
    #expect(target.calls.isEmpty && target.shown == ["a": .stopped] && supervisor.due == nil)
    // A tinyboxd that starts anew leaves it so too.
    target.previous = target.stored.last
    let next = RuntimeSupervisor(target)
    #expect(try next.plan(target.inventory, at: 3).isEmpty)
    #expect(target.calls.isEmpty && target.shown == ["a": .stopped])
  }

  @Test func `a tinyboxd that starts anew goes on with what runs`() throws {
    target.specs["a"] = Self.spec
    let first = RuntimeSupervisor(target)
    _ = try first.plan(target.inventory, at: 0)
    let probe = try #require(first.probes(at: 0).first)
    _ = try first.probed(probe, answered: true, at: 1)
    target.previous = target.stored.last
    target.calls = []
    target.clock = 5
    let next = RuntimeSupervisor(target)
    #expect(try next.plan(target.inventory, at: 2).isEmpty)
    #expect(target.calls.isEmpty && next.due == nil)
    #expect(target.stored.last?.instances == target.previous?.instances)
    // One that died between the drop-in and the start has written no registry.
    target.previous = nil
    target.units = [:]
    _ = try RuntimeSupervisor(target).plan(target.inventory, at: 3)
    #expect(target.calls.contains("StartUnit tinybox-runtime-door@a.socket"))
  }

  @Test func `a removed one is stopped, its socket first`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    target.specs = [:]
    target.calls = []
    _ = try supervisor.plan(target.inventory, at: 1)
    #expect(
      target.calls.filter { $0.hasPrefix("Stop") } == [
        "StopUnit tinybox-runtime-door@a.socket", "StopUnit tinybox-runtime@a.service",
      ])
    #expect(target.written.isEmpty && target.shown.isEmpty && target.stored.count == 2)
  }

  @Test
  func `one that may not run any more ends, and clients know why, before systemd reads its files`()
    throws
  {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    target.specs["a"] = Self.spec + "gpus = 9\n"
    target.calls = []
    #expect(kinds(try supervisor.plan(target.inventory, at: 1)) == ["runtime.refused"])
    #expect(
      target.calls.filter { !$0.hasPrefix("reset") } == [
        "StopUnit tinybox-runtime-door@a.socket", "StopUnit tinybox-runtime@a.service", "reload",
      ])
    #expect(target.shownAtReload == ["a": .missingGPU] && target.shown == ["a": .missingGPU])
  }

  @Test func `a changed one is restarted if it runs`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    target.specs["a"] = Self.spec + "slots = 2\n"
    target.calls = []
    _ = try supervisor.plan(target.inventory, at: 1)
    #expect(
      target.calls == [
        "reload", "TryRestartUnit tinybox-runtime@a.service",
        "TryRestartUnit tinybox-runtime-door@a.service",
      ])
    #expect(target.stored.last?.instances.first?.slots == 2)
  }

  @Test func `a mistake in a file leaves its runtime as it is`() throws {
    target.specs["a"] = Self.spec
    let supervisor = RuntimeSupervisor(target)
    _ = try supervisor.plan(target.inventory, at: 0)
    target.calls = []
    target.specs["a"] = "colour = 1"
    target.specs["b"] = "colour = 1"
    let events = try supervisor.plan(target.inventory, at: 1)
    #expect(
      kinds(events) == ["runtime.configuration-invalid", "runtime.configuration-invalid"])
    #expect(target.shown == ["a": .starting, "b": .failed])
    #expect(target.written["a"] != nil && !target.calls.contains { $0.hasPrefix("Stop") })
    #expect(try supervisor.plan(target.inventory, at: 2).isEmpty)
  }

  @Test func `a GPU that another program loads is waited for`() throws {
    let gpu = try #require(PCIAddress("0000:81:00.0"))
    var card = GPU(address: gpu, vendor: .amd)
    card.driver = "amdgpu"
    target.inventory.gpus = [card]
    target.gpus = [gpu]
    target.holders[gpu] = "benchmark gpu (process 7)"
    target.specs["a"] = Self.spec + "gpus = [\"0000:81:00.0\"]\n"
    let supervisor = RuntimeSupervisor(target)
    let events = try supervisor.plan(target.inventory, at: 0)
    #expect(kinds(events) == ["runtime.refused"])
    #expect(events.first?.message.contains("benchmark gpu (process 7)") == true)
    #expect(target.shown == ["a": .missingGPU] && supervisor.due == 30)
    #expect(target.written.isEmpty)
    target.holders = [:]
    _ = try supervisor.plan(target.inventory, at: 30)
    #expect(target.leases == [gpu: "a"] && target.shown == ["a": .starting])
    // It goes with the GPU.
    target.inventory.gpus = []
    let gone = try supervisor.plan(target.inventory, at: 31)
    #expect(kinds(gone) == ["runtime.refused"] && target.leases.isEmpty)
    #expect(target.shown == ["a": .missingGPU])
  }

  @Test func `a start that systemd refuses is reported and tried again`() throws {
    target.specs["a"] = Self.spec
    target.failsToStart = true
    let supervisor = RuntimeSupervisor(target)
    let events = try supervisor.plan(target.inventory, at: 0)
    #expect(kinds(events) == ["runtime.failed"] && supervisor.due == 60)
    target.failsToStart = false
    #expect(kinds(try supervisor.retry(at: 60)) == ["runtime.started"])
  }

  @Test func `a job holds its GPUs while it runs, and its steps are in registry and event`() throws
  {
    target.specs["t"] = "kind = \"job\"\ncommand = [\"/usr/bin/train\"]\n"
    let supervisor = RuntimeSupervisor(target)
    // Left by a run before.
    target.statuses["t"] = (JobStatus(step: 600, steps: 600), 5)
    #expect(try supervisor.plan(target.inventory, at: 0).isEmpty)
    #expect(target.stored.last?.jobs?.map(\.state) == [.stopped])
    #expect(target.stored.last?.instances.isEmpty == true && supervisor.due == nil)
    target.run(RuntimeUnit.service("t"))
    #expect(try supervisor.look(at: 1).map(\.message) == ["job t runs"])
    #expect(target.stored.last?.jobs?[0].step == nil)
    #expect(try supervisor.followJobs(at: 1).isEmpty && supervisor.due == 11)
    target.statuses["t"] = (JobStatus(step: 100, steps: 600), 10)
    #expect(try supervisor.followJobs(at: 11).isEmpty)
    target.statuses["t"] = (JobStatus(step: 300, steps: 600), 20)
    #expect(try supervisor.followJobs(at: 21).isEmpty)
    #expect(target.stored.last?.jobs?[0].stepsPerSecond == 20)
    // Its last words are read when it has ended.
    target.statuses["t"] = (JobStatus(step: 600, steps: 600), 40)
    target.units[RuntimeUnit.service("t")] = UnitState(active: "inactive", sub: "dead")
    let events = try supervisor.look(at: 30)
    #expect(kinds(events) == ["runtime.stopped"])
    #expect(events[0].message == "job t has ended at step 600 of 600, 16.7 steps/s")
    #expect(try supervisor.followJobs(at: 31).isEmpty && supervisor.due == nil)
    // A failure too; it is not started again.
    target.run(RuntimeUnit.service("t"))
    _ = try supervisor.look(at: 40)
    target.fail("t", "exit-code")
    #expect(try supervisor.look(at: 41)[0].message.hasPrefix("job t failed"))
    #expect(supervisor.due == nil || supervisor.due == 50)
  }

  @Test func `leases that were kept over a restart are never given up while they are needed`()
    throws
  {
    target.gpus = (1...3).map { PCIAddress(domain: 0, bus: $0, device: 0, function: 0) }
    target.specs["a"] = Self.spec + "gpus = [\"0000:01:00.0\"]\n"
    for (name, bus) in [("t", 2), ("u", 3)] {
      target.specs[name] =
        "kind = \"job\"\ncommand = [\"/usr/bin/train\"]\ngpus = [\"0000:0\(bus):00.0\"]\n"
    }
    target.inventory.gpus = target.gpus.map { address in
      var card = GPU(address: address, vendor: .amd)
      card.driver = "amdgpu"
      return card
    }
    let first = RuntimeSupervisor(target)
    _ = try first.plan(target.inventory, at: 0)
    for name in ["t", "u"] { target.run(RuntimeUnit.service(name)) }
    _ = try first.look(at: 1)
    #expect(target.leases == [target.gpus[0]: "a", target.gpus[1]: "t", target.gpus[2]: "u"])
    // While no tinyboxd runs, one job ends.
    target.units[RuntimeUnit.service("u")] = UnitState(active: "inactive", sub: "dead")
    target.previous = target.stored.last
    target.released = []
    let second = RuntimeSupervisor(target)
    _ = try second.plan(target.inventory, at: 10)
    #expect(target.leases == [target.gpus[0]: "a", target.gpus[1]: "t"])
    #expect(target.released == [target.gpus[2]])
    // And where nothing is hosted any more.
    target.specs = [:]
    target.written = [:]
    target.units = [:]
    target.previous = nil
    _ = try RuntimeSupervisor(target).plan(target.inventory, at: 20)
    #expect(target.leases.isEmpty)
  }

  @Test func `without runtimes systemd is not asked`() throws {
    let supervisor = RuntimeSupervisor(target)
    #expect(try supervisor.plan(target.inventory, at: 0).isEmpty)
    #expect(target.calls.isEmpty && target.stored.isEmpty && supervisor.due == nil)
  }
}

import Base
import Inventory
import RuntimeCatalog
import TestMachines
import Testing

@testable import Benchmarks

@Suite struct IdleJudgeTests {
  private let address = PCIAddress(domain: 0, bus: 0x41, device: 0, function: 0)

  /// A machine with 16 CPUs and one GPU, at rest.
  private func idle() -> Inventory {
    var inventory = Inventory(origin: "made up")
    inventory.machine.loadAverages = [0.2, 0.5, 3]
    inventory.processors.online = NumberSet(range: 0...15)
    var gpu = GPU(address: address, vendor: .amd)
    gpu.driver = "amdgpu"
    gpu.busyShare = 0
    inventory.gpus = [gpu]
    return inventory
  }

  @Test func `a machine at rest is idle`() { #expect(IdleJudge.reason(idle()) == nil) }

  @Test func `whoever uses a GPU keeps a run from starting, and is named`() {
    var used = idle()
    used.gpus[0].processes = [.init(pid: 812, name: "python3", evidence: "/proc/812/fd")]
    #expect(IdleJudge.reason(used) == "python3 (812) uses GPU 41:00.0")
    var busy = idle()
    busy.gpus[0].busyShare = 0.31
    #expect(IdleJudge.reason(busy) == "GPU 41:00.0 is busy for 31 %")
    busy.gpus[0].busyShare = 0.04
    #expect(IdleJudge.reason(busy) == nil)
  }

  @Test func `a model that waits for requests keeps no run from starting, a job does`() {
    var hosting = idle()
    hosting.gpus[0].processes = [.init(pid: 812, name: "python3", evidence: "kfd")]
    var runtime = HostedRuntime(name: "llama")
    runtime.gpus = [address]
    runtime.isJob = false
    runtime.state = .ready
    var state = RuntimesState()
    state.runtimes = [runtime]
    state.leases = [GPULease(gpu: address, holder: "runtime llama", processID: 1)]
    hosting.runtimes = state
    #expect(IdleJudge.reason(hosting) == nil)
    hosting.gpus[0].busyShare = 0.5
    #expect(IdleJudge.reason(hosting) == "GPU 41:00.0 is busy for 50 %")
    hosting.gpus[0].busyShare = 0
    let used = "python3 (812) uses GPU 41:00.0"
    for change in [
      { (state: inout RuntimesState) in state.runtimes[0].isJob = true },
      { $0.runtimes[0].state = .starting }, { $0.runtimes[0].state = nil },
      { $0.leases = nil }, { $0.leases?[0].holder = "run" }, { $0.runtimes[0].gpus = [] },
    ] {
      var changed = hosting
      change(&changed.runtimes!)
      #expect(IdleJudge.reason(changed) == used)
    }
  }

  @Test func `who only watches a GPU keeps no run from starting`() {
    var watched = idle()
    watched.gpus[0].processes = [
      .init(pid: 7, name: "tinyboxd", evidence: "kfd"),
      .init(pid: 8, name: "nvidia-persiste", evidence: "/dev/nvidia0"),
      .init(pid: 9, name: "tinybox-benchma", evidence: "kfd"),
    ]
    #expect(IdleJudge.reason(watched) == nil)
    // The same daemon with work on the card does not only watch.
    watched.gpus[0].processes[1].evidence = "nvml"
    #expect(IdleJudge.reason(watched) == "nvidia-persiste (8) uses GPU 41:00.0")
  }

  @Test func `what is not known about a GPU keeps a run from starting`() {
    var unread = idle()
    unread.gpus[0].busyShare = nil
    #expect(IdleJudge.reason(unread) == "it is not known how busy GPU 41:00.0 is")
    // A card that sleeps is not read; the display controller of a board has nothing to read.
    var function = PCIFunction(address: address)
    function.powerState = "D3hot"
    unread.pci = [function]
    #expect(IdleJudge.reason(unread) == nil)
    unread.pci = []
    unread.gpus[0].driver = "ast"
    #expect(IdleJudge.reason(unread) == nil)
    var unlisted = idle()
    unlisted.gpus[0].unknown = [
      UnknownFact(fact: "processes", path: "/proc/PID/fd", reason: "no processes to look at")
    ]
    #expect(
      IdleJudge.reason(unlisted)
        == "it is not known who uses GPU 41:00.0: no processes to look at")
  }

  @Test func `a lock keeps a run from starting while somebody holds it, or may`() {
    func reason(_ holders: [Int], alive: Bool?, known: Bool = true) -> String? {
      var locked = idle()
      locked.system.runtimeLocks = [
        RuntimeLock(
          path: "/tmp/am_0000:41:00.0.lock", gpu: address, holders: holders, holdersAlive: alive,
          holdersKnown: known)
      ]
      return IdleJudge.reason(locked)
    }
    #expect(reason([], alive: nil) == nil)
    #expect(reason([12], alive: true) == "a runtime holds /tmp/am_0000:41:00.0.lock")
    #expect(reason([12], alive: false) == "a runtime holds /tmp/am_0000:41:00.0.lock")
    #expect(
      reason([], alive: nil, known: false)
        == "it is not known who holds /tmp/am_0000:41:00.0.lock")
  }

  @Test func `a load average above a tenth of the CPUs is not idle, and an unknown one neither`() {
    var loaded = idle()
    loaded.machine.loadAverages = [1.7, 0, 0]
    #expect(IdleJudge.reason(loaded) == "the load average of the last minute is 1.7")
    loaded.machine.loadAverages = [1.5, 9, 9]
    #expect(IdleJudge.reason(loaded) == nil)
    loaded.machine.loadAverages = nil
    #expect(IdleJudge.reason(loaded) == "the load average is unknown")
    // Of a small machine the kernel's own threads are more than a tenth.
    var small = idle()
    small.processors.online = NumberSet([0])
    small.machine.loadAverages = [0.4]
    #expect(IdleJudge.reason(small) == nil)
  }

  @Test func `an array that is rebuilt is not idle`() {
    var inventory = idle()
    var array = RAIDArray(name: "md0")
    array.syncAction = "recover"
    inventory.system.arrays = [array]
    #expect(IdleJudge.reason(inventory) == "array md0 is being checked or rebuilt")
    inventory.system.arrays[0].syncAction = "idle"
    #expect(IdleJudge.reason(inventory) == nil)
  }
}

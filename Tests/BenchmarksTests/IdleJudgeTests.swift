import Base
import Inventory
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

import Base
import Benchmarks
import Inventory
import Linux
import LoadKernels
import TestSupport
import Testing

@testable import BenchmarkRunner

/// The compute load of a soak, with a program in place of tinygrad.
@Suite struct SoakComputeTests {
  private static let address = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)

  private func box(_ change: (inout BenchmarkBox) -> Void = { _ in }) -> BenchmarkBox {
    var inventory = Inventory(origin: "made up")
    var gpu = GPU(address: Self.address, vendor: .amd)
    gpu.driver = "amdgpu"
    gpu.kfd = KFDNode(node: 1)
    inventory.gpus = [gpu]
    var box = BenchmarkBox(inventory, BenchmarkOptions())
    change(&box)
    return box
  }

  /// A shell in place of Python: `$1` is its order.
  private func load(_ script: String) throws -> SoakLoad {
    try #require(SoakCompute.loads(box(), command: ["/bin/sh", "-c", script, "sh"]).first)
  }

  private static func round(_ calls: Int, _ results: Int) -> String {
    #"echo '{"soak": {"calls": \#(calls), "results": \#(results), "device": "AMD"}}'; "#
  }

  @Test func `what was computed and compared is counted, also when it is stopped`() throws {
    let script = "echo noise; " + Self.round(10, 1) + Self.round(25, 2)
    for (more, isStopped) in [("", false), ("exec sleep 600", true)] {
      let stop = StopFlag()
      // Stopped once it has written, by a file that the program makes.
      let folder = try TemporaryFolder()
      let mark = folder.path + "/written"
      let watcher = try OwnThread {
        while isStopped, (try? StampedFile.stamp(mark)) == nil, !stop.isStopped {
          Clock.sleep(seconds: 0.01)
        }
        if isStopped { stop.stop() }
      }
      let work = try load(script + "touch \(mark); " + more)
        .run(SoakTime(seconds: 60, stop: stop))
      watcher.join()
      // 25 products of 2 n³ operations.
      #expect(work.operations == 3_435_973_836_800)
      #expect(work.checkedResults == 2 && work.wrongResults == 0)
      #expect(work.details["device"] == "AMD" && work.details["type"] == "float16")
    }
  }

  @Test func `a wrong result is one, and a program that fails is no pass`() throws {
    let time = SoakTime(seconds: 60, stop: StopFlag())
    let wrong = #"echo '{"error": "wrong result: 3 elements differ", "kind": "wrong"}'; exit 1"#
    let work = try load(Self.round(10, 1) + wrong).run(time)
    #expect(work.wrongResults == 1 && work.details["wrong"]?.contains("3 elements") == true)
    for (script, reason) in [
      (#"echo '{"error": "no such device", "kind": "failed"}'; exit 1"#, "no such device"),
      ("echo broke >&2; exit 3", "broke"),
      (Self.round(10, 1) + "kill -9 $$", "no message"),
      (#"echo '{"error": "no", "kind": "unsupported"}'; exit 1"#, "neither float16 nor float32"),
    ] {
      let failure = #expect(throws: Failure.self) { try load(script).run(time) }
      #expect(failure?.reason.contains(reason) == true, "\(script): \(failure?.reason ?? "")")
    }
  }

  @Test func `a device without float16 computes in float32`() throws {
    let script =
      #"case "$1" in *float16*) echo '{"error": "no", "kind": "unsupported"}'; exit 1;; esac; "#
      + Self.round(3, 1)
    let work = try load(script).run(SoakTime(seconds: 60, stop: StopFlag()))
    #expect(work.details["type"] == "float32" && work.checkedResults == 1)
  }

  @Test func `without tinygrad the soak says what was not tried`() {
    let without = SoakCompute.loads(box { $0.tinygradProblem = "tinygrad is not installed" })
    #expect(
      without.map(\.obstacle) == [
        .skipped("tinygrad is not installed; their heat and power were not tried")
      ])
    #expect(SoakCompute.loads(BenchmarkBox(Inventory(origin: "x"), BenchmarkOptions())).isEmpty)
  }

  /// Both loads of a GPU run, and nobody else has it meanwhile.
  @Test func `copies and compute share the lease of their GPU`() throws {
    let folder = try TemporaryFolder()
    let leases = folder.path + "/leases"
    let address = Self.address
    let other: @Sendable (SoakTime) throws(Failure) -> SoakWork = { time throws(Failure) in
      var work = SoakWork()
      var taken = Leases()
      let holder = try taken.take(
        [address], for: "another", folder: leases, waits: false, isStopped: { false })
      work.checkedResults = 1
      work.wrongResults = holder == nil ? 1 : 0
      return work
    }
    let loads = ["copies", "compute"].map { SoakLoad($0, devices: [address], other) }
    var runner = SoakRunner(seconds: 1, loads: loads, program: "1") { () throws(Failure) in
      Inventory(origin: "made up")
    }
    runner.leaseFolder = leases
    let report = try runner.run()
    #expect(report.loads.map(\.outcome) == [.ran, .ran], "\(report.loads)")
    #expect(report.loads.map(\.wrongResults) == [0, 0])
  }
}

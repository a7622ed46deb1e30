import Base
import Benchmarks
import Inventory
import KernelTree
import Linux
import LoadKernels
import Synchronization
import Testing

@testable import BenchmarkRunner

/// A load that waits for its end.
private func waiting(_ name: String, devices: [PCIAddress] = []) -> SoakLoad {
  SoakLoad(name, devices: devices) { time throws(Failure) in
    let end = Clock.seconds() + time.seconds
    while !time.stop.isStopped, Clock.seconds() < end { Clock.sleep(seconds: 0.01) }
    var work = SoakWork()
    work.operations = 1
    return work
  }
}

/// A machine with one sensor.
private func machine(celsius: Double = 50) -> Inventory {
  var inventory = Inventory(origin: "made up")
  inventory.processors.temperatures = [
    Temperature(label: "Tctl", celsius: celsius, criticalCelsius: 95)
  ]
  return inventory
}

private func runner(
  _ seconds: Double, _ loads: [SoakLoad],
  look: @escaping () throws(Failure) -> Inventory = { machine() }
) -> SoakRunner {
  SoakRunner(seconds: seconds, loads: loads, program: "1.2.3", look: look)
}

private func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = Clock.seconds()
  try body()
  return Clock.seconds() - start
}

// One after the other: they load all CPUs, and measure how fast others end.
@Suite(.serialized) struct SoakRunnerTests {
  @Test func `CPUs and memory of this machine are loaded for two seconds`() throws {
    let inventory = InventoryReader.read(
      .live, options: CollectionOptions(parts: [.machine, .processors, .memory]))
    var loads = SoakLoads.all(
      BenchmarkBox(inventory, BenchmarkOptions()), memoryLimit: 64 << 20)
    loads.removeAll { $0.name != "cpu" && !$0.name.hasPrefix("memory") }
    let lines = Mutex(0)
    var soak = runner(2, loads) { () throws(Failure) in
      InventoryReader.read(.live, options: CollectionOptions(parts: SoakWatch.parts))
    }
    soak.progress = { progress in
      #expect(progress.secondsLeft <= 2)
      lines.withLock { $0 += 1 }
    }
    let report = try soak.run()
    #expect(report.end == .deadline)
    #expect(report.seconds >= 2)
    #expect(report.looks >= 2)
    #expect(lines.withLock { $0 } >= 1)
    let cpu = try #require(report.loads.first { $0.name == "cpu" })
    #expect(cpu.outcome == .ran && cpu.operations ?? 0 > 0 && cpu.checkedResults ?? 0 > 0)
    let memory = report.loads.filter { $0.name.hasPrefix("memory") }
    #expect(!memory.isEmpty)
    #expect(memory.allSatisfy { $0.outcome == .ran && $0.bytes != nil })
    #expect(report.loads.allSatisfy { $0.wrongResults == 0 })
  }

  @Test func `a flag from outside ends it within a second, as no pass`() throws {
    var soak = runner(60, [waiting("one"), waiting("two")])
    let stop = StopFlag()
    soak.stop = stop
    let stopper = try OwnThread {
      Clock.sleep(seconds: 0.3)
      stop.stop()
    }
    var report: SoakReport?
    let took = try seconds { report = try soak.run() }
    stopper.join()
    #expect(took < 1.3)
    #expect(report?.end == .stopped)
    #expect(report?.verdict == .warn)
    #expect(report?.loads.map(\.outcome) == [.ran, .ran])
  }

  @Test func `real loads end within a second too`() throws {
    let inventory = InventoryReader.read(
      .live, options: CollectionOptions(parts: [.machine, .processors, .memory]))
    let loads = SoakLoads.all(
      BenchmarkBox(inventory, BenchmarkOptions()), memoryLimit: 64 << 20
    )
    .filter { $0.name == "cpu" || $0.name.hasPrefix("memory") }
    var soak = runner(60, loads)
    let stop = StopFlag()
    soak.stop = stop
    let stopped = Mutex(0.0)
    let stopper = try OwnThread {
      Clock.sleep(seconds: 0.5)
      stopped.withLock { $0 = Clock.seconds() }
      stop.stop()
    }
    let report = try soak.run()
    #expect(Clock.seconds() - stopped.withLock { $0 } < 1)
    stopper.join()
    #expect(report.end == .stopped)
  }

  @Test func `a critical temperature ends it at once`() throws {
    let looks = Mutex(0)
    let soak = runner(60, [waiting("one")]) { () throws(Failure) in
      machine(
        celsius: looks.withLock {
          $0 += 1; return $0
        } > 1 ? 96 : 50)
    }
    var report: SoakReport?
    let took = try seconds { report = try soak.run() }
    #expect(took < 2.5)
    #expect(report?.end == .criticalTemperature)
    #expect(report?.verdict == .fail)
  }

  @Test func `what is too hot before is not loaded`() throws {
    let report = try runner(60, [waiting("one")]) { () throws(Failure) in machine(celsius: 95) }
      .run()
    #expect(report.end == .criticalTemperature)
    #expect(report.loads.isEmpty)
  }

  @Test func `a wrong result ends it at once`() throws {
    let wrong = SoakLoad("cpu") { _ throws(Failure) in
      var work = SoakWork()
      work.checkedResults = 10
      work.wrongResults = 1
      return work
    }
    var report: SoakReport?
    let took = try seconds { report = try runner(60, [waiting("one"), wrong]).run() }
    #expect(took < 1)
    #expect(report?.end == .wrongResult)
    #expect(report?.verdict == .fail)
    #expect(report?.reasons.first?.text == "cpu: 1 of 10 results were wrong")
  }

  @Test func `a load that fails is reported, and the others go on`() throws {
    let failing = SoakLoad("drive nvme0") { _ throws(Failure) in
      throw Failure("read with fio", because: "Input/output error")
    }
    let report = try runner(1, [failing, waiting("one")]).run()
    #expect(report.end == .deadline)
    #expect(report.loads.map(\.outcome) == [.failed, .ran])
    #expect(report.loads.first?.reason == "read with fio: Input/output error")
    #expect(report.verdict == .fail)
  }

  @Test func `without a load it ends`() throws {
    let none = SoakLoad("gpus", obstacle: .notApplicable("this machine has no GPU"))
    var report: SoakReport?
    let took = try seconds { report = try runner(60, [none]).run() }
    #expect(took < 1)
    #expect(report?.end == .noLoad)
    #expect(report?.loads.first?.outcome == .notApplicable)
    #expect(report?.verdict == .warn)
  }

  @Test func `devices are leased while they are loaded`() throws {
    let folder = try TemporaryFolder()
    let leases = folder.path + "/leases"
    let free = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)
    let used = PCIAddress(domain: 0, bus: 2, device: 0, function: 0)
    guard
      case .taken(let lease) = try DeviceLease.take(used, for: "runtime llama", folder: leases)
    else {
      Issue.record("nobody else holds it")
      return
    }
    let holder = Mutex<String?>(nil)
    let loads = [waiting("free", devices: [free]), waiting("used", devices: [used])]
    var soak = runner(2, loads) { () throws(Failure) in
      let name = DeviceLease.holder(of: free, folder: leases)?.name
      holder.withLock { $0 = name ?? $0 }
      return machine()
    }
    soak.leaseFolder = leases
    let report = try soak.run()
    #expect(holder.withLock { $0 } == "benchmark soak")
    #expect(report.loads.map(\.outcome) == [.ran, .skipped])
    #expect(report.loads.last?.reason == "in use by runtime llama (process \(ProcessNames.own))")
    #expect(report.verdict == .warn)
    #expect(DeviceLease.holder(of: free, folder: leases) == nil)
    withExtendedLifetime(lease) {}
  }

  @Test func `looks that fail are unknown, and no pass`() throws {
    let report = try runner(1, [waiting("one")]) { () throws(Failure) in
      throw Failure("read the machine", because: "it broke")
    }.run()
    #expect(report.looks == 0)
    #expect(report.verdict == .warn)
    #expect(report.unknown.contains { $0.reason == "read the machine: it broke" })
  }

  @Test func `a machine that can no longer be watched is no longer loaded`() throws {
    let looks = Mutex(0)
    var soak = runner(60, [waiting("one")]) { () throws(Failure) in
      let count = looks.withLock {
        $0 += 1
        return $0
      }
      if count > 3 { throw Failure("read the machine", because: "it broke") }
      return machine()
    }
    soak.interval = 0.02
    let report = try soak.run()
    #expect(report.end == .unwatched)
    #expect(report.seconds < 60 && report.looks == 3)
    #expect(report.verdict == .warn)
  }

  /// With stand-ins for the vendors' libraries: nothing here is known of a real GPU.
  @Test(arguments: [GPU.Vendor.amd, .nvidia])
  func `copies load a GPU, and one whose compute units stay unloaded is no pass`(
    vendor: GPU.Vendor
  ) throws {
    let library = vendor == .nvidia ? CopyParameters.Library.cuda : .hsa
    let inventory = Self.withGPU(vendor)
    var box = BenchmarkBox(inventory, BenchmarkOptions())
    box.tinygradProblem = "tinygrad is not installed"
    let loads =
      SoakGPU.loads(inventory, try CopyMeasurementTests.stub(library)) + SoakCompute.loads(box)
    let report = try runner(2, [waiting("one")] + loads).run()
    let copies = try #require(report.loads.first { $0.name == "copies of GPU 21:00.0" })
    #expect(copies.outcome == .ran, "\(copies)")
    #expect((copies.bytes ?? 0) > 0 && (copies.checkedResults ?? 0) >= 2)
    #expect(copies.wrongResults == 0)
    #expect(report.verdict == .warn)
    #expect(report.reasons.contains { $0.text.hasSuffix("heat and power were not tried") })
    let none = SoakGPU.loads(machine())
    #expect(try runner(1, [waiting("one")] + none).run().loads.last?.outcome == .notApplicable)
  }

  @Test(arguments: [GPU.Vendor.amd, .nvidia])
  func `other data than was sent ends a soak as failed`(vendor: GPU.Vendor) throws {
    let library = vendor == .nvidia ? CopyParameters.Library.cuda : .hsa
    let wrong = try CopyMeasurementTests.stub(library, "-DFAULT=6")
    let report = try runner(30, [waiting("one")] + SoakGPU.loads(Self.withGPU(vendor), wrong))
      .run()
    #expect(report.end == .wrongResult)
    #expect(report.verdict == .fail)
    #expect(report.loads.contains { $0.wrongResults == 1 && $0.details["firstWrongByte"] != nil })
  }

  private static func withGPU(_ vendor: GPU.Vendor) -> Inventory {
    let address = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
    var inventory = Inventory(origin: "made up")
    var gpu = GPU(address: address, vendor: vendor)
    gpu.driver = vendor == .nvidia ? "nvidia" : "amdgpu"
    if vendor == .amd { gpu.kfd = KFDNode(node: 1) }
    inventory.memory.totalBytes = 1 << 28
    inventory.gpus = [gpu]
    return inventory
  }

  @Test(arguments: [Double.nan, .infinity, -1, 0, 0.5, 1e9])
  func `a time that is none is refused`(time: Double) {
    let failure = #expect(throws: Failure.self) { try runner(time, []).run() }
    #expect(failure?.code == .usage)
  }

  @Test func `cores with two CPUs stream with the first and compute with the others`() {
    var inventory = Inventory(origin: "made up")
    inventory.processors.online = NumberSet(0..<8)
    inventory.processors.cores = (0..<4).map {
      Processors.Core(package: 0, die: nil, id: $0, cpus: NumberSet([$0, $0 + 4]))
    }
    let placement = SoakPlacement(inventory)
    #expect(placement.memory == [nil: NumberSet(0..<4)])
    #expect(placement.compute == NumberSet(4..<8))
    inventory.processors.cores = []
    let single = SoakPlacement(inventory)
    #expect(single.memory == [nil: NumberSet([0, 4])])
    #expect(single.compute == NumberSet([1, 2, 3, 5, 6, 7]))
    inventory.processors.online = NumberSet([0])
    #expect(SoakPlacement(inventory).compute == NumberSet([0]))
    #expect(SoakPlacement(inventory).memory == [nil: NumberSet([0])])
  }

  @Test func `fio reads a file and leaves it as it was`() throws {
    guard ProgramPath.find("fio") != nil else { return }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    let content = [UInt8](repeating: 7, count: 4 << 20)
    try DurableFile.write(content, to: path)
    let command = SoakDrive.job(path, seconds: 1, isRandom: true).command
    #expect(command.contains("--readonly") && command.contains("--allow_file_create=0"))
    let work = try SoakDrive.read(
      path, Inventory(origin: "made up"), SoakTime(seconds: 2.5, stop: StopFlag()))
    #expect(work.bytes ?? 0 > 0)
    #expect(work.operations ?? 0 > 0)
    #expect(try StampedFile.read(path, limit: 8 << 20).bytes == content)
    let missing = folder.path + "/missing/file"
    #expect(throws: Failure.self) {
      try SoakDrive.read(
        missing, Inventory(origin: "made up"), SoakTime(seconds: 2.5, stop: StopFlag()))
    }
    #expect(throws: (any Error).self) { try StampedFile.read(missing, limit: 1) }
  }

  @Test func `what stands in the place of a drive is not read`() throws {
    guard ProgramPath.find("fio") != nil else { return }
    let folder = try TemporaryFolder()
    for name in ["made-up-n1", "made-up-n2"] {
      try DurableFile.write([UInt8](repeating: 7, count: 4 << 20), to: "\(folder.path)/\(name)")
    }
    var inventory = Inventory(origin: "made up")
    inventory.nvme = [NVMeController(name: "made-up")]
    inventory.nvme[0].namespaces = [.init(name: "made-up-n1"), .init(name: "made-up-n2")]
    inventory.nvme[0].namespaces[0].sizeBytes = 0
    inventory.nvme[0].namespaces[1].sizeBytes = 4 << 20
    let load = try #require(SoakDrive.loads(inventory, folder: folder.path).first)
    #expect(load.obstacle == nil)
    let failure = #expect(throws: Failure.self) {
      try load.run(SoakTime(seconds: 1.6, stop: StopFlag()))
    }
    #expect(failure?.reason == "the kernel has no block device made-up-n2")
    inventory.nvme[0].namespaces.removeLast()
    #expect(
      SoakDrive.loads(inventory, folder: folder.path).first?.obstacle
        == .notApplicable("it has no namespace with a size"))
  }

  @Test func `fio ends within a second of the stop, and that is no failure`() throws {
    guard ProgramPath.find("fio") != nil else { return }
    let folder = try TemporaryFolder()
    let path = folder.path + "/file"
    try DurableFile.write([UInt8](repeating: 7, count: 4 << 20), to: path)
    let drive = SoakLoad("drive") { time throws(Failure) in
      try SoakDrive.read(path, Inventory(origin: "made up"), time)
    }
    var soak = runner(60, [drive])
    let stop = StopFlag()
    soak.stop = stop
    let stopped = Mutex(0.0)
    let stopper = try OwnThread {
      Clock.sleep(seconds: 1)
      stopped.withLock { $0 = Clock.seconds() }
      stop.stop()
    }
    let report = try soak.run()
    #expect(Clock.seconds() - stopped.withLock { $0 } < 1)
    stopper.join()
    #expect(report.end == .stopped)
    #expect(report.loads.map(\.outcome) == [.ran])
  }
}

import Accelerators
import Base
import Dispatch
import Glibc
import KernelTree
import Linux
import TestMachines
import Testing

@testable import Inventory

/// NVML and HSA through stand-in libraries with made-up cards. That they load, call and read back
/// as documented is shown here; what a real library answers is not.
@Suite struct LibraryTests {
  @Test func `NVML answers reach the model`() throws {
    let library = try stub("nvml")
    let answer = NVMLReport.ask(library: library, uuids: true)
    let report = NVMLReport(parsing: answer.text)
    #expect(report.failure == nil)
    #expect(report.driverVersion == "570.86.15")
    #expect(
      report.notes == ["NVML device 2: nvmlDeviceGetHandleByIndex_v2: GPU fell off the bus (15)"])
    #expect(report.cards.count == 29)
    #expect(answer.uuids["00000000:00:00.0"] == "GPU-00000000-1111-2222-3333-444444444444")
    let card = try #require(report.cards.first)
    #expect(card.address == PCIAddress("0000:00:00.0"))
    #expect(card.unknown.isEmpty)
    var gpu = GPU(address: try #require(card.address), vendor: .nvidia)
    card.apply(to: &gpu)
    #expect(gpu.name == "NVIDIA GeForce RTX 4090")
    #expect(gpu.vbios == "95.02.3c.00.8e")
    #expect(gpu.target == "sm_89")
    #expect(gpu.memoryTotalBytes == 25_757_220_864)
    // Without what the driver keeps for itself.
    #expect(gpu.memoryUsedBytes == 700)
    #expect(gpu.memoryBarBytes == 32 << 30)
    #expect(gpu.powerWatts == 61.234)
    #expect(
      gpu.powerCap
        == GPU.PowerCap(watts: 450, minimumWatts: 150, maximumWatts: 600, defaultWatts: 450))
    #expect(gpu.temperatures == [Temperature(label: "gpu", celsius: 41, criticalCelsius: 97)])
    #expect(gpu.coreClockHertz == 210_000_000)
    #expect(gpu.memoryClockHertz == 10_501_000_000)
    #expect(gpu.busyShare == 0.87)
    #expect(gpu.memoryBusyShare == 0.12)
    #expect(gpu.throttleReasons == ["SwPowerCap", "SwThermalSlowdown"])
    #expect(gpu.pcieReplays == 3)
    #expect(gpu.ecc == nil)
    #expect(card.processes.map(\.pid) == [4321, 77])
    #expect(card.processes.map(\.bytes) == [512 << 20, nil])
    // More processes than the first guess has room for, and a card with ECC.
    let other = report.cards[1]
    #expect(other.processes.count == 201)
    #expect(other.ecc["aggregate"] == GPU.ECCCount(corrected: 2, uncorrected: 12))
  }

  @Test func `NVML tells of peers, each way apart`() throws {
    let report = NVMLReport(
      parsing: NVMLReport.ask(library: try stub("nvml"), uuids: false).text)
    func peer(_ from: String, _ to: String) -> NVMLReport.Peer? {
      report.peers.first { $0.from == PCIAddress(from) && $0.to == PCIAddress(to) }
    }
    // Devices 0 and 1 answer; those that fail at every call tell nothing.
    #expect(Set(report.peers.map(\.from)) == [PCIAddress("00:00.0"), PCIAddress("01:00.0")])
    #expect(report.peers.count == 2 * 28)
    let first = try #require(peer("00:00.0", "01:00.0"))
    #expect(first.read == .chipsetNotSupported && first.write == .gpuNotSupported)
    let back = try #require(peer("01:00.0", "00:00.0"))
    #expect(back.read == .allowed && back.write == .chipsetNotSupported)
    // 6 is "unknown", 7 a number newer than this program.
    let unknown = try #require(peer("00:00.0", "06:00.0"))
    #expect(unknown.read == nil && unknown.write == nil)
    let old = NVMLReport(
      parsing: NVMLReport.ask(library: try stub("nvml", "-DOLD"), uuids: false).text)
    #expect(old.peers.isEmpty)
  }

  @Test func `HSA tells of peers, each way apart, and of the CPU`() throws {
    let report = HSAReport(parsing: HSAReport.ask(library: try stub("hsa")))
    #expect(
      Set(report.accesses) == [
        HSAReport.Access(from: nil, to: 0, isAllowed: true),
        HSAReport.Access(from: nil, to: 1, isAllowed: false),
        HSAReport.Access(from: 0, to: 1, isAllowed: true),
        HSAReport.Access(from: 1, to: 0, isAllowed: false),
      ])
    let old = HSAReport(parsing: HSAReport.ask(library: try stub("hsa", "-DOLD")))
    #expect(old.accesses.isEmpty)
  }

  @Test func `every error code is absent or unknown, never a value`() throws {
    let library = try stub("nvml")
    let report = NVMLReport(parsing: NVMLReport.ask(library: library, uuids: false).text)
    for code in 3..<30 {
      let address = PCIAddress(
        domain: 0, bus: UInt8((code / 10) << 4 | code % 10), device: 0, function: 0)
      let card = try #require(report.cards.first { $0.address == address })
      #expect(card.name == nil)
      #expect(card.numbers.isEmpty)
      #expect(card.processes.isEmpty)
      // Code 3 is NOT_SUPPORTED: the card has no such thing, which is no unknown fact.
      if code == 3 {
        #expect(card.unknown.isEmpty)
      } else {
        let facts = Set(card.unknown.map(\.fact))
        #expect(facts.isSuperset(of: ["name", "powerWatts", "memoryTotalBytes", "processes"]))
        #expect(card.unknown.allSatisfy { $0.reason.hasSuffix("(\(code))") || code == 7 })
      }
    }
  }

  @Test func `an old library answers what it can`() throws {
    let library = try stub("nvml", "-DOLD -DNO_POWER")
    let report = NVMLReport(parsing: NVMLReport.ask(library: library, uuids: false).text)
    let card = try #require(report.cards.first)
    #expect(card.numbers["memoryUsed"] == 1000)
    #expect(card.numbers["throttle"] == 1)
    #expect(card.numbers["power"] == nil)
    #expect(
      card.unknown.map(\.description) == [
        "powerWatts: the library has no nvmlDeviceGetPowerUsage"
      ])
  }

  @Test func `a library that is missing, wrong or refuses says so`() throws {
    func failure(_ library: String) -> String? {
      NVMLReport(parsing: NVMLReport.ask(library: library, uuids: false).text).failure
    }
    #expect(failure("/nonexistent/libnvidia-ml.so.1")?.contains("/nonexistent") == true)
    #expect(failure(try stub("nvml", "-DNO_COUNT"))?.contains("nvmlDeviceGetCount_v2") == true)
    #expect(
      failure(try stub("nvml", "-DINIT=18"))
        == "nvmlInit_v2: driver and library have different versions (18)")
    #expect(failure(try stub("nvml", "-DINIT=3")) == "nvmlInit_v2: not supported")
    #expect(throws: LibraryError.self) {
      _ = try NVML.open(library: "/nonexistent.so").deviceCount()
    }
  }

  @Test func `a session that is held outlives those in which something is asked`() throws {
    let log = "/tmp/tinybox-nvml-\(getpid()).log"
    defer { unlink(log) }
    let library = try stub("nvml", "-DLOG='\"\(log)\"'")
    let hold = try NVMLHold(library: library)
    _ = NVMLReport.ask(library: library, uuids: false)
    hold.end()
    hold.end()
    let calls = try KernelTree.live.text(log)
    #expect(calls == "iiss", "\(calls)")
    #expect(throws: LibraryError.self) { _ = try NVMLHold(library: "/nonexistent.so") }
  }

  @Test func `HSA answers reach the model`() throws {
    let report = HSAReport(parsing: HSAReport.ask(library: try stub("hsa")))
    #expect(report.failure == nil)
    #expect(report.cpuCount == 1)
    #expect(report.gpus.count == 2)
    let gpu = try #require(report.gpus.first)
    #expect(gpu.domain == 0)
    #expect(gpu.location == 0x2100)
    var expected = HSAAgent(
      name: "gfx1100", productName: "Radeon RX 7900 XTX", computeUnits: 96, kfdNode: 2)
    expected.pools = [
      HSAAgent.Pool(segment: 0, flags: 4, sizeBytes: 25_753_026_560),
      HSAAgent.Pool(segment: 3, flags: 0, sizeBytes: 65536),
    ]
    #expect(gpu.agent == expected)
  }

  @Test func `an old runtime has no domains and no pools`() throws {
    let report = HSAReport(parsing: HSAReport.ask(library: try stub("hsa", "-DOLD")))
    let gpu = try #require(report.gpus.first)
    #expect(gpu.domain == nil)
    #expect(gpu.agent.pools == nil)
    #expect(gpu.agent.computeUnits == 96)
  }

  @Test(arguments: [
    ("-DINIT=0x1008", "hsa_init: no accelerator it can open (4104)"),
    ("-DINIT=0x1000", "hsa_init: HSA_STATUS_ERROR: made up (4096)"),
    ("-DNO_AGENTS", "hsa_iterate_agents"),
  ])
  func `a runtime that does not start says why`(_ flags: String, _ reason: String) throws {
    let report = HSAReport(parsing: HSAReport.ask(library: try stub("hsa", flags)))
    #expect(report.failure?.contains(reason) == true)
    #expect(report.gpus.isEmpty)
  }

  static let hasRuntime: Bool = {
    guard let handle = dlopen(HSA.library, RTLD_NOW) else { return false }
    dlclose(handle)
    return access("/dev/kfd", F_OK) != 0
  }()

  @Test(.enabled(if: hasRuntime, "needs AMD's runtime and a machine without /dev/kfd"))
  func `AMD's own runtime without a GPU`() {
    let report = HSAReport(parsing: HSAReport.ask())
    #expect(report.failure == "hsa_init: no accelerator it can open (4104)")
    #expect(HSA.accessFailure() != nil)
  }

  @Test func `a call that hangs is given up`() {
    #expect(Deadline.run(seconds: 60) { 42 } == 42)
    let isGivenUp = DispatchSemaphore(value: 0)
    // It comes back only after it was given up, or much too late.
    #expect(Deadline.run(seconds: 1) { isGivenUp.wait(timeout: .now() + 60) } == nil)
    isGivenUp.signal()
  }
}

@Suite struct HSAMatchTests {
  static func box(_ answer: String) -> GPUTree {
    var box = GPUTree()
    box.add("0000:21:00.0", vendor: 0x1002, driver: "amdgpu")
    box.add("0000:41:00.0", vendor: 0x1002, driver: "amdgpu")
    box.kfdNode(1, gpuID: 7, location: 0x2100)
    box.kfdNode(2, gpuID: 8, location: 0x4100, target: 120001)
    box.tree.probe("hsa", .success(Array(answer.utf8)))
    return box
  }

  @Test func `agents meet their cards by KFD node, else by address`() {
    let gpus = Self.box(
      """
      agent cpu
      name EPYC
      agent gpu
      name gfx1201
      product Radeon RX 9070 XT
      node 2
      agent gpu
      name gfx1100
      domain 0
      location 8448
      """
    ).collect().gpus
    #expect(gpus.map { $0.hsa?.name } == ["gfx1100", "gfx1201"])
    #expect(gpus.map(\.name) == [nil, "Radeon RX 9070 XT"])
  }

  @Test func `a GPU the runtime leaves out is told`() {
    let gpus = Self.box("agent gpu\nname gfx1100\nnode 1\n").collect().gpus
    #expect(gpus.map { $0.reason("hsa") == nil } == [true, false])
    #expect(gpus.last?.reason("hsa")?.contains("gfx1201") == true)
  }

  @Test func `a runtime that fails is one note`() {
    let inventory = Self.box("failure hsa_init: no\n").collect()
    #expect(inventory.gpus.allSatisfy { $0.hsa == nil && $0.reason("hsa") == nil })
    #expect(inventory.collectors.first?.note == "HSA: hsa_init: no")
  }
}

extension UnknownFact {
  fileprivate var description: String { "\(fact): \(reason)" }
}

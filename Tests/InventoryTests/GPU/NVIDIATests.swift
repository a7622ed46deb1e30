import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct NVIDIATests {
  static let address = "0000:41:00.0"

  static let information = """
    Model: \t\t NVIDIA GeForce RTX 4090
    IRQ:   \t\t 195
    GPU UUID: \t GPU-5a5a5a5a-0000-1111-2222-333344445555
    Video BIOS: \t 95.02.3c.00.8e
    Bus Type: \t PCIe
    Bus Location: \t 0000:41:00.0
    Device Minor: \t 3
    GPU Excluded:\t No
    """

  static let answer = """
    driver 570.86.15
    gpu 00000000:41:00.0
    name NVIDIA GeForce RTX 4090
    vbios 95.02.3C.00.8E
    target sm_89
    memoryTotal 25757220864
    memoryUsed 5368709120
    bar1 34359738368
    power 61234
    powerLimit 450000
    powerLow 150000
    powerHigh 600000
    persistence 1
    celsius 41
    slowdown 97
    coreClock 210
    busy 87
    memoryBusy 12
    throttle 36
    ecc.volatile.corrected 2
    process 4321 536870912
    process 77 -
    process 4321 536870912
    unknown pcieReplays nvmlDeviceGetPcieReplayCounter: no permission (4)

    """

  static func card() -> GPUTree {
    var box = GPUTree()
    box.add(
      address, vendor: 0x10de, device: 0x2684, driver: "nvidia",
      bars: [(0, 16 << 20), (1, 32 << 30), (3, 32 << 20)], name: "AD102 [GeForce RTX 4090]")
    box.tree.file(
      "/proc/driver/nvidia/version",
      "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (x@y)\n"
        + "GCC version:  gcc version 12.2.0")
    box.tree.file("/proc/driver/nvidia/gpus/\(address)/information", information)
    box.tree.directory("/proc/1/fd")
    box.tree.probe("nvml", .success(Array(answer.utf8)))
    return box
  }

  /// NVML tells a size for a BAR that has no address, through which nobody sees anything.
  @Test func `a BAR without address stays one`() throws {
    var box = Self.card()
    box.functions[0].bars[1].isAssigned = false
    box.functions[0].bars[1].address = nil
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.memoryBarBytes == nil && gpu.largeBar == nil)
    #expect(gpu.reason("memoryBarBytes")?.contains("no address") == true)
  }

  @Test func `facts of the library and of the driver's files`() throws {
    let gpu = try #require(Self.card().collect().gpus.first)
    #expect(gpu.name == "NVIDIA GeForce RTX 4090")
    #expect(gpu.driverVersion == "570.86.15")
    #expect(gpu.target == "sm_89")
    #expect(gpu.memoryTotalBytes == 25_757_220_864)
    #expect(gpu.memoryUsedBytes == 5 << 30)
    // 32 GiB of BAR for 24 GB of memory: powers of two, never equal.
    #expect(gpu.memoryBarBytes == 32 << 30)
    #expect(gpu.largeBar == true)
    #expect(gpu.powerWatts == 61.234)
    #expect(gpu.powerCap == GPU.PowerCap(watts: 450, minimumWatts: 150, maximumWatts: 600))
    #expect(gpu.isPersistent == true)
    #expect(gpu.temperatures == [Temperature(label: "gpu", celsius: 41, criticalCelsius: 97)])
    #expect(gpu.fanRPM == nil)
    #expect(gpu.coreClockHertz == 210_000_000)
    #expect(gpu.memoryClockHertz == nil)
    #expect(gpu.busyShare == 0.87)
    #expect(gpu.throttleReasons == ["SwPowerCap", "SwThermalSlowdown"])
    #expect(gpu.ecc == ["volatile": GPU.ECCCount(corrected: 2, uncorrected: nil)])
    #expect(gpu.pcieReplays == nil)
    #expect(gpu.reason("pcieReplays")?.contains("no permission") == true)
    #expect(gpu.uniqueID == nil)
    #expect(gpu.processes.map(\.pid) == [77, 4321])
    #expect(gpu.processes.map(\.memoryBytes) == [nil, 512 << 20])
    #expect(gpu.reason("memoryTotalBytes") == nil)
    #expect(gpu.sources?["powerWatts"] == "libnvidia-ml.so.1")
    #expect(gpu.sources?["memoryBarBytes"]?.hasSuffix("/resource") == true)
  }

  @Test func `a BAR below the memory is no large BAR`() {
    var box = Self.card()
    box.functions[0].bars[1].sizeBytes = 256 << 20
    #expect(box.collect().gpus.first?.largeBar == false)
  }

  @Test func `the UUID only when serials are asked for, from its own answer`() {
    var box = Self.card()
    box.options.includeSerials = true
    #expect(
      box.collect().gpus.first?.uniqueID == "GPU-5a5a5a5a-0000-1111-2222-333344445555")
    box.tree.probe("nvml/uuid/\(Self.address)", .success(Array("GPU-x".utf8)))
    #expect(box.collect().gpus.first?.uniqueID == "GPU-x")
  }

  @Test(arguments: [
    (Result<[UInt8], ReadFailure>?.none, "not in the recording"),
    (.success(Array("failure nvmlInit_v2: driver and library differ (18)\n".utf8)), "(18)"),
    (.success([]), "does not list this GPU"),
    (.success(Array("driver 1\ngpu nonsense\nmemoryTotal 5\n".utf8)), "does not list this GPU"),
  ])
  func `without an answer the card says so once`(
    _ answer: Result<[UInt8], ReadFailure>?, _ reason: String
  ) throws {
    var box = Self.card()
    var tree = MemoryTreeBuilder()
    for (path, node) in box.tree.all { tree.set(path, node) }
    if let answer { tree.probe("nvml", answer) }
    box.tree = tree
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.memoryTotalBytes == nil)
    #expect(gpu.largeBar == nil)
    #expect(gpu.reason("memoryTotalBytes")?.contains(reason) == true)
    #expect(gpu.unknown.count == 1)
    // What the driver's own files say stays.
    #expect(gpu.name == "NVIDIA GeForce RTX 4090")
    #expect(gpu.vbios == "95.02.3c.00.8e")
  }

  @Test func `libraries left out are not asked and the size says why`() {
    var box = Self.card()
    box.options.useVendorLibraries = false
    let gpu = box.collect().gpus.first
    #expect(gpu?.powerWatts == nil)
    #expect(gpu?.reason("memoryTotalBytes") == "NVML was not asked")
  }

  @Test func `a plan about power asks for it alone`() throws {
    var box = Self.card()
    box.options.useVendorLibraries = false
    var inventory = box.collect()
    #expect(inventory.gpus.first?.powerCap == nil)
    inventory.askNVIDIAPower(box.tree.tree())
    let gpu = try #require(inventory.gpus.first)
    #expect(gpu.powerCap == GPU.PowerCap(watts: 450, minimumWatts: 150, maximumWatts: 600))
    #expect(gpu.isPersistent == true)
    #expect(gpu.temperatures.isEmpty && gpu.processes.isEmpty)
    // What the library cannot say is unknown, with its reason.
    box.tree.probe("nvml", .success(Array("failure no driver\n".utf8)))
    var failed = box.collect()
    failed.askNVIDIAPower(box.tree.tree())
    #expect(failed.gpus.first?.isPersistent == nil)
    #expect(failed.gpus.first?.reason("isPersistent") == "no driver")
    #expect(failed.gpus.first?.reason("powerCap") == "no driver")
  }

  @Test func `damaged answers are unknown facts`() throws {
    let report = NVMLReport(
      parsing: Array(
        "gpu 00000000:41:00.0\npower -5\nmemoryTotal 99999999999999999999\nprocess x 1\nbusy 300\n\u{ff}\n"
          .utf8))
    var gpu = GPU(address: try #require(PCIAddress(Self.address)), vendor: .nvidia)
    let card = try #require(report.cards.first)
    card.apply(to: &gpu)
    #expect(gpu.powerWatts == nil)
    #expect(gpu.busyShare == nil)
    #expect(gpu.processes.isEmpty)
    #expect(gpu.reason("powerWatts") == "cannot understand '-5'")
    #expect(gpu.reason("memoryTotalBytes") != nil)
  }

  @Test(arguments: [
    (
      "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023",
      "535.104.05"
    ),
    ("NVRM version: nothing here", nil), ("", nil),
  ])
  func `version of the kernel module`(_ text: String, _ version: String?) {
    #expect(NVIDIAFacts.driverVersion(Array(text.utf8)[...]) == version)
  }

  @Test func `question marks are no facts`() {
    let facts = NVIDIAFacts.parse(
      Array("Model: Unknown\nVideo BIOS: ??.??.??.??.??\nGPU UUID: GPU-????????-????\n".utf8))
    #expect(facts.vbios == nil)
    #expect(facts.uuid == nil)
  }
}

import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct AMDCardTests {
  static let address = "0000:23:00.0"

  /// A 7900 XTX with everything its driver offers; the numbers are made up.
  static func card() -> GPUTree {
    var box = GPUTree()
    box.add(
      address, vendor: 0x1002, driver: "amdgpu", bars: [(0, 32 << 30), (2, 2 << 20)],
      name: "Navi 31 [Radeon RX 7900 XTX]")
    box.tree.file("/sys/module/amdgpu/version", "6.10.5")
    for (name, text) in [
      ("mem_info_vram_total", "25753026560"), ("mem_info_vram_used", "27684864"),
      ("mem_info_vis_vram_total", "25753026560"), ("gpu_busy_percent", "7"),
      ("mem_busy_percent", "0"), ("vbios_version", "113-D70200-00C"), ("unique_id", "c0ffee01"),
      ("pcie_replay_count", "0"), ("product_name", ""),
      ("pp_dpm_sclk", "0: 500Mhz \n1: 43Mhz *\n2: 2525Mhz "),
      ("pp_dpm_mclk", "0: 96Mhz *\n1: 1249Mhz "),
      ("ras/umc_err_count", "ue: 1\nce: 5"), ("ras/features", "feature mask: 0x0"),
      ("drm/card1/dev", "226:1"), ("drm/renderD129/dev", "226:129"),
      ("hwmon/hwmon4/name", "amdgpu"), ("hwmon/hwmon4/power1_average", "20000000"),
      ("hwmon/hwmon4/power1_cap", "339000000"), ("hwmon/hwmon4/power1_cap_max", "402000000"),
      ("hwmon/hwmon4/power1_cap_min", "0"), ("hwmon/hwmon4/power1_cap_default", "339000000"),
      ("hwmon/hwmon4/temp1_input", "41000"), ("hwmon/hwmon4/temp1_label", "edge"),
      ("hwmon/hwmon4/temp1_crit", "100000"), ("hwmon/hwmon4/temp3_input", "-1500"),
      ("hwmon/hwmon4/temp3_label", "mem"), ("hwmon/hwmon4/fan1_input", "0"),
    ] { box.file(address, name, text) }
    box.kfdNode(0, gpuID: 0)
    box.kfdNode(
      1, gpuID: 51234, location: 0x2300, minor: 129, banks: [(1, 25_753_026_560)],
      links: [("io", 0, 1), ("p2p", 2, 17)])
    box.tree.file("/sys/class/kfd/kfd/topology/generation_id", "2")
    box.tree.file("/sys/class/kfd/kfd/proc/4242/vram_51234", "1048576")
    box.tree.file("/proc/4242/comm", "python3")
    box.tree.directory("/proc/4242/fd")
    return box
  }

  @Test func `every fact of a card that has all files`() throws {
    let inventory = Self.card().collect()
    let gpu = try #require(inventory.gpus.first)
    #expect(inventory.gpus.count == 1)
    #expect(gpu.vendor == .amd)
    #expect(gpu.driver == "amdgpu")
    #expect(gpu.driverVersion == "6.10.5")
    #expect(gpu.name == "Navi 31 [Radeon RX 7900 XTX]")
    #expect(gpu.memoryTotalBytes == 25_753_026_560)
    #expect(gpu.memoryUsedBytes == 27_684_864)
    #expect(gpu.memoryVisibleBytes == 25_753_026_560)
    #expect(gpu.memoryBarBytes == 32 << 30)
    #expect(gpu.largeBar == true)
    #expect(gpu.drmCard == "card1")
    #expect(gpu.renderNode == "renderD129")
    #expect(gpu.target == "gfx1100")
    #expect(gpu.powerWatts == 20)
    #expect(
      gpu.powerCap
        == GPU.PowerCap(watts: 339, minimumWatts: 0, maximumWatts: 402, defaultWatts: 339))
    #expect(
      gpu.temperatures == [
        Temperature(label: "edge", celsius: 41, criticalCelsius: 100),
        Temperature(label: "mem", celsius: -1.5),
      ])
    #expect(gpu.fanRPM == 0)
    #expect(gpu.coreClockHertz == 43_000_000)
    #expect(gpu.memoryClockHertz == 96_000_000)
    #expect(gpu.busyShare == 0.07)
    #expect(gpu.memoryBusyShare == 0)
    #expect(gpu.vbios == "113-D70200-00C")
    #expect(gpu.uniqueID == nil)
    #expect(gpu.pcieReplays == 0)
    #expect(gpu.ecc == ["umc": GPU.ECCCount(corrected: 5, uncorrected: 1)])
    #expect(
      gpu.processes == [
        GPU.GPUProcess(pid: 4242, name: "python3", memoryBytes: 1 << 20, evidence: "kfd")
      ])
    #expect(gpu.partitions == nil)
    let node = try #require(gpu.kfd)
    #expect(node.gpuID == 51234)
    #expect(node.computeUnits == 96)
    #expect(node.publicMemoryBytes == 25_753_026_560)
    #expect(node.privateMemoryBytes == nil)
    #expect(
      node.links == [
        KFDNode.Link(list: "io", toNode: 0, type: 2, weight: 40, flags: 1),
        KFDNode.Link(list: "p2p", toNode: 2, type: 2, weight: 40, flags: 17),
      ])
    #expect(gpu.unknown.isEmpty)
    #expect(
      gpu.sources?["powerWatts"]
        == "/sys/bus/pci/devices/\(Self.address)/hwmon/hwmon4/power1_average")
    #expect(gpu.sources?["coreClockHertz"]?.hasSuffix("pp_dpm_sclk") == true)
  }

  @Test func `the identity of the chip only when serials are asked for`() {
    var box = Self.card()
    box.options.includeSerials = true
    #expect(box.collect().gpus.first?.uniqueID == "c0ffee01")
  }

  @Test(arguments: ["vfio-pci", nil])
  func `a card without its driver is listed and says why it tells nothing`(
    _ driver: String?
  ) throws {
    var box = GPUTree()
    box.add(Self.address, vendor: 0x1002, driver: driver, bars: [(0, 32 << 30)])
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.driver == driver)
    #expect(gpu.memoryBarBytes == 32 << 30)
    #expect(gpu.largeBar == nil)
    #expect(gpu.powerWatts == nil)
    #expect(gpu.temperatures.isEmpty)
    #expect(gpu.reason("memoryTotalBytes")?.contains(driver ?? "no driver") == true)
  }

  @Test func `no hwmon is no reading and no fault`() throws {
    var box = Self.card()
    box.tree.remove("/sys/bus/pci/devices/\(Self.address)/hwmon")
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.powerWatts == nil)
    #expect(gpu.powerCap == nil)
    #expect(gpu.temperatures.isEmpty)
    #expect(gpu.fanRPM == nil)
    #expect(gpu.unknown.isEmpty)
  }

  @Test(arguments: [
    ("mem_info_vram_total", "memoryTotalBytes"), ("gpu_busy_percent", "busyShare"),
    ("pp_dpm_sclk", "coreClockHertz"), ("pcie_replay_count", "pcieReplays"),
    ("hwmon/hwmon4/power1_average", "powerWatts"), ("hwmon/hwmon4/temp1_input", "temperatures"),
    ("hwmon/hwmon4/power1_cap", "powerCap"), ("hwmon/hwmon4/fan1_input", "fanRPM"),
    ("ras/umc_err_count", "ecc"),
  ])
  func `what cannot be read is unknown with its reason`(_ file: String, _ fact: String) throws {
    for cause in [ReadFailure.Cause.permissionDenied, .gone, .system(Errno(22))] {
      var box = Self.card()
      box.failing(Self.address, file, cause)
      let gpu = try #require(box.collect().gpus.first)
      #expect(gpu.reason(fact) == ReadFailure(path: "", cause: cause).reason)
    }
    for text in ["garbage", "99999999999999999999999", "\u{1}\u{2}", "0: x *", "1: 5Ghz *"] {
      var box = Self.card()
      box.file(Self.address, file, text)
      let gpu = try #require(box.collect().gpus.first)
      // A list of levels without a mark says nothing, and that is no fault.
      if file == "pp_dpm_sclk", !text.contains("*") {
        #expect(gpu.coreClockHertz == nil)
      } else {
        #expect(gpu.reason(fact)?.hasPrefix("cannot understand") == true, "\(file): \(text)")
      }
    }
  }

  @Test func `the largest number a file can hold does no harm`() throws {
    var box = Self.card()
    let most = "\(Int.max)"
    for file in [
      "mem_info_vram_total", "mem_info_vis_vram_total", "hwmon/hwmon4/temp1_input",
      "hwmon/hwmon4/power1_cap", "gpu_busy_percent",
    ] { box.file(Self.address, file, most) }
    box.file(Self.address, "pp_dpm_sclk", "0: \(most)Mhz *")
    box.kfdNode(
      1, gpuID: Int.max, location: Int.max, domain: Int.max, target: Int.max,
      banks: [(1, Int.max), (1, Int.max)])
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.memoryTotalBytes == Int.max)
    #expect(gpu.reason("coreClockHertz") != nil)
    #expect(gpu.reason("busyShare") != nil)
  }

  @Test func `one power input that fails is replaced by the other`() throws {
    var box = Self.card()
    box.failing(Self.address, "hwmon/hwmon4/power1_average", .system(Errno(95)))
    box.file(Self.address, "hwmon/hwmon4/power1_input", "31000000")
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.powerWatts == 31)
    #expect(gpu.reason("powerWatts") == nil)
  }

  @Test(arguments: [("268435456", false), ("25753026560", true)])
  func `large BAR is all memory visible`(_ visible: String, _ large: Bool) {
    var box = Self.card()
    box.file(Self.address, "mem_info_vis_vram_total", visible)
    #expect(box.collect().gpus.first?.largeBar == large)
  }

  @Test func `a sleeping card is not woken`() throws {
    var box = Self.card()
    box.functions[0].powerState = "D3hot"
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.powerWatts == nil)
    #expect(gpu.busyShare == nil)
    #expect(gpu.memoryTotalBytes == 25_753_026_560)
    #expect(gpu.reason("powerWatts")?.contains("asleep") == true)
  }

  @Test func `a BAR without address shows no memory`() throws {
    var box = Self.card()
    box.functions[0].bars[0].isAssigned = false
    let gpu = try #require(box.collect().gpus.first)
    #expect(gpu.memoryBarBytes == nil)
    #expect(gpu.reason("memoryBarBytes")?.contains("no address") == true)
  }
}

@Suite struct AMDParserTests {
  @Test(arguments: [
    ("0: 500Mhz\n1: 2482Mhz *", 2_482_000_000), ("S: 19Mhz *\n0: 500Mhz", 19_000_000),
    ("0: 96MHz *", 96_000_000), ("", nil), ("0: 500Mhz\n1: 900Mhz", nil),
  ])
  func `the marked level is the clock`(_ text: String, _ hertz: Int?) {
    #expect(AMDFacts.currentLevel(Array(text.utf8)[...]) == .some(hertz))
  }

  @Test func `error counts name what they count`() {
    let newer = AMDFacts.errorCounts(Array("ue: 0\nce: 12\nde: 3\n".utf8)[...])
    #expect(newer == GPU.ECCCount(corrected: 12, uncorrected: 0))
    #expect(AMDFacts.errorCounts(Array("nothing".utf8)[...]) == nil)
  }
}

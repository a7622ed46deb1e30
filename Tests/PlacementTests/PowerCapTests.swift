import Base
import Configuration
import Foundation
import Inventory
import KernelTree
import TestMachines
import TestSupport
import Testing

@testable import Apply
@testable import Placement

/// Power caps and persistence modes of GPUs: what the policy asks for, and the calls that set them. The library is a stand-in; the file is
/// one of a test's, and says nothing of a card's firmware.
@Suite struct PowerCapTests {
  /// A machine with one GPU that has a cap.
  private func machine(
    _ watts: Double? = 355, range: ClosedRange<Double>? = 0...402
  ) throws -> (Inventory, PCIAddress) {
    var box = FullMachine.inventory
    try #require(!box.gpus.isEmpty)
    box.gpus.removeLast(box.gpus.count - 1)
    box.gpus[0].powerCap = watts.map {
      GPU.PowerCap(watts: $0, minimumWatts: range?.lowerBound, maximumWatts: range?.upperBound)
    }
    return (box, box.gpus[0].address)
  }

  private func plan(_ box: Inventory, _ text: String) throws -> (changes: [Change], left: [Skipped])
  {
    let plan = Plan(box, try PolicyTests.policy(text), ServiceState())
    return (
      plan.changes.filter { $0.knob.kind == .powerCap },
      plan.leftAlone.filter { $0.what == "power cap" }
    )
  }

  @Test func `a cap that is asked for is one change, and none once it holds`() throws {
    var (box, address) = try machine()
    #expect(try plan(box, "").changes.isEmpty)
    let text = "[placement.gpu]\npower-cap = 300"
    let (changes, left) = try plan(box, text)
    #expect(left.isEmpty)
    let change = try #require(changes.first)
    #expect(changes.count == 1 && change.knob == .powerCap(address))
    #expect(change.old == "355" && change.new == "300" && change.device == address)
    #expect(change.knob.identity == "\(address) power cap")
    box.gpus[0].powerCap?.watts = 300
    #expect(try plan(box, text).changes.isEmpty)
    // One card's own comes before that of all.
    let own = try plan(box, "\(text)\n[placement.device.\"\(address)\"]\npower-cap = 250")
    #expect(own.changes.map(\.new) == ["250"])
  }

  @Test func `what the card does not take, or does not say, is left alone`() throws {
    let text = "[placement.gpu]\npower-cap = 300"
    func reason(_ watts: Double?, _ range: ClosedRange<Double>?) throws -> String? {
      let (changes, left) = try plan(try machine(watts, range: range).0, text)
      #expect(changes.isEmpty)
      return left.first?.reason
    }
    #expect(try reason(355, 303...402) == "it takes 303 to 402 W, not 300 W")
    #expect(try reason(355, nil) == "its driver does not say which caps the card takes")
    #expect(try reason(nil, nil) != nil)
    let (box, address) = try machine(355, range: 303...402)
    let problems = try PolicyTests.policy(text).problems(on: box).map(\.description)
    #expect(
      problems.contains { $0.contains("\(address) takes 303 to 402 W, not 300 W") }, "\(problems)")
  }

  @Test func `only GPUs have one`() throws {
    let (box, _) = try machine()
    let nic = try #require(box.nics.first?.address)
    let policy = try PolicyTests.policy("[placement.device.\"\(nic)\"]\npower-cap = 300")
    #expect(policy.problems(on: box).contains { $0.description.contains("is no GPU") })
  }

  @Test(arguments: [(350_000, "350"), (350_500, "350.5"), (350_050, "350.05"), (7, "0.007")])
  func `watts are written with the milliwatts there are`(milliwatts: Int, text: String) {
    #expect(Knob.text(milliwatts: milliwatts) == text)
    #expect(Knob.milliwatts(text) == milliwatts)
    #expect(Knob.watts(Double(milliwatts) / 1000) == text)
  }

  @Test(arguments: ["", "x", "-1", "nan", "1e300"]) func `what is no power is none`(text: String) {
    #expect(Knob.milliwatts(text) == nil)
  }

  @Test func `the file of the card's hwmon folder is read and written in microwatts`() throws {
    let address = try #require(PCIAddress("0000:03:00.0"))
    let folder = "/sys/bus/pci/devices/\(address)/hwmon/hwmon7"
    var builder = MemoryTreeBuilder()
    builder.file(folder + "/power1_cap", "355000000\n")
    let tree = KernelTree(MemorySource(builder, origin: .memory("test")))
    let root = try temporaryPath()
    defer { removeFolder(root) }
    try FileManager.default.createDirectory(
      atPath: root + folder, withIntermediateDirectories: true)
    try "355000000\n".write(
      toFile: root + folder + "/power1_cap", atomically: true, encoding: .utf8)
    let cap = try PowerCap(.powerCap(address), tree, root: root)
    #expect(try String(decoding: cap.read(), as: UTF8.self) == "355")
    try cap.write("300.5")
    // The kernel takes the whole write for the value; a file keeps what was behind it.
    #expect(
      try String(contentsOfFile: root + folder + "/power1_cap", encoding: .utf8).hasPrefix(
        "300500000\n"))
    #expect(throws: KnobFailure.self) { try cap.write("much") }
  }

  @Test func `without the file NVIDIA's library is asked`() throws {
    let folder = try temporaryPath()
    let library = try build("nvml", in: folder, "-shared -fPIC")
    let tree = KernelTree(MemorySource(MemoryTreeBuilder(), origin: .memory("test")))
    // The stand-in's cards are at 00:00.0 to 29:00.0.
    func cap(_ address: String) throws -> PowerCap {
      try PowerCap(.powerCap(try #require(PCIAddress(address))), tree, library: library)
    }
    let first = try cap("0000:00:00.0")
    #expect(try String(decoding: first.read(), as: UTF8.self) == "450")
    try first.write("300")
    #expect(try String(decoding: first.read(), as: UTF8.self) == "300")
    func reason(_ address: String, _ watts: String) throws -> String? {
      #expect(throws: KnobFailure.self) { try cap(address).write(watts) }?.reason
    }
    #expect(try reason("0000:00:00.0", "100")?.contains("invalid argument") == true)
    #expect(try reason("0000:01:00.0", "300")?.contains("no permission") == true)
    #expect(
      try reason("0000:77:00.0", "300")?.contains("the driver has no GPU at 0000:77:00.0") == true)
    let missing = try PowerCap(
      .powerCap(try #require(PCIAddress("0000:00:00.0"))), tree, library: "libnone.so.9")
    #expect(throws: KnobFailure.self) { try missing.read() }
  }

  // MARK: persistence

  private func persistence(
    _ mode: Bool?, vendor: GPU.Vendor = .nvidia, hasDaemon: Bool? = false, _ text: String
  ) throws -> (changes: [Change], left: [Skipped]) {
    var (box, _) = try machine()
    box.gpus[0].vendor = vendor
    box.gpus[0].isPersistent = mode
    var state = ServiceState()
    state.hasPersistenceDaemon = hasDaemon
    let plan = Plan(box, try PolicyTests.policy(text), state)
    return (
      plan.changes.filter { $0.knob.kind == .persistence },
      plan.leftAlone.filter { $0.what == "persistence mode" }
    )
  }

  @Test
  func `a persistence mode is one change, none once it holds, and none where its daemon runs`()
    throws
  {
    let text = "[placement.gpu]\npersistence = true"
    let (changes, left) = try persistence(false, text)
    let change = try #require(changes.first)
    #expect(changes.count == 1 && left.isEmpty && change.old == "off" && change.new == "on")
    #expect(change.knob.identity.hasSuffix(" persistence mode") && change.isRevertible)
    #expect(try persistence(true, text).changes.isEmpty)
    #expect(try persistence(false, "").changes.isEmpty)
    let owned = try persistence(false, hasDaemon: true, text)
    #expect(owned.changes.isEmpty)
    #expect(owned.left.first?.reason.contains("nvidia-persistenced runs") == true)
    // Not known is not off, and other makers have none.
    #expect(try persistence(nil, text).changes.isEmpty)
    #expect(try persistence(nil, text).left.count == 1)
    let other = try persistence(nil, vendor: .amd, text)
    #expect(other.changes.isEmpty && other.left.isEmpty)
  }

  @Test func `only NVIDIA's GPUs have a persistence mode`() throws {
    let (box, address) = try machine()
    let policy = try PolicyTests.policy("[placement.device.\"\(address)\"]\npersistence = true")
    let isNVIDIA = box.gpus[0].vendor == .nvidia
    #expect(
      policy.problems(on: box).contains { $0.description.contains("no GPU of NVIDIA's") }
        != isNVIDIA)
  }

  @Test func `power has a mode of its own, or that of all`() throws {
    #expect(try PolicyTests.policy("").powerMode == .observe)
    #expect(try PolicyTests.policy("[placement]\nmode = \"enforce\"").powerMode == .enforce)
    let own = try PolicyTests.policy("[placement]\npower = \"enforce\"")
    #expect(own.mode == .observe && own.powerMode == .enforce)
  }

  @Test func `the persistence daemon is the process that its file names`() {
    func runs(_ files: [(String, String)]) -> Bool? {
      var builder = MemoryTreeBuilder()
      for (path, text) in files { builder.file(path, text) }
      return ServiceState.read(builder.tree()).hasPersistenceDaemon
    }
    let file = "/run/nvidia-persistenced/nvidia-persistenced.pid"
    #expect(runs([]) == false)
    #expect(runs([(file, "77\n"), ("/proc/77/comm", "nvidia-persiste\n")]) == true)
    // The process ended and left its file; its number is another's now.
    #expect(runs([(file, "77\n")]) == false)
    #expect(runs([(file, "77\n"), ("/proc/77/comm", "sshd\n")]) == false)
    #expect(runs([(file, "x\n")]) == nil)
  }

  @Test func `NVIDIA's library reads and sets the persistence mode`() throws {
    let folder = try temporaryPath()
    let library = try build("nvml", in: folder, "-shared -fPIC")
    func mode(_ address: String) throws -> PersistenceMode {
      try PersistenceMode(.persistence(try #require(PCIAddress(address))), library: library)
    }
    let first = try mode("0000:00:00.0")
    #expect(try String(decoding: first.read(), as: UTF8.self) == "off")
    try first.write("on")
    #expect(try String(decoding: first.read(), as: UTF8.self) == "on")
    #expect(throws: KnobFailure.self) { try first.write("1") }
    func reason(_ address: String) throws -> String? {
      #expect(throws: KnobFailure.self) { try mode(address).write("on") }?.reason
    }
    #expect(try reason("0000:01:00.0")?.contains("no permission") == true)
    #expect(try reason("0000:77:00.0")?.contains("the driver has no GPU") == true)
  }
}

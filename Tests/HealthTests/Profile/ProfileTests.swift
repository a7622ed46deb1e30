import Base
import Foundation
import Inventory
import TestMachines
import Testing

@testable import Health

@Suite struct ShippedProfileTests {
  @Test func everyFileIsAProfile() {
    #expect(Profile.shipped.count == Profile.fileCount)
    #expect(Profile.shipped.count == 7)
  }

  @Test(arguments: Profile.shipped) func isPossibleAndSaysWhoSaysSo(profile: Profile) {
    #expect(profile.faults.isEmpty)
    #expect(profile.origin == .declared)
    #expect(profile.sources?.isEmpty == false)
    #expect(profile.title != nil)
    #expect(profile.places == nil)
  }

  @Test(arguments: Profile.shipped) func itsOwnFiguresAgree(profile: Profile) throws {
    // Bandwidth is what the channels carry at that speed.
    let bandwidth = try #require(profile.memoryBytesPerSecond)
    let channels = try #require(profile.memoryChannels)
    let speed = try #require(profile.memoryMegatransfersPerSecond)
    #expect(bandwidth == Profile.memoryBytesPerSecond(channels: channels, megatransfers: speed))
    // Equal modules in all channels.
    let memory = try #require(profile.memoryBytes)
    #expect(memory % (channels << 30) == 0)
    #expect(channels % (profile.packageCount ?? 1) == 0)
  }

  @Test(arguments: [
    ("tinybox-red-1", 6, 24, 204.8), ("tinybox-green-1", 6, 24, 204.8),
    ("tinybox-pro-1", 8, 24, 921.6), ("tinybox-red-2", 4, 16, 204.8),
    ("tinybox-green-2", 4, 32, 460.8), ("tinybox-green-2-blackwell", 4, 96, 460.8),
    ("tinybox-pro-2", 8, 32, 921.6),
  ])
  func publishedFigures(name: String, gpus: Int, gibibytes: Int, bandwidth: Double) throws {
    let profile = try #require(Profile.shipped(named: name))
    #expect(profile.gpus?.map(\.count) == [gpus])
    #expect(profile.gpus?.first?.memoryBytes == gibibytes << 30)
    #expect(profile.memoryBytesPerSecond == bandwidth * 1e9)
  }

  @Test(arguments: [
    ("red", "tinybox-red-1"), ("red-2", "tinybox-red-2"), ("RED2", "tinybox-red-2"),
    ("tinybox green v2", "tinybox-green-2"), ("pro v1", "tinybox-pro-1"),
    ("greenv2", "tinybox-green-2"), ("green-2-blackwell", "tinybox-green-2-blackwell"),
    ("tinybox-pro-2", "tinybox-pro-2"),
  ])
  func shortNames(text: String, name: String) {
    #expect(Profile.shipped(named: text)?.name == name)
  }

  @Test(arguments: ["", "blue", "red-3", "tinybox", "-"]) func noSuchName(text: String) {
    #expect(Profile.shipped(named: text) == nil)
  }
}

@Suite struct ProfileBoundsTests {
  private func faults(_ change: (inout Profile) -> Void) -> [String] {
    var profile = WellServer.profile
    change(&profile)
    return profile.faults.map(\.key)
  }

  @Test func aFairProfileHasNone() {
    #expect(faults { _ in } == [])
    #expect(Profile(name: "empty", origin: .declared).faults == [])
  }

  @Test func eachFaultNamesItsKey() {
    let address = WellServer.gpus[0]
    let changes: [(String, (inout Profile) -> Void)] = [
      ("schema", { $0.schema = "tinybox.profile/9" }),
      ("name", { $0.name = "" }),
      ("gpus[0].count", { $0.gpus?[0].count = -1 }),
      (
        "gpus[0].link",
        { $0.gpus?[0].link = PCIeRate(gigatransfersPerSecond: 12, width: 16) }
      ),
      ("gpus[0].link", { $0.gpus?[0].link = PCIeRate(gigatransfersPerSecond: 16, width: 63) }),
      ("gpus[0].link", { $0.gpus?[0].link = PCIeRate(gigatransfersPerSecond: .nan, width: 1) }),
      ("gpus[0].pciID", { $0.gpus?[0].pciID = "7900" }),
      ("gpus[0].memoryBytes", { $0.gpus?[0].memoryBytes = 24 }),
      ("gpus[0].powerCapWatts", { $0.gpus?[0].powerCapWatts = 339_000 }),
      ("gpus[0].powerCapWatts", { $0.gpus?[0].powerCapWatts = .nan }),
      ("gpus", { $0.gpus? += [Profile.ExpectedGPU(count: 1, pciID: "1002:744c")] }),
      ("nvme.count", { $0.nvme = Profile.ExpectedCount(count: 100_000) }),
      ("nics.count", { $0.nics = Profile.ExpectedCount(count: -1) }),
      ("packageCount", { $0.packageCount = 0 }),
      ("coreCount", { $0.coreCount = 0 }),
      ("memoryBytes", { $0.memoryBytes = -5 }),
      ("memoryChannels", { $0.memoryChannels = 0 }),
      ("memoryMegatransfersPerSecond", { $0.memoryMegatransfersPerSecond = 3 }),
      ("memoryBytesPerSecond", { $0.memoryBytesPerSecond = 300e9 }),
      ("nodesPerSocket", { $0.nodesPerSocket = 0 }),
      ("places[1].address", { $0.places?[1].address = address }),
      ("places[0].numaNode", { $0.places?[0].numaNode = -1 }),
      ("places", { $0.gpus?[0].count = 1 }),
    ]
    for (key, change) in changes { #expect(faults(change).contains(key), "\(key)") }
  }

  @Test func extremesDoNotTrap() {
    let keys = faults { (profile: inout Profile) in
      profile.packageCount = .min
      profile.coreCount = .max
      profile.memoryChannels = .max
      profile.memoryMegatransfersPerSecond = .max
      profile.memoryBytesPerSecond = .infinity
      profile.gpus = [Profile.ExpectedGPU(count: .max), Profile.ExpectedGPU(count: .max)]
    }
    #expect(keys.contains("packageCount"))
    #expect(keys.contains("memoryBytesPerSecond"))
  }
}

@Suite struct ProfileLearningTests {
  private func hop(
    _ current: PCIeRate, possible: PCIeRate, verdict: PCIeHop.Verdict
  ) -> PCIeHop {
    PCIeHop(
      port: PCIAddress(domain: 0, bus: 0x20, device: 1, function: 0),
      device: WellServer.gpus[0], current: current, possible: possible, limitedBy: .both,
      isInsideCard: false, verdict: verdict)
  }

  private let slow = PCIeRate(gigatransfersPerSecond: 2.5, width: 16)
  private let full = PCIeRate(gigatransfersPerSecond: 16, width: 16)

  /// The well box, with idle GPUs.
  private func inventory(_ change: (inout Inventory) -> Void = { _ in }) -> Inventory {
    var inventory = WellServer.inventory
    for index in 0...1 {
      inventory.pci[index].path = PCIePath(
        hops: [hop(slow, possible: full, verdict: .below)], bottleneck: 0, slotLink: 0,
        isDegraded: true)
    }
    change(&inventory)
    return inventory
  }

  private func learn(_ change: (inout Inventory) -> Void = { _ in }) -> Profile {
    Profile.learned(from: inventory(change), name: "box", at: "2026-01-01T00:00:00Z")
  }

  private func objections(
    _ health: HealthReport? = nil, before: Profile? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) -> [LearningObjection] {
    learn(change).objections(inventory(change), health: health, before: before)
  }

  @Test func whatTheBoxHas() throws {
    let profile = learn()
    #expect(profile.origin == .learned)
    #expect(profile.learnedAt == "2026-01-01T00:00:00Z")
    #expect(profile.gpus?.map(\.count) == [2])
    #expect(profile.gpus?.first?.pciID == "1002:744c")
    #expect(profile.gpus?.first?.powerCapWatts == nil)
    #expect(profile.nvme?.count == 1)
    #expect(profile.nics?.count == 1)
    #expect(profile.packageCount == 1)
    #expect(profile.coreCount == 8)
    #expect(profile.memoryBytes == 128 << 30)
    #expect(profile.memoryChannels == 8)
    #expect(profile.memoryBytesPerSecond == 204.8e9)
    #expect(profile.nodesPerSocket == 2)
    #expect(profile.places?.map(\.kind) == [.gpu, .gpu, .nvme, .nic])
    #expect(profile.faults == [])
    let decoded = try JSONDecoder().decode(Profile.self, from: JSONEncoder().encode(profile))
    #expect(decoded == profile)
  }

  @Test func aBoxFitsWhatWasLearnedFromIt() throws {
    var inventory = inventory()
    var controller = MemoryController(name: "mc0")
    controller.correctedErrors = 0
    controller.uncorrectedErrors = 0
    inventory.memory.controllers = [controller]
    let box = Box(inventory, profile: learn())
    for check in Checks.processors + Checks.memory + Checks.gpu {
      let verdicts = check.evaluate(box).map(\.verdict)
      #expect(verdicts.allSatisfy { $0 == .pass || $0 == .notApplicable }, "\(check.info.id)")
    }
  }

  @Test func theLinkIsWhatItCouldDo() throws {
    #expect(learn().gpus?.first?.link == full)
    #expect(learn().places?.first?.link == full)
    // The link inside the card is not the slot's.
    let inside = learn { $0.pci[0].path?.slotLink = nil }
    #expect(inside.places?.first?.link == nil)
    #expect(inside.gpus?.first?.link == nil)
  }

  @Test func whatIsNotKnownStaysOut() throws {
    let profile = learn { inventory in
      inventory.collectors = []
      inventory.processors.packages = []
      inventory.processors.nodesPerSocket?.confidence = .unknown
      inventory.memory.modules[0].sizeBytes = nil
      inventory.memory.modules[1].configuredMegatransfersPerSecond = nil
      inventory.memory.modules[2].bank = nil
    }
    #expect(profile.gpus == nil)
    #expect(profile.nvme == nil)
    #expect(profile.nics == nil)
    #expect(profile.packageCount == nil)
    #expect(profile.coreCount == nil)
    #expect(profile.nodesPerSocket == nil)
    #expect(profile.memoryBytes == nil)
    #expect(profile.memoryChannels == nil)
    #expect(profile.memoryMegatransfersPerSecond == nil)
    #expect(profile.memoryBytesPerSecond == nil)
    #expect(learn { $0.pci[0].identity.deviceID = nil }.gpus == nil)
    #expect(learn { $0.processors.offline = nil }.coreCount == nil)
    #expect(learn { $0.gpus[1].memoryTotalBytes = nil }.gpus?.first?.memoryBytes == nil)
  }

  @Test func aCapOfAllCardsIsLearned() throws {
    let profile = learn { inventory in
      for index in 0...1 { inventory.gpus[index].powerCap?.watts = 250 }
    }
    #expect(profile.gpus?.first?.powerCapWatts == 250)
    #expect(learn { $0.gpus[0].powerCap?.watts = 250 }.gpus?.first?.powerCapWatts == nil)
  }

  /// What the checks say is not said again in other words.
  @Test func anUnwellBoxTeachesNothing() throws {
    let narrow = PCIeRate(gigatransfersPerSecond: 16, width: 8)
    func drive(_ rate: PCIeRate) -> (inout Inventory) -> Void {
      {
        $0.pci[2].path = PCIePath(
          hops: [hop(rate, possible: full, verdict: .below)], bottleneck: nil, slotLink: nil,
          isDegraded: true)
      }
    }
    let slower = "link-speed: 0000:61:00.0: a link runs at 2.5 GT/s x16 of 16 GT/s x16"
    let narrower = "link-width: 0000:61:00.0: a link runs at 16 GT/s x8 of 16 GT/s x16"
    let changes: [(String, (inout Inventory) -> Void)] = [
      ("device-lost: GPU 21:00.0: ", { $0.pci[0].isDead = true }), (slower, drive(slow)),
      (narrower, drive(narrow)),
      ("raid: md0: ", { $0.system.arrays = [mirror(places: 3, copies: 1)] }),
      ("nvme-state: nvme0: ", { $0.nvme[0].state = "dead" }),
    ]
    let checks: [any Check.Type] = [DeviceLostCheck.self, RAIDCheck.self, NVMeStateCheck.self]
    for (text, change) in changes {
      let health = HealthReport(Box(inventory(change)), checks: checks)
      let found = objections(health, change).filter { $0.kind == .failures }
      #expect(found.count == 1 && found[0].text.hasPrefix(text), "\(text): \(found)")
    }
    // Places that nobody took are a warning, and no reason to refuse.
    let room: (inout Inventory) -> Void = { $0.system.arrays = [mirror(places: 4, copies: 2)] }
    let health = HealthReport(Box(inventory(room)), checks: checks)
    #expect(health.findings.contains { $0.check == "raid" && $0.verdict == .warn })
    #expect(objections(health, room).isEmpty)
  }

  private func mirror(places: Int, copies: Int) -> RAIDArray {
    var array = RAIDArray(name: "md0")
    (array.level, array.state, array.syncAction) = ("raid1", "active", "idle")
    (array.memberCount, array.missingMembers) = (places, places - copies)
    array.members = (0..<copies).map {
      RAIDArray.Member(device: "sd\($0)", state: "in_sync", errors: 0)
    }
    return array
  }

  /// Counts and places are of the same devices, and those do not hold one that is gone.
  @Test func aDeadDeviceIsNotRemembered() throws {
    let dead: (inout Inventory) -> Void = {
      for index in [0, 2] {
        $0.pci[index].isDead = true
        $0.pci[index].identity.classCode = index == 0 ? 0x030000 : 0x010802
      }
      // The driver let the drive go.
      $0.nvme = []
    }
    let profile = learn(dead)
    #expect(profile.gpus?.map(\.count) == [1] && profile.nvme?.count == 0)
    #expect(profile.places?.map(\.address) == [WellServer.gpus[1], WellServer.nic])
    #expect(profile.faults == [])
    let lost = objections(nil, before: learn(), dead).map(\.text)
    #expect(lost.contains("GPUs: 2 before, 1 now") && lost.contains("drives: 1 before, 0 now"))
    let asleep = learn {
      dead(&$0)
      $0.pci[0].powerState = "D3cold"
    }
    #expect(asleep.gpus?.map(\.count) == [2])
    // A drive whose driver is not there is a drive, in the count as in the places.
    let unbound = learn {
      dead(&$0)
      $0.pci[2].isDead = false
    }
    #expect(unbound.nvme?.count == 1 && unbound.places?.count { $0.kind == .nvme } == 1)
    let none = objections {
      for index in 0...1 { $0.pci[index].isDead = true }
    }
    #expect(none.filter { $0.kind == .none }.map(\.text) == ["no GPU answers any more"])
  }

  @Test func aFailingCheckRefuses() throws {
    let hot = inventory { $0.gpus[0].temperatures[0].celsius = 120 }
    let health = HealthReport(Box(hot), checks: [GPUTemperatureCheck.self])
    let error = objections(health).first
    #expect(error?.kind == .failures)
    #expect(error?.text.hasPrefix("gpu-temperature: GPU 21:00.0: ") == true)
    let fine = HealthReport(Box(inventory()), checks: [GPUTemperatureCheck.self])
    #expect(objections(fine).isEmpty)
  }

  @Test func aBoxWithoutGPUsIsNotLearnedByMistake() {
    func texts(_ change: (inout Inventory) -> Void) -> [String] {
      objections(nil, change).filter { $0.kind == .none }.map(\.text)
    }
    #expect(texts { $0.gpus = [] } == ["there is no GPU"])
    let failed = texts { box in
      box.gpus = []
      box.collectors.removeAll { $0.name == "GPU" }
      box.collectors.append(CollectorReport(name: "GPU", outcome: .failed, note: "/sys/bus/pci"))
    }
    #expect(failed == ["GPUs could not be looked for: /sys/bus/pci"])
    #expect(texts { $0.pci[0].identity.deviceID = nil }.count == 1)
    #expect(texts { _ in }.isEmpty)
  }

  @Test func aBoxThatLostSomethingIsNotLearnedByMistake() {
    let before = learn()
    func texts(_ change: (inout Inventory) -> Void) -> [String] {
      objections(nil, before: before, change).filter { $0.kind == .fewer }.map(\.text)
    }
    #expect(texts { _ in }.isEmpty)
    #expect(texts { $0.gpus.removeLast() } == ["GPUs: 2 before, 1 now"])
    #expect(texts { $0.nvme = [] } == ["drives: 1 before, 0 now"])
    #expect(texts { $0.collectors = [] }.contains("GPUs: 2 before, not known now"))
    #expect(texts { $0.memory.modules[0].sizeBytes = 0 }.contains { $0.hasPrefix("memory") })
    let narrow = PCIeRate(gigatransfersPerSecond: 16, width: 8)
    let slower = texts { box in
      for index in 0...1 { box.pci[index].path?.hops[0].possible = narrow }
    }
    #expect(slower.count == 1 && slower[0].hasSuffix("16 GT/s x16 before, 16 GT/s x8 now"))
    // What cannot be told now is not learned away either.
    let blind = texts { box in
      box.memory.modules = []
      for index in 0...1 { box.pci[index].path = nil }
      box.gpus[0].memoryTotalBytes = nil
    }
    #expect(blind.contains("memory: 128 GiB before, not known now"))
    #expect(blind.contains { $0.hasPrefix("links of ") && $0.contains("not known") })
    #expect(blind.contains { $0.hasPrefix("video memory of ") && $0.hasSuffix("not known now") })
    // As many cards of another kind, and more than before, are no loss.
    #expect(texts { $0.pci[0].identity.deviceID = 0x7550 }.isEmpty)
    #expect(objections(nil, before: Profile(name: "empty", origin: .declared)).isEmpty)
  }

  @Test func aLostAcceleratorIsALoss() {
    let card = PCIAddress(domain: 0, bus: 0x63, device: 0, function: 0)
    let accelerator: (inout Inventory) -> Void = {
      $0.pci.append(WellServer.function(card, 0x1da3, 0x1020, node: 0))
      $0.pci[$0.pci.count - 1].identity.classCode = 0x120000
    }
    let before = learn(accelerator)
    #expect(before.places?.last?.kind == .accelerator)
    let found = learn().objections(inventory(), health: nil, before: before)
    #expect(found.map(\.text) == ["accelerators: 1 before, 0 now"])
    #expect(
      learn(accelerator).objections(inventory(accelerator), health: nil, before: before) == [])
  }

  @Test func whatStandsInAPlaceIsOneOfFew() throws {
    for kind in Profile.Place.Kind.allCases {
      let text = "{\"address\": \"0000:01:00.0\", \"kind\": \"\(kind.rawValue)\"}"
      let place = try JSONDecoder().decode(Profile.Place.self, from: Data(text.utf8))
      #expect(place.kind == kind && !kind.label.isEmpty)
    }
    let text = "{\"address\": \"0000:01:00.0\", \"kind\": \"toaster\"}"
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Profile.Place.self, from: Data(text.utf8))
    }
  }

  @Test func whatTwoProfilesExpectDifferently() throws {
    let before = learn()
    #expect(ProfileDifferences(before, before).differences.isEmpty)
    let after = learn { box in
      box.gpus.removeLast()
      box.memory.modules[0].sizeBytes = 8 << 30
    }
    let found = ProfileDifferences(before, after).differences
    #expect(found.first?.subject == "GPU 1002:744c" && found.first?.key == "count")
    #expect(found.first?.before == .count(2) && found.first?.after == .count(1))
    #expect(found.contains { $0.subject == "memory" && $0.after == .bytes(120 << 30) })
    let gone = try #require(found.last)
    #expect(gone.subject == "place \(WellServer.gpus[1])" && gone.after == nil)
    // Which profile was learned when, and what it is called, is no difference.
    var renamed = before
    renamed.name = "other"
    renamed.learnedAt = nil
    #expect(ProfileDifferences(before, renamed).differences.isEmpty)
    let text = String(
      decoding: try JSONEncoder().encode(ProfileDifferences(before, after)), as: UTF8.self)
    #expect(text.contains("\"before\":2") && text.contains("tinybox.profile-diff"))
  }
}

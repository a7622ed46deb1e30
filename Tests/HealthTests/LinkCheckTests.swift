import Base
import Inventory
import TestMachines
import Testing

@testable import Health

/// Link checks on a box as it should be, with one thing changed.
@Suite struct LinkCheckTests {
  private let gpu = WellServer.gpus[0]
  private let slow = PCIeRate(gigatransfersPerSecond: 2.5, width: 16)
  private let narrow = PCIeRate(gigatransfersPerSecond: 16, width: 8)

  /// The findings of a check for the first GPU.
  private func finding(
    _ check: any Check.Type, profile: Profile? = nil, samples: Samples? = nil,
    _ change: (inout Inventory) -> Void = { _ in }
  ) throws -> Finding {
    var inventory = WellServer.linked
    change(&inventory)
    let box = Box(inventory, profile: profile, samples: samples)
    return try #require(check.evaluate(box).first { $0.address == gpu })
  }

  private func hop(_ inventory: inout Inventory, _ change: (inout PCIeHop) -> Void) {
    guard let index = inventory.pci.firstIndex(where: { $0.address == gpu }),
      var path = inventory.pci[index].path
    else { return }
    change(&path.hops[0])
    if path.hops[0].verdict == .below { path.isDegraded = true }
    inventory.pci[index].path = path
  }

  /// The GPU's link runs at a rate below what it could.
  private func lower(
    _ rate: PCIeRate, nvidia: Bool = false, busy: Double? = nil, watts: Double? = 300
  )
    -> (inout Inventory) -> Void
  {
    { inventory in
      hop(&inventory) {
        $0.current = rate
        $0.verdict = .below
      }
      inventory.gpus[0].busyShare = busy
      if busy != nil {
        inventory.gpus[0].powerWatts = watts
        inventory.gpus[0].powerCap = GPU.PowerCap(watts: 339)
      }
      if nvidia { inventory.gpus[0].vendor = .nvidia }
    }
  }

  private func samples(
    seen rates: [PCIeRate], busy: Int, in inventory: Inventory = WellServer.linked
  ) -> Samples {
    var samples = Samples(seconds: 10, count: 100)
    let port = inventory.pci.first { $0.address == gpu }?.parent
    var link = LinkSamples(port: port ?? gpu, device: gpu)
    link.readings = 100
    link.busyReadings = busy
    link.slowest = rates.min { $0.bytesPerSecond < $1.bytesPerSecond }
    link.fastest = rates.max { $0.bytesPerSecond < $1.bytesPerSecond }
    link.transitions = rates.count - 1
    if busy > 0 {
      link.slowestBusy = link.slowest
      link.fastestBusy = link.fastest
    }
    samples.links = [link]
    return samples
  }

  @Test func fullIsFine() throws {
    #expect(try finding(LinkSpeedCheck.self).verdict == .pass)
    #expect(try finding(LinkWidthCheck.self).verdict == .pass)
  }

  @Test func anIdleGPUIsAQuestion() throws {
    let speed = try finding(LinkSpeedCheck.self, lower(slow))
    #expect(speed.verdict == .unknown)
    #expect(speed.advice.contains { $0.commands.contains { $0.contains("--live") } })
    #expect(try finding(LinkWidthCheck.self, lower(slow)).verdict == .pass)
  }

  @Test func aBusyGPUBelowItsRateIsAWarning() throws {
    let found = try finding(LinkSpeedCheck.self, lower(slow, busy: 0.9))
    #expect(found.verdict == .warn)
    #expect(found.consequence?.hasPrefix("4 GB/s of 31.51 GB/s") == true)
  }

  @Test func oneCounterIsNoProofOfLoad() throws {
    // The firmware of some cards says 100 % for ever; a card without a power sensor proves nothing.
    for watts in [44.0, nil] {
      let found = try finding(LinkSpeedCheck.self, lower(slow, busy: 1, watts: watts))
      #expect(found.verdict == .unknown)
      #expect(found.summary.contains("100 % busy"))
    }
  }

  @Test func nvidiaKeepsItsWidthWhenIdle() throws {
    #expect(try finding(LinkWidthCheck.self, lower(narrow, nvidia: true)).verdict == .warn)
    #expect(try finding(LinkWidthCheck.self, lower(narrow)).verdict == .unknown)
  }

  @Test func underLoadTheTruthShows() throws {
    let full = PCIeRate(gigatransfersPerSecond: 16, width: 16)
    let low = try finding(
      LinkSpeedCheck.self, samples: samples(seen: [slow], busy: 50), lower(slow))
    #expect(low.verdict == .fail)
    let idle = try finding(
      LinkSpeedCheck.self, samples: samples(seen: [slow, full], busy: 50), lower(slow))
    #expect(idle.verdict == .pass)
    let unused = try finding(
      LinkSpeedCheck.self, samples: samples(seen: [slow], busy: 0), lower(slow))
    #expect(unused.verdict == .unknown)
  }

  @Test func aDriveBelowItsRateIsAWarningAtOnce() throws {
    var inventory = WellServer.linked
    inventory.gpus.removeFirst()
    var drive = NVMeController(name: "nvme0")
    drive.address = gpu
    inventory.nvme = [drive]
    lower(narrow)(&inventory)
    let found = LinkWidthCheck.evaluate(Box(inventory)).first { $0.address == gpu }
    #expect(found?.verdict == .warn)
    #expect(found?.summary == "x8 of x16 at 20:01.1 (one sample)")
    #expect(found?.consequence?.contains("(50 %)") == true)
  }

  @Test func aSlotThatAllowsLessThanTheProfileFails() throws {
    let found = try finding(LinkWidthCheck.self, profile: WellServer.linkProfile) { inventory in
      hop(&inventory) {
        $0.current = narrow
        $0.possible = narrow
        $0.portMaximum = narrow
      }
    }
    #expect(found.verdict == .fail)
    #expect(found.summary == "slot allows x8, it had x16")
  }

  @Test func aSlotThatIsOlderThanTheCardIsSaidOnce() throws {
    let old = PCIeRate(gigatransfersPerSecond: 8, width: 16)
    func slot(_ rate: PCIeRate, now: PCIeRate? = nil) -> (inout Inventory) -> Void {
      { inventory in
        hop(&inventory) {
          $0.current = now ?? rate
          $0.possible = rate
          $0.portMaximum = rate
          if now != nil { $0.verdict = .below }
        }
      }
    }
    let speed = try finding(LinkSpeedCheck.self, slot(old))
    #expect(speed.verdict == .warn && speed.summary == "slot has 8 GT/s, the card can 16 GT/s")
    #expect(
      speed.consequence == "15.75 GB/s of 31.51 GB/s one way after line encoding (50 %)")
    #expect(try finding(LinkWidthCheck.self, slot(old)).verdict == .pass)
    // Narrower as well: the lanes tell it all.
    let both = PCIeRate(gigatransfersPerSecond: 8, width: 8)
    #expect(try finding(LinkSpeedCheck.self, slot(both)).verdict == .pass)
    let width = try finding(LinkWidthCheck.self, slot(both))
    #expect(width.verdict == .warn && width.consequence?.hasPrefix("7.88 GB/s of 31.51") == true)
    // An idle link hides nothing of the slot.
    let idle = try finding(LinkSpeedCheck.self) {
      slot(old, now: slow)(&$0)
      $0.gpus[0].busyShare = nil
    }
    #expect(idle.verdict == .warn && idle.summary == speed.summary)
    // A profile that has it so, a guest, a desktop: no warning.
    var profile = WellServer.linkProfile
    for place in profile.places?.indices ?? (0..<0) where profile.places?[place].address == gpu {
      profile.places?[place].link = old
    }
    #expect(try finding(LinkSpeedCheck.self, profile: profile, slot(old)).verdict == .pass)
    let places: [(inout Inventory) -> Void] = [WellServer.makeGuest, WellServer.makeDesktop]
    for place in places {
      let found = try finding(LinkSpeedCheck.self) { inventory in
        slot(old)(&inventory)
        place(&inventory)
        inventory.machine.bmcFirmwareVersion = nil
      }
      #expect(found.verdict == .pass)
    }
  }

  /// What computes nothing needs no lanes, though its class is that of a GPU.
  @Test func aDisplayMayHaveASlotOfItsOwn() throws {
    for vendor in [UInt16(0x1002), 0x1a03] {
      let found = try finding(LinkWidthCheck.self) { inventory in
        inventory.gpus.removeFirst()
        inventory.pci[1].identity.vendorID = vendor
        // A driver made it known to the checks.
        var nic = NIC(name: "eth0")
        nic.address = vendor == 0x1002 ? nil : gpu
        inventory.nics = [nic]
        hop(&inventory) {
          $0.current = narrow
          $0.possible = narrow
          $0.portMaximum = narrow
        }
      }
      #expect(found.verdict == (vendor == 0x1002 ? .warn : .pass), "\(vendor)")
    }
  }

  @Test func portsFasterThanTheSlotAreAWarning() throws {
    let eight = PCIeRate(gigatransfersPerSecond: 8, width: 8)
    func ports(_ speeds: [Int]) throws -> Finding {
      try finding(LinkWidthCheck.self) { inventory in
        inventory.gpus.removeFirst()
        inventory.pci[1].identity.classCode = 0x020000
        hop(&inventory) {
          $0.current = eight
          $0.possible = eight
        }
        inventory.nics = speeds.enumerated().map { index, speed in
          var nic = NIC(name: "eth\(index)")
          nic.address = gpu
          nic.address?.function = UInt8(index)
          nic.speedBitsPerSecond = speed
          return nic
        }
      }
    }
    let hundred = try ports([100_000_000_000])
    #expect(hundred.verdict == .warn)
    #expect(hundred.summary == "slot has x8, too little for 100 Gb/s of its ports")
    #expect(hundred.consequence?.hasPrefix("8 GT/s x8 carries 63 Gb/s one way") == true)
    #expect(try ports([25_000_000_000, 25_000_000_000]).verdict == .pass)
    #expect(try ports([40_000_000_000, 40_000_000_000]).verdict == .warn)
  }

  @Test func aDriveWithoutAllItsLanesIsAWarning() throws {
    func drive(_ can: PCIeRate) throws -> [Verdict] {
      let checks: [any Check.Type] = [LinkWidthCheck.self, LinkSpeedCheck.self]
      return try checks.map { check in
        try finding(check) { (inventory: inout Inventory) in
          inventory.gpus.removeFirst()
          var drive = NVMeController(name: "nvme0")
          drive.address = gpu
          inventory.nvme = [drive]
          inventory.pci[1].identity.classCode = 0x010802
          hop(&inventory) {
            $0.current = can
            $0.possible = can
            $0.deviceMaximum = PCIeRate(gigatransfersPerSecond: 16, width: 4)
          }
        }.verdict
      }
    }
    #expect(try drive(PCIeRate(gigatransfersPerSecond: 16, width: 2)) == [.warn, .pass])
    // Drives of a newer generation than their bay are usual.
    #expect(try drive(PCIeRate(gigatransfersPerSecond: 8, width: 4)) == [.pass, .pass])
  }

  @Test func aLinkInsideAChipSaysNothing() throws {
    for check in [LinkWidthCheck.self, LinkSpeedCheck.self] as [any Check.Type] {
      let found = try finding(check) { inventory in hop(&inventory) { $0.isInsideChip = true } }
      #expect(found.verdict == .notApplicable)
      #expect(found.summary == "its link is inside a chip and says nothing")
    }
  }

  @Test func aProfileCannotAskForMoreThanTheCardCanDo() throws {
    let found = try finding(LinkWidthCheck.self, profile: WellServer.linkProfile) { inventory in
      hop(&inventory) {
        $0.current = narrow
        $0.possible = narrow
        $0.deviceMaximum = narrow
      }
    }
    #expect(found.verdict == .pass)
  }

  @Test func anotherCardInThePlaceIsNotHeldAgainstTheOldOne() throws {
    let found = try finding(LinkWidthCheck.self, profile: WellServer.linkProfile) { inventory in
      inventory.pci[1].identity.deviceID = 0x1234
      hop(&inventory) {
        $0.current = narrow
        $0.possible = narrow
        $0.deviceMaximum = nil
      }
    }
    #expect(found.verdict == .pass)
  }

  @Test func softwareCapsAreNamed() throws {
    let found = try finding(LinkSpeedCheck.self) { inventory in
      lower(slow)(&inventory)
      inventory.pci[0].express?.targetGigatransfersPerSecond = 2.5
    }
    #expect(found.verdict == .warn)
    #expect(found.summary.contains("capped by software"))
    #expect(
      found.advice.first?.commands == [
        "setpci -s 0000:20:01.1 CAP_EXP+30.w=4:f", "setpci -s 0000:20:01.1 CAP_EXP+10.w=20:20",
      ])
  }

  @Test func whatIsNotKnownIsUnknown() throws {
    let unknown: [(inout Inventory) -> Void] = [
      { inventory in hop(&inventory) { $0.current = nil } },
      { inventory in hop(&inventory) { $0.possible = nil } },
      { inventory in hop(&inventory) { $0.verdict = .unknown } },
      { $0.pci[1].path?.isDegraded = nil },
      {
        $0.pci[1].path = nil
        $0.pci[1].unknown = [UnknownFact(fact: "path", path: "x", reason: "permission denied")]
      },
    ]
    for change in unknown {
      let speed = try finding(LinkSpeedCheck.self, change)
      #expect(speed.verdict == .unknown)
      let width = try finding(LinkWidthCheck.self, change)
      #expect(width.verdict == .unknown)
    }
  }

  @Test func conventionalPCIHasNoLink() throws {
    let found = try finding(LinkSpeedCheck.self) { $0.pci[1].path = nil }
    #expect(found.verdict == .notApplicable)
  }

  @Test func changesUnderLoadAreFlapping() throws {
    let full = PCIeRate(gigatransfersPerSecond: 16, width: 16)
    #expect(
      try finding(LinkStabilityCheck.self, samples: samples(seen: [slow, full], busy: 50)).verdict
        == .warn)
    #expect(
      try finding(LinkStabilityCheck.self, samples: samples(seen: [full], busy: 50)).verdict
        == .pass)
    #expect(
      try finding(LinkStabilityCheck.self, samples: samples(seen: [full], busy: 3)).verdict
        == .unknown)
    #expect(
      LinkStabilityCheck.evaluate(Box(WellServer.linked)).map(\.verdict) == [.notApplicable])
  }
}

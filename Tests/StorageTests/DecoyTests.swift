import Base
import Inventory
import KernelTree
import Linux
import TestSupport
import Testing

@testable import Storage

/// Nothing of the owner's is written to: every decoy is read, refused with serial and reason, and stays as it was.
@Suite struct DecoyTests {
  private func refusals(
    _ drives: [DriveReading], serial: String, consent: [String] = []
  ) throws -> [StorageRefusal] {
    let answers = StorageAnswers(drives: [.init(serial: serial)], consent: consent)
    switch try StoragePlanner.decide(drives, answers, identities: identities()) {
    case .plan: return []
    case .refused(let refusals): return refusals
    }
  }

  @Test func decoysAreRefusedAndStayAsTheyWere() throws {
    let box = try DecoyBox()
    let decoys = Decoy.all
    #expect(decoys.count >= 25)
    for (index, decoy) in decoys.enumerated() {
      try decoy.make(box, try box.add(serial: "DECOY-\(index)", wwid: "eui.\(index)"))
    }
    try box.add(serial: "SPARE", wwid: "eui.spare")
    let before = try box.names.map(box.fingerprint)
    let drives = try box.readings()
    let judgements = DriveJudge.judge(drives, intent: nil)
    #expect(judgements.count == decoys.count + 1)
    for (index, decoy) in decoys.enumerated() {
      let judgement = judgements[index]
      #expect(judgement.state == decoy.state, "\(decoy.title): \(judgement.reason)")
      #expect(judgement.reason.contains(decoy.reason), "\(decoy.title): \(judgement.reason)")
      let refusals = try refusals(drives, serial: "DECOY-\(index)")
      #expect(refusals.count == 1, "\(decoy.title)")
      for refusal in refusals {
        #expect(refusal.text.contains("DECOY-\(index)"), "\(decoy.title): \(refusal.text)")
        #expect(refusal.text.contains(decoy.reason), "\(decoy.title): \(refusal.text)")
      }
      // Consent for another drive is none for this one.
      #expect(
        try self.refusals(drives, serial: "DECOY-\(index)", consent: ["SPARE"]).count == 2,
        "\(decoy.title)")
    }
    try compare(drives, decoys)
    let spare = try #require(judgements.last)
    #expect(spare.state == .blank, "\(spare.reason)")
    #expect(try box.names.map(box.fingerprint) == before)
  }

  /// libblkid finds nothing that we do not find, at the same place and by the same name.
  private func compare(_ drives: [DriveReading], _ decoys: [Decoy]) throws {
    var places = 0
    for (drive, decoy) in zip(drives, decoys) {
      let own = try #require(drive.content).signatures
      for found in drive.opinions.first(where: { $0.program == "wipefs" })?.signatures ?? [] {
        places += 1
        #expect(
          own.contains { $0.offset == found.offset && $0.type == found.type },
          "\(decoy.title): wipefs finds \(found.text), we \(own.map(\.text))")
      }
    }
    #expect(places > 15)
  }

  /// What is not in the content of a drive.
  @Test func drivesInUseAndDrivesWithoutAName() throws {
    let box = try DecoyBox()
    var expected: [(String, DriveState, String)] = []
    func add(
      _ state: DriveState, saying reason: String, serial: String?, wwid: String? = nil
    ) throws -> String {
      let name = try box.add(serial: serial, wwid: wwid)
      expected.append((name, state, reason))
      return name
    }
    box.mount(try add(.system, saying: "running system lies on it", serial: "ROOT"), at: "/boot")
    box.swap(on: try add(.system, saying: "swaps to", serial: "SWAP"))
    box.mount(try add(.foreign, saying: "mounted at /data", serial: "DATA"), at: "/data")
    let member = try add(.foreign, saying: "in the array md127", serial: "MEMBER")
    box.builder.directory("/sys/block/\(member)/holders/md127")
    box.builder.directory("/sys/block/md127")
    let part = try add(.foreign, saying: "kernel knows partitions", serial: "PART")
    box.builder.file("/sys/block/\(part)/\(part)p1/partition", "1\n")
    _ = try add(.ambiguous, saying: "also that of", serial: "TWIN")
    _ = try add(.ambiguous, saying: "also that of", serial: "twin")
    _ = try add(.ambiguous, saying: "is also that of nvme", serial: "WWID-1", wwid: "eui.1")
    _ = try add(.ambiguous, saying: "is also that of nvme", serial: "WWID-2", wwid: "EUI.1")
    _ = try add(.ambiguous, saying: "no serial", serial: nil)
    _ = try add(.ambiguous, saying: "no serial", serial: "   ")
    _ = try add(.ambiguous, saying: "says nothing", serial: "00000000")
    let gone = try add(.unreadable, saying: "cannot be opened", serial: "GONE")
    let short = try add(.unreadable, saying: "the kernel says", serial: "SHORT")
    box.builder.file("/sys/block/\(short)/size", "99\n")
    let locked = try add(.foreign, saying: "holds it exclusively", serial: "LOCKED")
    let before = try box.names.map(box.fingerprint)
    let drives: [DriveReading] = try {
      // A process that is being started may hold others for a moment: only the locked one is taken from here.
      var readings = try box.readings()
      let lock = try HeldDrive(box.path(locked), exclusive: true, waitSeconds: 60)
      let beside = try box.readings(waitSeconds: 0.1)
      withExtendedLifetime(lock) {}
      let place = try #require(readings.firstIndex { $0.name == locked })
      readings[place] = beside[place]
      let moved = try #require(readings.firstIndex { $0.name == gone })
      var reading = DriveReading(name: gone, exclusive: .failed("no such device"))
      reading.serial = "GONE"
      reading.isSystem = false
      readings[moved] = reading
      return readings
    }()
    let judgements = DriveJudge.judge(drives, intent: nil)
    for (name, state, reason) in expected {
      let judgement = try #require(judgements.first { $0.name == name })
      #expect(judgement.state == state, "\(name): \(judgement.reason)")
      #expect(judgement.reason.contains(reason), "\(name): \(judgement.reason)")
      guard let serial = judgement.serial else { continue }
      // Consent does not open these: what is in use, and what cannot be named, is never used.
      let found = try refusals(drives, serial: serial, consent: [serial])
      if name == part {
        #expect(found.first?.reason.contains("needed at least") == true)
      } else {
        #expect(found.count == 1 && found[0].text.contains(serial), "\(name): \(found)")
      }
    }
    #expect(try box.names.map(box.fingerprint) == before)
  }

  @Test func readErrorsNameTheirPlace() {
    for bad in [0, 8 << 20, 300 << 20, DecoyBox.size - 4096] {
      var drive = DriveReading(name: "nvme0n1", exclusive: .held)
      drive.serial = "BAD-1"
      drive.isSystem = false
      drive.content = DriveContent(size: DecoyBox.size) { offset, count in
        if offset <= bad, bad < offset + max(count, 1 << 20) { return .failure(.EIO) }
        return .success([UInt8](repeating: 0, count: count))
      }
      let judgement = DriveJudge.judge([drive], intent: nil)[0]
      #expect(judgement.state == .unreadable, "\(bad): \(judgement.reason)")
      #expect(judgement.reason.contains("at "), "\(judgement.reason)")
    }
    let short = DriveContent(size: 32 << 20) { offset, count in
      .success([UInt8](repeating: 0, count: max(0, min(count, 30 << 20 - offset))))
    }
    #expect(short.readErrors.first?.contains("ends before") == true, "\(short.readErrors)")
  }

  /// Of whatever size: nothing that is read is left out.
  @Test(arguments: [512, 4096, 8192, 24 << 10, 60 << 10, 1 << 20, 33 << 20])
  func everyByteOfBothEndsCounts(size: Int) {
    for place in [0, 511, size / 2, size - 1, size - 512] {
      let content = DriveContent(size: size) { offset, count in
        var bytes = [UInt8](repeating: 0, count: count)
        if offset <= place, place < offset + count { bytes[place - offset] = 1 }
        return .success(bytes)
      }
      if size > 2 * ReadingPlaces.endBytes, place == size / 2 { continue }
      #expect(content.nonZero == [place])
    }
  }

  @Test func aBlankDriveNeedsEveryProof() throws {
    let box = try DecoyBox()
    let name = try box.add(serial: "BLANK")
    let blank = try box.reading(name)
    func state(_ change: (inout DriveReading) -> Void) -> DriveState {
      var drive = blank
      change(&drive)
      return DriveJudge.judge([drive], intent: nil)[0].state
    }
    #expect(state { _ in } == .blank)
    #expect(state { $0.opinions.removeAll() } == .unknownContent)
    #expect(state { $0.opinions[0] = ToolOpinion("wipefs", failure: "x") } == .unknownContent)
    #expect(
      state { $0.opinions[1] = ToolOpinion("blkid", signatures: [Signature("x", at: 0)]) }
        == .foreign)
    #expect(state { $0.exclusive = .busy } == .foreign)
    #expect(state { $0.content = nil } == .unreadable)
    #expect(state { $0.isSystem = nil } == .unknownContent)
    #expect(state { $0.content?.nonZero = [1] } == .unknownContent)
    #expect(
      state { $0.unknown = [UnknownFact(fact: "uses", path: "/x", reason: "y")] }
        == .unknownContent)
  }
}

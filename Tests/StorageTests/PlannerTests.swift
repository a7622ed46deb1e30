import Base
import Inventory
import Testing

@testable import Storage

/// What would be done, exactly, and what is refused.
@Suite struct PlannerTests {
  private func drive(_ serial: String, gib: Int = 100, extra: Int = 0) -> DriveReading {
    var drive = DriveReading(name: "nvme\(serial)n1", exclusive: .held)
    drive.serial = serial
    drive.wwid = "eui.\(serial)"
    drive.blockBytes = 512
    drive.isSystem = false
    let size = gib << 30 + extra
    drive.sizeBytes = size
    drive.content = DriveContent(size: 0) { _, _ in .success([]) }
    drive.content?.sizeBytes = size
    drive.opinions = [ToolOpinion("wipefs", signatures: []), ToolOpinion("blkid", signatures: [])]
    return drive
  }

  private func foreign(_ serial: String) -> DriveReading {
    var drive = drive(serial)
    drive.content?.signatures = [Signature("ext4", at: 1080)]
    drive.content?.nonZero = [1080]
    return drive
  }

  private func decide(
    _ drives: [DriveReading], _ answers: StorageAnswers, stored: StorageIntent? = nil
  ) throws -> StorageDecision {
    try StoragePlanner.decide(drives, answers, stored: stored, identities: identities())
  }

  private func plan(
    _ drives: [DriveReading], _ layout: StorageAnswers.Layout? = nil,
    _ fileSystem: StorageAnswers.FileSystem = .ext4, consent: [String] = [],
    stored: StorageIntent? = nil
  ) throws -> StoragePlan {
    let answers = StorageAnswers(
      drives: drives.map { .init(serial: $0.serial ?? "") }, layout: layout,
      fileSystem: fileSystem, mountPoint: "/srv/models", consent: consent)
    switch try decide(drives, answers, stored: stored) {
    case .plan(let plan): return plan
    case .refused(let refusals): throw Reason("\(refusals.map(\.text))")
    }
  }

  private func refusals(_ drives: [DriveReading], _ answers: StorageAnswers) throws -> [String] {
    guard case .refused(let refusals) = try decide(drives, answers) else { return [] }
    return refusals.map(\.text)
  }

  private func uuid(_ number: UInt8) -> String {
    UUIDText.text(
      (0..<16).map { $0 == 6 ? number & 0x0f | 0x40 : $0 == 8 ? number & 0x3f | 0x80 : number })
  }

  @Test func onePlainDrive() throws {
    let plan = try plan([drive("S1")])
    #expect(
      plan.layout == .plain && plan.costs == ["If the drive fails, everything on it is lost."])
    #expect(
      plan.steps.map(\.text) == [
        "write a GPT \(uuid(1)) to nvmeS1n1 (serial S1) with one partition \(uuid(2)) from 1 MiB, 102398 MiB long",
        "wait for /dev/disk/by-partuuid/\(uuid(2))",
        "make the file system: mkfs.ext4 -q -m 0 -U \(uuid(3)) -L tinybox /dev/disk/by-partuuid/\(uuid(2))",
        "write /etc/systemd/system/srv-models.mount",
        "load it: systemctl daemon-reload",
        "mount /srv/models: systemctl enable --now srv-models.mount",
      ])
    #expect(plan.steps[3].content?.contains("What=/dev/disk/by-uuid/\(uuid(3))\n") == true)
    #expect(plan.steps[3].content?.contains("Options=nofail,noatime\n") == true)
    #expect(plan.capacityBytes == 100 << 30 - 2 << 20)
  }

  @Test func severalPlainDrives() throws {
    let plan = try plan([drive("S1"), drive("S2")], .plain, .xfs)
    #expect(plan.mounts.map(\.point) == ["/srv/models", "/srv/models-2"])
    #expect(plan.mounts.map(\.unit) == ["srv-models.mount", "srv-models\\x2d2.mount"])
    let commands = plan.steps.compactMap(\.command).filter { $0[0] == "mkfs.xfs" }
    #expect(commands.map { $0[5] } == ["tinybox", "tinybox-2"])
  }

  @Test func mirror() throws {
    let plan = try plan([drive("S1"), drive("S2", gib: 50)], .mirror, .xfs)
    let array = UUIDText.array(try #require(UUIDText.bytes(uuid(1))))
    #expect(
      plan.steps.compactMap(\.command).map { $0.joined(separator: " ") } == [
        "mdadm --create /dev/md/tinybox --run --metadata=1.2 --homehost=any --name=tinybox --uuid=\(array) --level=1 --raid-devices=2 --bitmap=internal /dev/disk/by-partuuid/\(uuid(4)) /dev/disk/by-partuuid/\(uuid(6))",
        "mkfs.xfs -q -m uuid=\(uuid(2)) -L tinybox /dev/disk/by-id/md-uuid-\(array)",
        "systemctl daemon-reload", "systemctl enable --now srv-models.mount",
      ])
    #expect(plan.capacityBytes == 50 << 30 - 2 << 20)
    #expect(plan.costs.contains { $0.contains("50 GiB of the larger ones are not used") })
    #expect(plan.costs.contains { $0.contains("1 drive may fail") })
  }

  @Test func raid0SaysWhatItCosts() throws {
    let drives = [drive("S1"), drive("S2"), drive("S3", gib: 120, extra: 512)]
    let plan = try plan(drives, .raid0)
    #expect(
      plan.costs == [
        "If one of the 3 drives fails, everything on all of them is lost.",
        "GPUs do not exchange data directly with drives in an array (GPU-to-NVMe transfers).",
        "The drives are of different size: 20 GiB of the larger ones are not used.",
      ])
    #expect(Set(plan.intent.drives.map(\.partitionBytes)) == [100 << 30 - 2 << 20])
    #expect(plan.capacityBytes == 3 * (100 << 30 - 2 << 20))
    let create = try #require(plan.steps.compactMap(\.command).first)
    #expect(create.contains("--level=0") && create.count == 13)
    // Zones of unequal members would need a layout that kernels disagree about.
    #expect(Set(plan.intent.drives.map(\.arrayUUID)).count == 1)
  }

  @Test func consentIsForOneSerialAndClearsFirst() throws {
    let drives = [foreign("S1"), drive("S2")]
    let names = drives.map { StorageAnswers.Drive(serial: $0.serial ?? "") }
    #expect(
      try refusals(drives, StorageAnswers(drives: names, layout: .raid0)) == [
        "serial S1 (nvmeS1n1): foreign: ext4 at byte 1080 found"
      ])
    #expect(
      try refusals(drives, StorageAnswers(drives: names, layout: .raid0, consent: ["S2"])).count
        == 1
    )
    let plan = try plan(drives, .raid0, consent: ["S1"])
    #expect(plan.steps[0].kind == .clearEnds && plan.steps[0].serial == "S1")
    #expect(plan.steps.filter { $0.kind == .clearEnds }.count == 1)
    #expect(plan.drives.map(\.destroysContent) == [true, false])
    #expect(
      plan.costs[0] == "What lies on nvmeS1n1 (serial S1) is destroyed: ext4 at byte 1080 found.")
  }

  @Test func whatWasDoneIsNotDoneAgain() throws {
    let first = try plan([drive("S1")])
    let planned = first.intent.drives[0]
    var half = drive("S1")
    half.content?.nonZero = [510]
    half.content?.partitions = [
      GPTPartition(
        number: 1, uuid: planned.partitionUUID, type: "x", startBytes: 1 << 20,
        sizeBytes: planned.partitionBytes)
    ]
    half.content?.signatures = [Signature("gpt", at: 512, uuid: planned.diskUUID)]
    let table = try #require(GPTTable(planned, driveBytes: 100 << 30, blockBytes: 512))
    half.content?.tables.head = table.head(DriveContent.Tables.bytes)
    half.content?.tables.tail = table.tail(DriveContent.Tables.bytes)
    let second = try plan([half], stored: first.intent)
    #expect(second.intent == first.intent)
    #expect(second.steps.first?.text.hasPrefix("make the file system") == true)
    var whole = half
    var system = Signature("ext4", at: 1 << 20 + 1080, uuid: planned.fileSystemUUID)
    system.partition = 1
    whole.content?.signatures.append(system)
    // One that was not made to the end, as far as is known, is made again: it was never mounted.
    #expect(try plan([whole], stored: first.intent).steps.first?.formats == planned.fileSystemUUID)
    var made = first.intent
    made.formatted = [try #require(planned.fileSystemUUID)]
    #expect(throws: Reason.self) { try plan([half], stored: made) }
    whole.exclusive = .busy
    whole.uses = [NVMeController.Use(device: "x", kind: .mount, target: "/srv/models")]
    let third = try plan([whole], stored: made)
    #expect(third.steps.map(\.kind) == [.writeFile, .run, .run])
    // Other answers have another intent, and what lies there is foreign to them.
    #expect(throws: Reason.self) { try plan([whole], .plain, .xfs, stored: first.intent) }
  }

  @Test(arguments: [
    (StorageAnswers(drives: []), "no drive is named"),
    (StorageAnswers(drives: [.init(serial: "")]), "the serial of drive 1 is empty"),
    (
      StorageAnswers(drives: [.init(serial: "S9")]),
      "serial S9: no drive with this serial or identifier is here"
    ),
    (
      StorageAnswers(drives: [.init(serial: "S1"), .init(serial: "S1")], layout: .mirror),
      "named twice"
    ),
    (StorageAnswers(drives: [.init(serial: "S1"), .init(serial: "S2")]), "without a layout"),
    (StorageAnswers(drives: [.init(serial: "S1")], layout: .mirror), "mirror needs two drives"),
    (StorageAnswers(drives: [.init(serial: "S1")], layout: .raid0), "raid0 needs two drives"),
    (
      StorageAnswers(drives: [.init(serial: "S1", wwid: "eui.2")]),
      "identifier is eui.S1, not eui.2"
    ),
    (StorageAnswers(drives: [.init(serial: "S1")], consent: ["S2"]), "not among the drives"),
    (StorageAnswers(drives: [.init(serial: "S1")], mountPoint: "srv"), "no absolute path"),
    (StorageAnswers(drives: [.init(serial: "S1")], mountPoint: "/srv/../usr"), "no absolute path"),
    (StorageAnswers(drives: [.init(serial: "S1")], mountPoint: "/srv/a b"), "other characters"),
    (StorageAnswers(drives: [.init(serial: "S1")], mountPoint: "/usr"), "is not below"),
    (StorageAnswers(drives: [.init(serial: "small")]), "1 GiB are needed"),
    (
      StorageAnswers(drives: (0..<17).map { .init(serial: "S\($0)") }, layout: .plain),
      "17 drives are named"
    ),
  ])
  func badAnswers(answers: StorageAnswers, reason: String) throws {
    var small = drive("small", gib: 0)
    small.content?.sizeBytes = 512 << 20
    small.sizeBytes = 512 << 20
    let refusals = try refusals([drive("S1"), drive("S2"), small], answers)
    #expect(refusals.contains { $0.contains(reason) }, "\(refusals)")
  }

  @Test func aDriveIsNamedBySerialOrIdentifier() throws {
    let drives = [foreign("S1"), drive("S2")]
    let answers = StorageAnswers(drives: [.init(serial: "EUI.s1")], consent: ["eui.S1"])
    guard case .plan(let plan) = try decide(drives, answers) else {
      Issue.record("refused")
      return
    }
    #expect(plan.drives.map(\.serial) == ["S1"] && plan.drives[0].destroysContent)
    let twice = StorageAnswers(
      drives: [.init(serial: "S2"), .init(serial: "eui.S2")], layout: .raid0)
    #expect(try refusals(drives, twice).first?.contains("by serial and by identifier") == true)
  }

  @Test func sixteenDrives() throws {
    let plan = try plan((1...16).map { drive("S\($0)") }, .raid0)
    #expect(plan.drives.count == 16)
    #expect(plan.steps.filter { $0.kind == .writeTable }.count == 16)
  }

  @Test func whatConsentDoesNotChange() throws {
    func refused(_ change: (inout DriveReading) -> Void) throws -> String? {
      var drive = drive("S1")
      change(&drive)
      return try refusals(
        [drive], StorageAnswers(drives: [.init(serial: "S1")], consent: ["S1"])
      ).first
    }
    #expect(try refused { $0.isReadOnly = true }?.contains("read-only") == true)
    #expect(try refused { $0.isRemovable = true }?.contains("removable") == true)
    #expect(try refused { $0.exclusive = .busy }?.contains("exclusively") == true)
    #expect(try refused { $0.isSystem = nil }?.contains("unknown whether") == true)
    #expect(try refused { $0.isSystem = true }?.contains("running system") == true)
    #expect(try refused { $0.blockBytes = nil }?.contains("block size is unknown") == true)
  }
}

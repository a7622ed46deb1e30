import Apply
import Base
import Linux
import TestSupport
import Testing

@testable import Storage

/// Drives that this set-up has begun to write to, at every sector where the power may go.
@Suite struct OwnContentTests {
  private func intent(
    _ drives: [DriveReading], _ layout: StorageAnswers.Layout = .plain
  ) throws -> StorageIntent {
    let answers = StorageAnswers(
      drives: drives.map { .init(serial: $0.serial ?? "") }, layout: layout)
    guard
      case .plan(let plan) = try StoragePlanner.decide(drives, answers, identities: identities())
    else { throw Reason("refused") }
    return plan.intent
  }

  private static let size = 2 << 30

  private func table(_ planned: StorageIntent.Drive, block: Int = 512) throws -> GPTTable {
    try #require(GPTTable(planned, driveBytes: Self.size, blockBytes: block))
  }

  private func judge(_ drive: DriveReading, _ intent: StorageIntent?) -> DriveJudgement {
    DriveJudge.judge([drive], intent: intent)[0]
  }

  /// The table is read by libblkid as it was planned.
  @Test(arguments: [512, 4096]) func otherProgramsReadTheTable(block: Int) throws {
    let box = try DecoyBox()
    let name = try box.add(serial: "S-1", size: Self.size, block: block)
    let intent = try intent([try box.reading(name)])
    let table = try table(intent.drives[0], block: block)
    do {
      let writer = try DriveWriter(box.path(name), waitSeconds: 60)
      // Held: by nobody else, and not judged as free meanwhile.
      #expect(throws: Failure.self) { try DriveWriter(box.path(name), waitSeconds: 0.1) }
      #expect(try box.readings(waitSeconds: 0.1)[0].exclusive == .busy)
      try writer.write(table.head(DriveContent.tableBytes), at: 0)
      try writer.write(
        table.tail(DriveContent.tableBytes), at: Self.size - DriveContent.tableBytes)
      try writer.synchronise()
      writer.held.rereadPartitions()
      #expect(try writer.held.read(at: 0, count: 4096) == table.head(4096))
    }
    let drive = try box.reading(name)
    let content = try #require(drive.content)
    #expect(content.signatures.map(\.type) == ["PMBR", "gpt", "gpt"])
    #expect(content.signatures[1].detail == nil)
    #expect(
      content.signatures.allSatisfy { $0.uuid == nil || $0.uuid == intent.drives[0].diskUUID })
    #expect(
      content.partitions == [
        GPTPartition(
          number: 1, uuid: intent.drives[0].partitionUUID,
          type: "0fc63daf-8483-4772-8e79-3d69d8477de4", startBytes: 1 << 20,
          sizeBytes: Self.size - (2 << 20))
      ])
    #expect(judge(drive, intent).own == .table)
    #expect(judge(drive, nil).state == .foreign)
    // libblkid takes a file for a drive of blocks of 512 bytes.
    guard block == 512 else { return }
    #expect(drive.opinions[0].signatures?.map(\.type).sorted() == ["PMBR", "gpt", "gpt"])
    #expect(drive.opinions[1].signatures?.first?.uuid == intent.drives[0].diskUUID)
    let partx = try ChildProcess(
      ["partx", "--raw", "--noheadings", "--output", "START,SECTORS,UUID", box.path(name)],
      deadlineSeconds: 60
    ).run()
    #expect(
      String(decoding: partx.output, as: UTF8.self)
        == "2048 \((Self.size - (2 << 20)) / 512) \(intent.drives[0].partitionUUID)\n")
  }

  /// Sectors that are written are those of the table or still zero, in any order: ours at every moment.
  @Test(.seeded) func aTableThatWasWrittenInPartIsOurs() throws {
    let box = try DecoyBox()
    let name = try box.add(serial: "S-1", size: Self.size)
    var drive = try box.reading(name)
    let intent = try intent([drive])
    let table = try table(intent.drives[0])
    let bytes = 24 << 10
    let (head, tail) = (table.head(bytes), table.tail(bytes))
    var generator = SeededGenerator()
    let sectors = (0..<96).shuffled(using: &generator)
    var written = DriveContent.Tables()
    written.head = [UInt8](repeating: 0, count: bytes)
    written.tail = written.head
    var ours = 0
    for sector in sectors {
      let range = (sector % 48 * 512)..<(sector % 48 * 512 + 512)
      if sector < 48 {
        written.head.replaceSubrange(range, with: head[range])
      } else {
        written.tail.replaceSubrange(range, with: tail[range])
      }
      let regions = [
        DriveBytes.Region(offset: 0, bytes: written.head),
        DriveBytes.Region(offset: Self.size - bytes, bytes: written.tail),
      ]
      let found = SignatureScanner.scan(DriveBytes(size: Self.size, regions: regions))
      drive.content?.signatures = found.signatures
      drive.content?.partitions = found.partitions
      drive.content?.tables = written
      let isBlank = ZeroBytes.isZero(written.head[...]) && ZeroBytes.isZero(written.tail[...])
      drive.content?.nonZero = isBlank ? [] : [1]
      let state = judge(drive, intent).state
      #expect(state == (isBlank ? .blank : .ours), "\(found.signatures.map(\.text))")
      ours += state == .ours ? 1 : 0
      // To everybody else it is foreign or unknown.
      #expect(isBlank || judge(drive, nil).state.allowsConsent)
      // A byte that is neither zero nor planned.
      var other = drive
      other.content?.tables.head[100] = 1
      #expect(judge(other, intent).state != .ours)
      // Data elsewhere.
      other = drive
      other.content?.isZeroBetweenTables = false
      let isWhole = written.head == head && written.tail == tail
      #expect(judge(other, intent).state != .ours || isWhole)
    }
    #expect(ours > 5)
    #expect(judge(drive, intent).own == .table)
  }

  @Test func theContentThatWasPlannedIsOursAndOtherContentIsNot() throws {
    let box = try DecoyBox()
    let name = try box.add(serial: "S-1", wwid: "eui.1", size: Self.size)
    let intent = try intent([try box.reading(name)])
    let planned = intent.drives[0]
    let table = try table(planned)
    try box.write(table.head(24 << 10), at: 0, on: name)
    try box.write(table.tail(24 << 10), at: Self.size - (24 << 10), on: name)
    let uuid = try #require(planned.fileSystemUUID)
    #expect(
      try box.run(
        ["mkfs.ext4", "-q", "-U", uuid, "-E", "offset=\(1 << 20)", "-b", "4096"], on: name))
    // mke2fs has no size of the partition here: it takes all to the end, which the second table needs.
    try box.write(table.tail(24 << 10), at: Self.size - (24 << 10), on: name)
    let drive = try box.reading(name)
    #expect(judge(drive, intent).own == .content, "\(judge(drive, intent).reason)")
    #expect(judge(drive, nil).state == .foreign)
    var complete = intent
    complete.isComplete = true
    #expect(judge(drive, complete).own == .content)
    // The same drive with anything else planned, found or known.
    var other = intent
    other.drives[0].fileSystemUUID = "00000000-0000-4000-8000-000000000001"
    #expect(judge(drive, other).state == .foreign)
    other = intent
    other.drives[0].partitionUUID = "00000000-0000-4000-8000-000000000001"
    #expect(judge(drive, other).state == .foreign)
    other = intent
    other.drives[0].diskUUID = "00000000-0000-4000-8000-000000000001"
    #expect(judge(drive, other).state == .foreign)
    other = intent
    other.drives[0].wwid = "eui.2"
    #expect(judge(drive, other).state == .foreign)
    var changed = drive
    changed.content?.signatures.append(Signature("linux_raid_member", at: 4096))
    #expect(judge(changed, intent).state == .foreign)
    changed = drive
    changed.opinions[0].signatures?.append(Signature("zfs_member", at: 132 << 10))
    #expect(judge(changed, intent).state == .foreign)
    changed = drive
    changed.opinions[1] = ToolOpinion("blkid", failure: "x")
    #expect(judge(changed, intent).state == .foreign)
    changed = drive
    changed.content?.partitions.append(
      GPTPartition(number: 2, uuid: "x", type: "y", startBytes: 1 << 30, sizeBytes: 1 << 20))
    #expect(judge(changed, intent).state == .foreign)
    // After all was done, an empty partition is no invitation to make a file system again.
    changed = drive
    changed.content?.signatures.removeAll { $0.partition != nil }
    #expect(judge(changed, intent).own == .table)
    #expect(judge(changed, complete).state == .foreign)
  }
}

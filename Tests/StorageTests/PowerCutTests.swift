import Apply
import Base
import TestSupport
import Testing

@testable import Storage

/// The power goes before each write of a set-up of storage: the next run ends like one that was not disturbed.
@Suite(.seeded) struct PowerCutTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var layout: StorageAnswers.Layout
    var fileSystem: StorageAnswers.FileSystem
    var drives: Int
    var isForeign = false
    var testDescription: String {
      "\(layout.rawValue) \(fileSystem.rawValue) \(drives)" + (isForeign ? " with consent" : "")
    }
  }

  static let cases = [
    Case(layout: .plain, fileSystem: .ext4, drives: 1),
    Case(layout: .plain, fileSystem: .xfs, drives: 2),
    Case(layout: .plain, fileSystem: .ext4, drives: 3, isForeign: true),
    Case(layout: .mirror, fileSystem: .ext4, drives: 2),
    Case(layout: .mirror, fileSystem: .xfs, drives: 2, isForeign: true),
    Case(layout: .raid0, fileSystem: .ext4, drives: 3),
    Case(layout: .raid0, fileSystem: .xfs, drives: 4, isForeign: true),
  ]

  private func bench(_ of: Case, round: Int) -> StorageBench {
    let bench = StorageBench(order: SeededGenerator(round: round))
    for index in 0..<of.drives {
      bench.disks["nvme\(index)n1"] = StorageBench.Drive(serial: "S\(index)", size: 2 << 30)
      guard of.isForeign else { continue }
      // An old ext4 and a table at the end.
      var old = [UInt8](repeating: 0, count: 512)
      old.replaceSubrange(56..<58, with: [0x53, 0xef])
      bench.disks["nvme\(index)n1"]?.sectors[2] = old
      bench.disks["nvme\(index)n1"]?.sectors[(2 << 30) / 512 - 1] =
        Array("EFI PART".utf8) + [UInt8](repeating: 1, count: 504)
      bench.disks["nvme\(index)n1"]?.sectors[3000] = [UInt8](repeating: 9, count: 512)
    }
    // Somebody else's, and one that is not named.
    bench.disks["nvme8n1"] = StorageBench.Drive(
      serial: "OTHER", size: 2 << 30, sectors: [2: [UInt8](repeating: 5, count: 512)])
    bench.disks["nvme9n1"] = StorageBench.Drive(serial: "SPARE", size: 2 << 30)
    return bench
  }

  private func answers(_ of: Case) -> StorageAnswers {
    let serials = (0..<of.drives).map { "S\($0)" }
    return StorageAnswers(
      drives: serials.map { .init(serial: $0) }, layout: of.layout, fileSystem: of.fileSystem,
      mountPoint: "/srv/models", consent: of.isForeign ? serials : [])
  }

  private func apply(_ bench: StorageBench, _ of: Case) throws(Failure) {
    // The same identities for a run that stored none: what is planned may not depend on the cut.
    try StorageApplier(bench, identities: identities()).apply(answers(of))
  }

  @Test(arguments: cases) func everyWrite(of: Case) throws {
    let undisturbed = bench(of, round: 0)
    try apply(undisturbed, of)
    let points = undisturbed.writes
    #expect(points > 10)
    #expect(undisturbed.stored?.isComplete == true)
    // Sectors reach the drive in another order in each round.
    for round in 0..<(Project.isNightly ? 5 : 1) {
      // One after the other at night; every third of them, others for each case, at every change.
      let first = Project.isNightly ? 0 : of.drives % 3
      for point in stride(from: first, to: points, by: Project.isNightly ? 1 : 3) {
        let bench = bench(of, round: round * 1000 + point)
        bench.writesLeft = point
        let cut = #expect(throws: Failure.self) { try apply(bench, of) }
        #expect(cut?.cause is StorageBench.PowerCut, "\(point): \(cut?.description ?? "")")
        // Every second time the power goes again during the next run.
        bench.restart()
        if point % 2 == 1 {
          bench.writesLeft = (point * 7 + round) % 9
          do { try apply(bench, of) } catch {
            #expect(error.cause is StorageBench.PowerCut, "\(point): \(error)")
          }
          bench.restart()
        }
        #expect(throws: Never.self, "\(point)") { try apply(bench, of) }
        #expect(bench.disks == undisturbed.disks, "\(point)")
        #expect(
          bench.files == undisturbed.files && bench.enabled == undisturbed.enabled, "\(point)")
        #expect(bench.onArrays == undisturbed.onArrays, "\(point)")
        #expect(
          bench.stored == undisturbed.stored && bench.mounted == undisturbed.mounted, "\(point)")
      }
    }
  }

  @Test(arguments: cases) func aSecondRunWritesNothingToDrives(of: Case) throws {
    let bench = bench(of, round: 0)
    try apply(bench, of)
    let disks = bench.disks
    bench.restart()
    let commands = bench.commands.count
    try apply(bench, of)
    #expect(bench.disks == disks)
    #expect(
      bench.commands[commands...].allSatisfy { $0[0] == "systemctl" || $0[1] == "--assemble" })
    try StorageApplier(bench, identities: identities()).undo()
    #expect(bench.files.isEmpty && bench.enabled.isEmpty && bench.disks == disks)
  }

  @Test func aDriveThatChangesAfterThePlanIsNotWrittenTo() throws {
    let of = Case(layout: .raid0, fileSystem: .ext4, drives: 2)
    let bench = Changing(bench(of, round: 0))
    let before = bench.bench.disks
    let failure = #expect(throws: Failure.self) {
      try StorageApplier(bench, identities: identities()).apply(answers(of))
    }
    #expect(failure?.reason.contains("no longer as it was") == true)
    #expect(failure?.description.contains("serial S1") == true)
    #expect(bench.bench.disks["nvme0n1"] == before["nvme0n1"])
  }

  /// Another program writes to the second drive just before it is held.
  private final class Changing: StorageMachine {
    let bench: StorageBench
    init(_ bench: StorageBench) { self.bench = bench }
    func hold(_ name: String) throws(Failure) -> any StorageDrive {
      if name == "nvme1n1" { bench.disks[name]?.sectors[1000] = [UInt8](repeating: 1, count: 512) }
      return try bench.hold(name)
    }
    func drives() throws(Failure) -> [DriveReading] { try bench.drives() }
    func exists(_ path: String) -> Bool { bench.exists(path) }
    func isInstalled(_ program: String) -> Bool { bench.isInstalled(program) }
    func obstacle(at point: String, mounting uuid: String) throws(Failure) -> String? {
      try bench.obstacle(at: point, mounting: uuid)
    }
    func wait(for path: String) throws(Failure) { try bench.wait(for: path) }
    func run(_ command: [String]) throws(Failure) { try bench.run(command) }
    func write(_ text: String, to path: String) throws(Failure) { try bench.write(text, to: path) }
    func remove(_ path: String) throws(Failure) { try bench.remove(path) }
    func intent() throws(Failure) -> StorageIntent? { try bench.intent() }
    func store(_ intent: StorageIntent) throws(Failure) { try bench.store(intent) }
    func isMounted(_ fileSystemUUID: String, at point: String) throws(Failure) -> Bool {
      try bench.isMounted(fileSystemUUID, at: point)
    }
  }
}

import Apply
import Base
import Configuration
import TestSupport
import Testing

@testable import Operations
@testable import Setup
@testable import Storage

/// The stage of set-up over drives in memory: plan, keep the intent, apply, verify, take back.
@Suite(.seeded) struct SetupStorageTests {
  private func bench(round: Int = 0) -> StorageBench {
    let bench = StorageBench(order: SeededGenerator(round: round))
    for index in 0..<3 {
      bench.disks["nvme\(index)n1"] = StorageBench.Drive(serial: "S\(index)", size: 2 << 30)
    }
    bench.disks["nvme8n1"] = StorageBench.Drive(
      serial: "OTHER", size: 2 << 30, sectors: [2: [UInt8](repeating: 5, count: 512)])
    return bench
  }

  private func answers(
    _ serials: [String], _ layout: SetupAnswers.Storage.Layout? = nil, erase: [String] = []
  ) -> SetupAnswers.Storage {
    var answers = SetupAnswers.Storage()
    answers.drives = serials.map { Setting($0) }
    answers.layout = layout.map { Setting($0) }
    answers.mount = Setting("/srv/models")
    answers.erase = erase.map { Setting($0) }
    return answers
  }

  private func drives(_ bench: StorageBench) -> SetupStorage<StorageBench> {
    SetupStorage(bench, identities: identities())
  }

  /// Identities of a run that may choose none: what it writes is what was planned before.
  private func resumed(_ bench: StorageBench) -> SetupStorage<StorageBench> {
    SetupStorage(
      bench,
      identities: StorageIntent.Identities {
        .failure(Failure("choose a UUID", because: "one was chosen before"))
      })
  }

  @Test func `a plan writes nothing, and shows states, steps and costs`() throws {
    let bench = bench()
    let before = bench.disks
    let work = try drives(bench).plan(answers(["S0", "s1"], .raid0))
    #expect(bench.writes == 0 && bench.disks == before && bench.stored == nil)
    let text = work.steps.joined(separator: "\n")
    for part in [
      "nvme0n1 (serial S0, 2 GiB) is blank: ", "nvme1n1 (serial S1, 2 GiB) is blank: ",
      "mdadm --create", "mkfs.ext4", "systemctl enable --now srv-models.mount",
      "at /srv/models", "If one of the 2 drives fails, everything on all of them is lost.",
      "GPUs do not exchange data directly with drives in an array",
    ] { #expect(text.contains(part), "\(part) is not in \(text)") }
  }

  @Test func `a refusal names serial, reason and what consents`() throws {
    let bench = bench()
    let before = bench.disks
    let failure = #expect(throws: Failure.self) {
      try drives(bench).plan(answers(["S0", "OTHER"], .mirror))
    }
    #expect(
      failure?.reason.contains("serial OTHER (nvme8n1): unknown content: no known structure")
        == true,
      "\(failure?.reason ?? "")")
    #expect(
      failure?.hint == "erase = [\"OTHER\"] in [storage] consents to destroy what lies on it")
    let absent = #expect(throws: Failure.self) { try drives(bench).plan(answers(["S9"])) }
    #expect(absent?.reason == "serial S9: no drive with this serial or identifier is here")
    #expect(absent?.hint == "drives here: S0, S1, S2, OTHER")
    #expect(bench.disks == before && bench.writes == 0)
    // With consent its content is destroyed, and the plan says so.
    let steps = try drives(bench).plan(answers(["OTHER"], erase: ["OTHER"])).steps
    #expect(steps.contains { $0.hasPrefix("What lies on nvme8n1 (serial OTHER) is destroyed") })
  }

  @Test func `what is missing or in the way is a refusal before anything is written`() throws {
    let bench = bench()
    bench.missing = ["mdadm"]
    var failure = #expect(throws: Failure.self) {
      try drives(bench).plan(answers(["S0", "S1"], .mirror))
    }
    #expect(failure?.reason == "mdadm is not installed" && failure?.hint == "'apt install mdadm'")
    #expect(throws: Never.self) { try drives(bench).plan(answers(["S0"])) }
    bench.obstacles = ["/srv/models": "llama lies there, and would be hidden"]
    failure = #expect(throws: Failure.self) { try drives(bench).plan(answers(["S0"])) }
    #expect(failure?.step == "mount a file system at /srv/models")
    #expect(bench.writes == 0)
  }

  /// One run of the stage as the engine does it: what was begun is looked at first.
  private func run(_ bench: StorageBench, _ intent: [String: String]) throws(Failure) {
    let drives = resumed(bench)
    if (try? drives.verify(intent)) != nil { return }
    try drives.apply(intent)
    _ = try drives.verify(intent)
  }

  @Test(arguments: [
    (["S0"], SetupAnswers.Storage.Layout.plain, []), (["S0", "S1"], .mirror, []),
    (["S1", "OTHER"], .raid0, ["OTHER"]),
  ]) func `a cut at every write ends like the undisturbed run`(
    serials: [String], layout: SetupAnswers.Storage.Layout, erase: [String]
  ) throws {
    let wanted = answers(serials, layout, erase: erase)
    let undisturbed = bench()
    let intent = try drives(undisturbed).plan(wanted).intent
    try run(undisturbed, intent)
    let points = undisturbed.writes
    #expect(points > 10)
    // The last write is that all is done. Without it, what is mounted is looked at again.
    for point in 0..<points where layout == .plain || point % 3 == 0 || point == points - 1 {
      let bench = bench(round: point)
      bench.writesLeft = point
      #expect(throws: Failure.self, "\(point)") { try run(bench, intent) }
      bench.restart()
      if point % 2 == 1 {
        bench.writesLeft = point % 7
        do throws(Failure) { try run(bench, intent) } catch {
          #expect(error.cause is StorageBench.PowerCut, "\(point): \(error)")
        }
        bench.restart()
      }
      #expect(throws: Never.self, "\(point)") { try run(bench, intent) }
      #expect(bench.disks == undisturbed.disks, "\(point)")
      #expect(bench.files == undisturbed.files && bench.enabled == undisturbed.enabled, "\(point)")
      #expect(
        bench.stored == undisturbed.stored && bench.mounted == undisturbed.mounted, "\(point)")
    }
  }

  @Test func `it is verified by what is mounted, and done once more without writing to drives`()
    throws
  {
    let bench = bench()
    let intent = try drives(bench).plan(answers(["S0"])).intent
    try drives(bench).apply(intent)
    let uuid = try #require(bench.stored?.drives.first?.fileSystemUUID)
    #expect(try drives(bench).verify(intent) == ["/srv/models: ext4 \(uuid) on S0"])
    let disks = bench.disks
    let again = try resumed(bench).plan(answers(["S0"]))
    #expect(again.intent != [:] && !again.steps.contains { $0.contains("mkfs") })
    try resumed(bench).apply(again.intent)
    #expect(bench.disks == disks)
    try bench.run(["systemctl", "disable", "--now", "srv-models.mount"])
    let failure = #expect(throws: Failure.self) { try drives(bench).verify(intent) }
    #expect(failure?.reason == "the file system \(uuid) is not mounted at /srv/models")
  }

  @Test func `taking back removes mounts of its own plan, and leaves what was written`() throws {
    let bench = bench()
    let first = try drives(bench).plan(answers(["S0"])).intent
    try drives(bench).apply(first)
    let (disks, files) = (bench.disks, bench.files)
    // Another plan that was begun and has written nothing.
    var other = answers(["S1"])
    other.mount = Setting("/srv/data")
    try drives(bench).undo(try drives(bench).plan(other).intent)
    #expect(bench.files == files && bench.enabled.count == 1)
    try drives(bench).undo(first)
    #expect(bench.files.isEmpty && bench.enabled.isEmpty && bench.disks == disks)
    // What is on the drive is its own until other answers come.
    #expect(throws: Never.self) { try resumed(bench).plan(answers(["S0"])) }
  }

  @Test func `a drive that was exchanged after the plan is not written to`() throws {
    let bench = bench()
    let intent = try drives(bench).plan(answers(["S0"])).intent
    bench.disks["nvme0n1"]?.serial = "NEW"
    let before = bench.disks
    #expect(throws: Failure.self) { try resumed(bench).apply(intent) }
    #expect(bench.disks == before && bench.stored == nil)
  }
}

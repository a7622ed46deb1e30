import Base
import TestSupport
import Testing

@testable import Setup

@Suite struct SetupCrashTests {
  static let answers = """
    host-name = "box-1"
    [ssh]
    keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv0mkVq0nFqS2m4J4bQ0kXl8nV3cF1 you"]
    [storage]
    drives = ["A", "B"]
    layout = "mirror"
    [baseline]
    full = true
    [power.all]
    watts = 300
    [model]
    source = "https://example.org/small.gguf"
    runtime = "llama"
    """

  private func box() throws -> SimulatedBox {
    let box = SimulatedBox()
    try box.disk.put("/etc/hostname", "debian\n")
    try box.disk.put("memory:host-name", "debian")
    try box.disk.put("/root/.ssh/authorized_keys", "ssh-ed25519 OTHER somebody\n")
    return box
  }

  /// What is on a disk, with the one value that is chosen anew at every plan under one name.
  private func content(_ disk: SimulatedDisk) throws -> [String: String] {
    let content = disk.content
    let state = try #require(content[SimulatedStore.path])
    let status = try SetupStatus.decode(Array(state.utf8), path: "")
    let id = status[.storage].intent?["uuid"] ?? "none"
    return content.mapValues { text in
      text.split(separator: "\"", omittingEmptySubsequences: false).map { $0 == id ? "UUID" : $0 }
        .joined(separator: "\"")
    }
  }

  private func undisturbed() throws -> (content: [String: String], writes: ClosedRange<Int>) {
    let box = try box()
    let first = box.disk.writes + 1
    let status = try box.run(Self.answers)
    #expect(status.state == .ready, "\(status)")
    #expect(status.stages.map(\.state) == SetupStage.allCases.map { _ in .done })
    return (try content(box.disk), first...box.disk.writes)
  }

  /// Every write of every stage and of the status: the power is cut before it or after it, or the program is killed
  /// after it.
  @Test func `a cut at every write ends like the undisturbed run`() throws {
    let (expected, writes) = try undisturbed()
    var points = 0
    for write in writes {
      for (lands, isPower) in [(false, true), (true, true), (true, false)] {
        let box = try box()
        box.disk.cut = (write, lands)
        #expect(throws: Failure.self) { _ = try box.run(Self.answers) }
        if isPower { box.disk.reboot() } else { box.disk.restart() }
        let status = try box.run(Self.answers)
        #expect(status.state == .ready, "cut at \(write), \(lands), \(isPower)")
        let others = differences(try content(box.disk), expected)
        #expect(others.isEmpty, "cut at \(write), \(lands), \(isPower): \(others)")
        points += 1
      }
    }
    #expect(points >= 300, "\(points) points")
  }

  /// Files that are not the same.
  private func differences(_ end: [String: String], _ expected: [String: String]) -> [String] {
    Set(end.keys).union(expected.keys).sorted().filter { end[$0] != expected[$0] }.map {
      "\($0): \(end[$0] ?? "missing"), not \(expected[$0] ?? "missing")"
    }
  }

  /// The run that finishes is cut too, up to eight times.
  @Test(.seeded) func `several cuts one after the other end like the undisturbed run`() throws {
    var generator = SeededGenerator(round: 0)
    let (expected, writes) = try undisturbed()
    for _ in 0..<100 {
      let box = try box()
      for _ in 0..<Int.random(in: 2...8, using: &generator) {
        let next = box.disk.writes + Int.random(in: 1...writes.count / 2, using: &generator)
        box.disk.cut = (next, Bool.random(using: &generator))
        _ = try? box.run(Self.answers)
        box.disk.reboot()
      }
      #expect(try box.run(Self.answers).state == .ready)
      let others = differences(try content(box.disk), expected)
      #expect(others.isEmpty, "\(others)")
    }
  }

  /// What was begun with other answers is taken back, whenever that is interrupted.
  @Test func `other answers after a cut take back what was begun`() throws {
    let (_, writes) = try undisturbed()
    let other = "host-name = \"box-2\"\n[baseline]\nrun = \"none\"\n"
    for write in writes {
      let box = try box()
      box.disk.cut = (write, true)
      _ = try? box.run(Self.answers)
      box.disk.reboot()
      // Cut once more, early: within the taking back.
      box.disk.cut = (box.disk.writes + 1 + write % 11, write % 2 == 0)
      _ = try? box.run(other)
      box.disk.reboot()
      let status = try box.run(other)
      #expect(status.state == .ready, "cut at \(write): \(status)")
      #expect(status[.storage].state == .notAskedFor)
      #expect(try box.disk.get("/etc/hostname") == "box-2\n")
      #expect(try box.disk.get("memory:host-name") == "box-2")
      let keys = try #require(try box.disk.get("/root/.ssh/authorized_keys"))
      #expect(keys.hasPrefix("ssh-ed25519 OTHER somebody\n"))
      // The cap is set where the file is there, and only there.
      let cap = try box.disk.get("memory:power 0000:c1:00.0")
      #expect(cap == (try box.disk.get(SimulatedBox.powerFile) == nil ? nil : "300"))
      // Drives are as they were, or hold all of what was done.
      let parts = box.disk.content.keys.filter { $0.hasPrefix("drive ") || $0 == "file-system" }
      #expect(parts.isEmpty || parts.count == 5, "cut at \(write): \(parts)")
    }
  }
}

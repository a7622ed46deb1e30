import Testing

@testable import Setup

@Suite struct SetupStickTests {
  private let stick = SetupStickDevice(name: "sda1", fileSystem: "vfat", isUSB: true)

  private func situation(
    _ devices: [SetupStickDevice]? = nil, _ change: (inout SetupStick.Situation) -> Void = { _ in }
  ) -> SetupStick.Situation {
    var situation = SetupStick.Situation(
      devices: devices ?? [stick], wasFinished: false, hasCredential: false,
      answersFile: .missing, seconds: 20)
    change(&situation)
    return situation
  }

  private func refusal(_ situation: SetupStick.Situation) -> String {
    switch SetupStick.choose(situation) {
    case .refuse(let reason), .unusable(let reason): reason
    case .use, .nothing: ""
    }
  }

  @Test func `a stick at the first start is used`() {
    #expect(SetupStick.choose(situation()) == .use(stick))
    #expect(SetupStick.choose(situation([])) == .nothing)
    // One that was copied before set-up was complete may be corrected on the stick.
    #expect(SetupStick.choose(situation { $0.answersFile = .ofStick }) == .use(stick))
  }

  @Test func `no boot uses a stick after set-up, late, or beside other answers`() {
    #expect(refusal(situation { $0.wasFinished = true }).contains("was complete before"))
    #expect(refusal(situation { $0.wasFinished = nil }).contains("not known"))
    #expect(refusal(situation { $0.hasCredential = true }).contains("tinybox.setup comes before"))
    #expect(
      refusal(situation { $0.answersFile = .ofOwner }) == "/etc/tinybox/setup.toml comes before it")
    #expect(refusal(situation { $0.seconds = 601 }).contains("more than 10 minutes"))
    #expect(refusal(situation { $0.seconds = nil }).contains("not known"))
  }

  @Test func `who asks for it consents, but not to the loss of a file`() {
    let asked = situation {
      $0.isAsked = true
      $0.wasFinished = true
      $0.seconds = 9_000
    }
    #expect(SetupStick.choose(asked) == .use(stick))
    var other = asked
    other.answersFile = .ofOwner
    #expect(refusal(other).contains("--replace"))
    other.mayReplace = true
    #expect(SetupStick.choose(other) == .use(stick))
  }

  @Test func `only one file system, on USB, of a kind that is read`() {
    let disk = SetupStickDevice(name: "nvme0n1p1", fileSystem: "ext4", isUSB: false)
    let odd = SetupStickDevice(name: "sdb", fileSystem: "btrfs", isUSB: true)
    let unknown = SetupStickDevice(name: "sdc", fileSystem: nil, isUSB: true)
    #expect(SetupStick.choose(situation([disk, stick, odd])) == .use(stick))
    #expect(refusal(situation([disk])) == "nvme0n1p1 is not connected by USB")
    #expect(
      refusal(situation([odd, unknown]))
        == "sdb has the file system btrfs, and only vfat, exfat, ext4 are read; "
        + "sdc has the file system unknown, and only vfat, exfat, ext4 are read")
    var second = stick
    second.name = "sdb1"
    #expect(
      refusal(situation([stick, second])) == "2 file systems have the label TINYBOX: sda1, sdb1")
  }

  @Test func `that set-up was complete outlives other answers`() throws {
    let box = SimulatedBox()
    let status = try box.run("[baseline]\nrun = \"none\"\n")
    #expect(status.finished == "2026-01-01T00:00:00Z" && status.wasFinished)
    box.net.hasDefaultRoute = false
    let other = try box.run("[baseline]\nrun = \"none\"\n[network]\nrequired = true\n")
    #expect(other.state == .failed)
    #expect(other.wasFinished)
    // A status of a version that did not keep it.
    var old = status
    old.finished = nil
    try SimulatedStore(disk: box.disk).store(old)
    #expect(try box.run("[baseline]\nrun = \"none\"\n[network]\nrequired = true\n").wasFinished)
  }
}

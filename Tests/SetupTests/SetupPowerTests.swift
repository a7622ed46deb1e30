import Base
import Testing

@testable import Setup

/// `[power]` of the answers: what is refused before anything is written, what is written, read back and taken back.
@Suite struct SetupPowerTests {
  private let plain = "[baseline]\nrun = \"none\"\n"
  private let card = "0000:c1:00.0"
  private let file = SimulatedBox.powerFile

  private func reason(_ power: String, _ prepare: (SimulatedBox) -> Void = { _ in }) throws
    -> String
  {
    let box = SimulatedBox()
    prepare(box)
    let status = try box.run(plain + power)
    #expect(status[.driver].state == .failed)
    // Nothing was written, and no card was touched.
    #expect(try box.text(file) == nil)
    #expect(try box.power(without: "").gpus.allSatisfy { $0.watts == "355" })
    return status[.driver].reason ?? ""
  }

  @Test func `a limit is written for the placement, set, and read back`() throws {
    let box = SimulatedBox()
    let status = try box.run(plain + "[power.all]\nwatts = 300\n[power.\"c1:00.0\"]\nwatts = 250\n")
    #expect(status.state == .ready, "\(status)")
    #expect(status[.driver].steps.contains("limit \(card) to 250 W, now 355 W"))
    #expect(status[.driver].notes.contains("\(card): at most 250 W"))
    let text = try #require(try box.text(file))
    #expect(
      text.hasSuffix(
        """
        [placement]
        power = "enforce"

        [placement.gpu]
        power-cap = 300

        [placement.device."0000:c1:00.0"]
        power-cap = 250

        """))
    #expect(box.reloads == 1)
    // Once more, everything holds: nothing is written.
    let writes = box.disk.writes
    #expect(
      try box.run(plain + "[power.all]\nwatts = 300\n[power.\"c1:00.0\"]\nwatts = 250\n") == status)
    #expect(box.disk.writes == writes)
  }

  @Test func `what a card does not take is refused before anything is written`() throws {
    #expect(
      try reason("[power.all]\nwatts = 150\n")
        == "limit the power of GPUs: 0000:c1:00.0 takes 200 to 402 W, not 150 W")
    #expect(
      try reason("[power.\"0000:99:00.0\"]\nwatts = 300\n").hasSuffix(
        "there is no GPU at 0000:99:00.0; there are 0000:c1:00.0"))
    let limit = "[power.all]\nwatts = 300\n"
    #expect(
      try reason(limit) { $0.alterPower = { $0.gpus[0].range = nil } }.hasSuffix(
        "its driver does not say which caps the card takes"))
    #expect(
      try reason("[power.\"\(card)\"]\npersistence = true\n").hasSuffix(
        "only those have a persistence mode")
    )
    // Every problem is named at once.
    let both = try reason("[power.all]\nwatts = 150\n[power.\"0000:99:00.0\"]\nwatts = 300\n")
    #expect(both.contains("there is no GPU") && both.contains("not 150 W"))
  }

  @Test func `a cap that cannot be read is unknown, and not taken for set`() throws {
    let box = SimulatedBox()
    box.alterPower = {
      $0.gpus[0].watts = nil
      $0.gpus[0].reason = "power1_cap: Permission denied"
    }
    let status = try box.run(plain + "[power.all]\nwatts = 300\n")
    #expect(
      status[.driver].reason
        == "limit the power of GPUs: 0000:c1:00.0 has no power cap: power1_cap: Permission denied")
  }

  @Test func `the owner's own configuration is not overruled`() throws {
    let limit = "[power.all]\nwatts = 300\n"
    let other = try reason(limit) {
      $0.alterPower = {
        $0.gpus[0].configuredWatts = .init(250, at: "/etc/tinybox/tinybox.toml:3")
      }
    }
    #expect(
      other.hasSuffix("is to have 300 W by [power], and 250 W at /etc/tinybox/tinybox.toml:3"))
    let observed = try reason(limit) { $0.alterPower = { $0.observedAt = "tinybox.toml:2" } }
    #expect(observed.contains("'power' at tinybox.toml:2 is \"observe\""))
    // The same value is no contradiction.
    let box = SimulatedBox()
    box.alterPower = { $0.gpus[0].configuredWatts = .init(300, at: "tinybox.toml:3") }
    #expect(try box.run(plain + limit).state == .ready)
  }

  @Test
  func `a card that takes a cap and keeps its own fails, and retry takes back what was begun`()
    throws
  {
    let box = SimulatedBox()
    box.ignoresCaps = true
    let answers = plain + "[power.all]\nwatts = 300\n"
    let failed = try box.run(answers)
    #expect(failed[.driver].reason == "limit the power of GPUs: 0000:c1:00.0 has 355 W, not 300 W")
    #expect(failed[.driver].next?.contains("firmware of some cards refuses low caps") == true)
    // Other answers: the file goes.
    box.ignoresCaps = false
    #expect(try box.run(plain).state == .ready)
    #expect(try box.text(file) == nil)
    // What was there before comes back, and so does the cap.
    try box.disk.put(file, "# earlier\n")
    box.ignoresCaps = true
    _ = try box.run(answers)
    try box.disk.put("memory:power \(card)", "300")
    box.ignoresCaps = false
    #expect(try box.run(plain).state == .ready)
    #expect(try box.text(file) == "# earlier\n")
    #expect(try box.disk.get("memory:power \(card)") == nil)
  }

  @Test func `persistence is of NVIDIA's GPUs, and left to their daemon where it runs`() throws {
    func box(_ hasDaemon: Bool?) -> SimulatedBox {
      let box = SimulatedBox()
      box.found.gpus.append(
        .init(address: "0000:41:00.0", name: "H200", vendor: .nvidia, driver: "nvidia", deviceID: 2)
      )
      box.alterPower = { $0.hasPersistenceDaemon = hasDaemon }
      return box
    }
    let answers = plain + "[power.all]\npersistence = true\n"
    let set = box(false)
    let status = try set.run(answers)
    #expect(status.state == .ready, "\(status)")
    #expect(status[.driver].notes.contains("0000:41:00.0: persistence mode on"))
    #expect(try set.disk.get("memory:mode 0000:41:00.0") == "on")
    #expect(try set.text(file)?.hasSuffix("[placement.gpu]\npersistence = true\n") == true)
    let left = box(true)
    let other = try left.run(answers)
    #expect(other.state == .ready)
    #expect(
      other[.driver].notes.contains(
        "0000:41:00.0: nvidia-persistenced runs and sets the persistence mode: nothing to do"))
    #expect(try left.disk.get("memory:mode 0000:41:00.0") == nil)
  }

  @Test func `settings are kept in the intent and read again`() {
    let settings: [SetupPower.Setting] = [
      .init(address: card, watts: "300.5"), .init(address: card, persistence: false),
      .init(address: card, watts: "1", persistence: true),
    ]
    #expect(SetupPower.Setting.parse(SetupPower.Setting.text(settings)) == settings)
  }
}

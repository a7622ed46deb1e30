import Base
import Testing

@testable import Setup

@Suite struct SetupEngineTests {
  private let plain = "[baseline]\nrun = \"none\"\n"
  private let model = """
    [model]
    source = "https://example.org/small.gguf"
    """

  /// The stage that failed, with reason and next step; the others do not fail.
  private func failure(
    _ stage: SetupStage, _ text: String, _ prepare: (SimulatedBox) -> Void
  ) throws -> (reason: String, next: String) {
    let box = SimulatedBox()
    prepare(box)
    let status = try box.run(text)
    #expect(status.state == .failed)
    #expect(status.stages.filter { $0.state == .failed }.map(\.stage) == [stage], "\(status)")
    // What needs it waits and says so; nothing else is held up.
    for other in status.stages where other.stage.needs.contains(stage) {
      #expect(other.state == .waiting)
      #expect(other.reason?.contains(stage.rawValue) == true)
    }
    #expect(status[stage].next?.contains("tinyboxctl setup retry \(stage.rawValue)") == true)
    return (status[stage].reason ?? "", status[stage].next ?? "")
  }

  @Test func `without answers the box is identified and checked, and nothing is installed`() throws
  {
    let box = SimulatedBox()
    let status = try box.run(plain)
    #expect(status.state == .ready)
    #expect(
      status.stages.filter { $0.state == .notAskedFor }.map(\.stage)
        == [.storage, .runtime, .model, .baseline])
    #expect(status[.identify].notes == ["serial number: S1", "profile: this-box"])
    #expect(Set(box.disk.content.keys) == ["state.json", "/var/lib/tinybox/profile.json"])
    // Again: nothing is done twice.
    let writes = box.disk.writes
    #expect(try box.run(plain) == status)
    #expect(box.disk.writes == writes)
  }

  @Test func `a plan writes nothing`() throws {
    let box = SimulatedBox()
    let plan = try box.engine(SetupCrashTests.answers).plan()
    #expect(box.disk.writes == 0)
    #expect(plan.map(\.stage) == SetupStage.allCases)
    guard case .success(.work(let work)) = plan[5].plan else {
      Issue.record("\(plan[5])")
      return
    }
    #expect(work.steps == ["install tinygrad 0.13.0 from PyPI"])
  }

  @Test func `a missing GPU stops set-up before anything is installed`() throws {
    var (reason, next) = try failure(.check, plain + "[check]\ngpus = 6\n") { _ in }
    #expect(reason.hasSuffix("GPUs: 1 found, and [check] gpus = 6"))
    #expect(next.contains("plug it in"))
    (reason, next) = try failure(.check, plain) { $0.found.gpus = [] }
    #expect(reason.hasSuffix("no GPU was found"))
    #expect(next.contains("[check] gpus = 0"))
  }

  @Test func `a link that is down stops what needs the network`() throws {
    let down: (SimulatedBox) -> Void = { $0.found.links = ["eth0": false, "eth1": false] }
    let (reason, _) = try failure(.check, model, down)
    #expect(reason.hasSuffix("no network adapter has a link: eth0, eth1"))
    // Nothing comes over the network; and not known is not down.
    let box = SimulatedBox()
    down(box)
    #expect(try box.run(plain).state == .ready)
    let unknown = SimulatedBox()
    unknown.found.links = ["eth0": nil, "eth1": false]
    #expect(try unknown.run(model).state == .ready)
  }

  @Test func `a check that fails stops set-up unless it is accepted`() throws {
    let findings = [
      SetupHardware.Finding(
        check: "nvme-wear", text: "worn out", advice: "replace it", isFailure: true),
      SetupHardware.Finding(check: "gpu-mig", text: "on", advice: nil, isFailure: false),
    ]
    let (reason, next) = try failure(.check, plain) { $0.found.findings = findings }
    #expect(reason.hasSuffix("nvme-wear: worn out"))
    #expect(next.contains("nvme-wear: replace it"))
    let box = SimulatedBox()
    box.found.findings = findings
    let status = try box.run(plain + "[check]\naccept = [\"nvme-wear\"]\n")
    #expect(status.state == .ready)
    #expect(status[.check].notes.contains("failed and accepted: nvme-wear"))
    #expect(status[.check].notes.contains { $0.hasPrefix("warnings: 1") })
  }

  @Test func `drives that are not there, and a version without drives, are refused`() throws {
    let text = plain + "[storage]\ndrives = [\"C\"]\n"
    let missing = try failure(.storage, text) { _ in }
    #expect(missing.reason == "use the drive C: there is none of that serial number")
    let none = try failure(.storage, text) { $0.hasDrives = false }
    #expect(none.reason.contains("sets up no drives; none was touched"))
  }

  @Test func `no route, no name, no time`() throws {
    let route = try failure(.network, model) { $0.net.hasDefaultRoute = false }
    #expect(route.reason == "use the network: there is no default route")
    let name = try failure(.network, model) { $0.net.unresolved = ["pypi.org": "no answer"] }
    #expect(name.reason == "use the network: pypi.org has no address: no answer")
    let time = try failure(.network, model) { $0.now = 0 }
    #expect(time.reason.contains("the clock is not set"))
    // A route that is not known is no failure, and said to be unknown.
    let box = SimulatedBox()
    box.net.hasDefaultRoute = nil
    #expect(try box.run(model)[.network].notes.contains("default route: unknown"))
  }

  @Test func `a GPU without a driver: which one, from where, and why`() throws {
    func gpu(_ vendor: SetupHardware.GPU.Vendor, _ driver: String?, _ id: UInt16)
      -> SetupHardware.GPU
    {
      .init(address: "0000:01:00.0", name: "card", vendor: vendor, driver: driver, deviceID: id)
    }
    let amd = try failure(.driver, plain) { box in
      box.found.gpus = [gpu(.amd, nil, 0x744c)]
      box.found.hasAMDFirmware = false
    }
    #expect(amd.reason.hasSuffix("0000:01:00.0 card has no driver"))
    #expect(amd.next.contains("firmware-amd-graphics"))
    let new = try failure(.driver, plain) { $0.found.gpus = [gpu(.nvidia, "nouveau", 0x2b85)] }
    #expect(new.reason.hasSuffix("has the driver nouveau"))
    #expect(new.next.contains("550, which knows no RTX 50"))
    let old = try failure(.driver, plain) { $0.found.gpus = [gpu(.nvidia, nil, 0x2204)] }
    #expect(old.next.contains("nvidia-driver of Debian's non-free"))
    // It may be reported alone.
    let box = SimulatedBox()
    box.found.gpus = [gpu(.nvidia, nil, 0x2204)]
    let status = try box.run(plain + "[driver]\nmissing = \"report\"\n")
    #expect(status.state == .ready)
    #expect(status[.driver].notes.contains { $0.contains("nvidia-driver") })
  }

  @Test func `a model that does not fit starts no runtime`() throws {
    let box = SimulatedBox()
    box.refusal = "file 80 GiB of 24 GiB"
    let status = try box.run(model)
    #expect(status[.model].reason == "use the model 'small': file 80 GiB of 24 GiB")
    #expect(status[.ready].state == .waiting)
    #expect(try box.runtimeFile("model") == nil)
  }

  @Test func `a full disk is named, and the run after it goes on where it ended`() throws {
    let box = SimulatedBox()
    box.room = 7
    let failed = try box.run(model)
    #expect(failed[.model].state == .failed)
    #expect(failed[.model].reason?.contains("No space left on device") == true)
    #expect(failed[.ready].state == .waiting)
    #expect(failed[.baseline].state == .done)
    box.room = nil
    let writes = box.disk.writes
    #expect(try box.run(model).state == .ready)
    // 9 parts of 16 were missing, and the 7 that were there were kept.
    #expect(box.disk.writes - writes < 16 + 40)
  }

  @Test func `retry begins a stage anew, also one that is done`() throws {
    let box = SimulatedBox()
    box.room = 7
    _ = try box.run(model)
    box.room = nil
    var discarded = false
    let status = try box.run(model, retrying: .model) { status in
      if status[.model].state == .undoing { discarded = true }
    }
    #expect(discarded)
    #expect(status.state == .ready)
    try box.disk.put("baseline", "run-0")
    let again = try box.run(model, retrying: .baseline)
    #expect(again[.baseline].notes.first?.hasPrefix("measured: run-1") == true)
  }

  @Test func `everything is measured in an idle night, and the status says whether it was`() throws
  {
    let box = SimulatedBox()
    let status = try box.run("[baseline]\nrun = \"none\"\nfull = true\n")
    #expect(status.state == .ready)
    #expect(
      status[.baseline].steps
        == ["measure everything in the first idle night: enable tinybox-benchmark.timer"])
    #expect(try box.measuresNightly())
    #expect(try box.baseline() == nil)
    let note = "everything: waits for the first night in which nobody uses the machine"
    #expect(status[.baseline].notes == [note])
    #expect(status.withFullBaseline(nil) == status)
    #expect(
      status.withFullBaseline("2026-01-02T03:04:05Z")[.baseline].notes
        == ["everything: measured at 2026-01-02T03:04:05Z"])
    // A timer that was there before is not taken back.
    let other = SimulatedBox()
    try other.measureNightly(true)
    other.disk.cut = (other.disk.writes + 1, true)
    _ = try? other.run("[baseline]\nfull = true\n")
    other.disk.reboot()
    #expect(try other.run(plain).state == .ready)
    #expect(try other.measuresNightly())
  }

  @Test func `what is published has no secrets of addresses, and no intents`() throws {
    let box = SimulatedBox()
    box.refusal = "it is too large"
    let secret = "https://example.org/small.gguf?token=abc"
    let status = try box.run("[model]\nsource = \"\(secret)\"\nname = \"small\"\n")
    #expect(status[.model].steps == ["add the model small from \(secret)"])
    #expect(status[.model].intent != nil)
    let published = status.published
    #expect(
      published[.model].steps == ["add the model small from https://example.org/small.gguf?..."])
    let text = String(decoding: try published.encoded(), as: UTF8.self)
    #expect(!text.contains("abc") && !text.contains("intent"))
    #expect(published.answersSHA256 == nil && published.state == status.state)
    #expect(
      AddressText.withoutSecrets("a://b 'c://d?e' no address") == "a://b 'c://d?...' no address")
    #expect(AddressText.withoutSecrets("a ? b") == "a ? b")
    #expect(
      AddressText.withoutSecrets("https://me:pass@e.org/a@b#x") == "https://...@e.org/a@b#...")
  }

  @Test func `a status that is damaged or of another version is refused`() throws {
    let box = SimulatedBox()
    try box.disk.put("state.json", "{")
    #expect(throws: Failure.self) { _ = try box.run(plain) }
    try box.disk.put("state.json", "{\"schema\": \"tinybox.setup/2\"}")
    #expect {
      _ = try box.run(plain)
    } throws: { error in
      (error as? Failure)?.reason == "its schema is 'tinybox.setup/2', and this is tinybox.setup/1"
    }
  }

  @Test func `the console has one line, and text of others controls nothing`() throws {
    var lines: [String] = []
    let box = SimulatedBox()
    _ = try box.run(model) { lines.append(SetupConsole.text($0)) }
    #expect(
      lines.contains("tinybox: setting up, 6 of 9, runtime: install tinygrad 0.13.0 from PyPI\n"))
    #expect(lines.last == "tinybox: ready\n")
    let failing = SimulatedBox()
    failing.found.findings = [
      .init(
        check: "c", text: "\u{1b}[31m \\n " + String(repeating: "x", count: 200), advice: nil,
        isFailure: true)
    ]
    let text = SetupConsole.text(try failing.run(plain))
    #expect(!text.contains("\u{1b}") && !text.contains("\\"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 79 })
  }
}

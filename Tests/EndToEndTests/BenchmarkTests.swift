import Foundation
import TestSupport
import Testing

/// Benchmarks in a running virtual box, as `make install` installs them. Emulation gives no figure that
/// means anything: what is shown is that figures fall with what is planted, and that nothing is left behind.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct BenchmarkTests {
  @Test func `a run that is killed, loses its drive or its power leaves nothing`() throws {
    let box = try MeasuredBox()
    LiveBox.perform(
      [
        ("kills", box.kills), ("scratch", box.killedScratch), ("unplugged", box.unplugged),
        ("GPU", box.copies), ("power cut", box.powerCut),
      ], tell: { box.tell($0) })
  }

  @Test(.enabled(if: Project.isNightly, "make nightly measures all pairs of nodes"))
  func `pages are where they were asked for, balancing on`() throws {
    let box = try MeasuredBox()
    LiveBox.perform([("memory", box.memory)], tell: { box.tell($0) })
  }

  @Test(.enabled(if: Project.isNightly, "make nightly lives through weeks"), arguments: Plant.all)
  func `what is planted is suspected at the next run, and a decline some nights later`(
    _ plant: Plant
  ) throws {
    let box = try MeasuredBox()
    LiveBox.perform([(plant.name, { try box.nights(plant) })], tell: { box.tell($0) })
  }

  @Test(.enabled(if: Project.isNightly, "make nightly tries placements"))
  func `a trial of placement ends with every setting as it was found`() throws {
    let box = try MeasuredBox()
    LiveBox.perform([("trial", box.trial)], tell: { box.tell($0) })
  }

  @Test(.enabled(if: Project.isNightly, "make nightly changes the facts of a link"))
  func `a halved link is reported at the next run`() throws {
    let box = try MeasuredBox()
    LiveBox.perform([("link", box.halvedLink)], tell: { box.tell($0) })
  }
}

/// A fault that lowers figures by 30 % or more.
struct Plant: Sendable, CustomTestStringConvertible {
  var name: String
  /// The suite that shows it.
  var suite: String
  /// What else is asked of a run, as JSON.
  var options = "{}"
  /// What the box needs first.
  var setUp = "true"
  /// Plants it.
  var line: String
  /// Series that must fall: parts of their keys.
  var falls: [String]
  /// What the explanation says.
  var cause: String

  var testDescription: String { name }

  static let all = [
    Plant(
      name: "CPU quota", suite: "cpu",
      line: "systemctl set-property --runtime tinybox-benchmark.service CPUQuota=50%",
      falls: ["cpu.single-core/", "cpu.all-cores/"],
      cause: "cgroup.cpuQuota: none to 0.5 CPUs (/system.slice/tinybox-benchmark.service)"),
    Plant(
      name: "io.max", suite: "nvme", options: #"{"devices":["\#(MeasuredBox.drive)"]}"#,
      line: """
        drive=$(lsblk -dno NAME,SERIAL | awk '$2 == "TB2" { print $1 }'); \
        systemctl set-property --runtime tinybox-benchmark.service \
        "IOReadBandwidthMax=/dev/$drive 10M"
        """,
      // Sequential reads fail with EAGAIN: the kernel splits 1 MiB, and throttles a part.
      falls: ["nvme.random-read-depth-32/", "nvme.random-read-depth-256/"],
      cause: "63:00.0 cgroup.ioLimit: none to rbps=10000000 "),
    Plant(
      name: "netem", suite: "network", options: #"{"networkPeer":"10.9.0.2"}"#,
      setUp: MeasuredBox.slowPeer,
      line: """
        for i in /sys/bus/pci/devices/0000:61:00.0/net/*; do near=${i##*/}; done; \
        tc qdisc replace dev $near root netem rate 4mbit
        """,
      falls: ["network.send-1-near/"], cause: "qdisc: mq to netem"),
  ]
}

/// A box with the daemon and the unit that measures, and what each step must show.
private final class MeasuredBox {
  /// A drive that is read.
  static let drive = "0000:63:00.0"
  /// One with room for a file.
  private static let scratch = "0000:22:00.0"
  /// One that is unplugged.
  private static let unplugged = "0000:82:00.0"

  /// A machine at the other end of a cable, in a namespace: `iperf3 -s` runs there.
  static let peer = """
    set -e
    for i in /sys/bus/pci/devices/0000:61:00.0/net/*; do near=${i##*/}; done
    for i in /sys/bus/pci/devices/0000:81:00.0/net/*; do far=${i##*/}; done
    ip netns add peer; ip link set $far netns peer
    ip address add 10.9.0.1/24 dev $near; ip link set $near up
    ip -n peer address add 10.9.0.2/24 dev $far
    ip -n peer link set $far up; ip -n peer link set lo up
    setsid ip netns exec peer iperf3 -s > /dev/null 2>&1 < /dev/null &
    for i in $(seq 40); do ping -c 1 -W 1 10.9.0.2 > /dev/null && exit 0; done; exit 1
    """

  /// The same with 16 Mbit/s towards it, by a bucket behind the far interface. Without it the speed is that of
  /// the emulation, which other programs of the host change by a factor of ten: no weeks to compare with.
  static let slowPeer =
    peer.replacing(
      "setsid",
      with: """
        modprobe ifb numifbs=0
        ip -n peer link add bucket type ifb; ip -n peer link set bucket up
        tc -n peer qdisc add dev $far ingress
        tc -n peer filter add dev $far parent ffff: protocol all matchall action mirred egress redirect dev bucket
        tc -n peer qdisc add dev bucket root tbf rate 16mbit burst 32kb latency 100ms
        setsid
        """)

  private let box: LiveBox
  private let out: URL

  init() throws {
    box = try LiveBox(persist: true) { description in
      // A scratch file needs four times its 256 MiB.
      description.port("rp01") { port in
        var device = port["device"] as? [String: Any] ?? [:]
        device["disk"] = "2G"
        port["device"] = device
      }
    }
    out = box.share.appendingPathComponent("out")
    try box.installAll()
    for script in ["daemon", "benchmark"] {
      try FileManager.default.copyItem(
        at: Project.tests.appendingPathComponent("EndToEndTests/Guest/\(script)"),
        to: box.share.appendingPathComponent(script))
    }
    try box.shell("/usr/bin/python3 /run/vbox/daemon install")
  }

  // MARK: Nothing is left

  func kills() throws {
    let answer = try guest("kills \(Self.drive)")
    for suite in ["cpu", "memory", "nvme"] { checkKill(object(answer[suite]), suite) }
    // fio alone: its measurement has failed, the others were made.
    let fio = object(answer["fio"])
    let verdicts = verdicts(object(fio["run"]))
    #expect(fio["status"] as? Int == 1, "\(fio)")
    #expect(verdicts.first == "failed" && verdicts.contains("measured"), "\(verdicts)")
    #expect(object(answer["left"]).isEmpty && answer["check"] as? String == "ok", "\(answer)")
  }

  func killedScratch() throws {
    let answer = try guest("scratch \(Self.scratch)")
    checkKill(answer, "scratch", state: nil)
    #expect(answer["files"] as? [String] == ["lost+found"], "\(answer)")
  }

  private func checkKill(_ found: [String: Any], _ name: String, state: String? = "aborted") {
    #expect(found["measuring"] as? Bool == true, "\(name): \(found)")
    #expect(found["killed"] as? String == "tinybox-benchma", "\(name): \(found)")
    #expect(number(found["seconds"]) < 1, "\(name): \(found)")
    if let state { #expect(found["state"] as? String == state, "\(name): \(found)") }
    let names = object(found["processes"]).values.compactMap { $0 as? String }.sorted()
    tell(
      "\(name): SIGKILL to the parent of \(names): nothing is left in", seconds(found["seconds"]))
  }

  /// A drive leaves while fio reads it.
  func unplugged() throws {
    #expect(try guest("unplug_begin \(Self.unplugged)")["measuring"] as? Double != nil)
    try box.request(#"{"execute":"device_del","arguments":{"id":"nvme3"}}"#, seconds: 8)
    let answer = try guest("unplug_end \(Self.unplugged)")
    #expect(answer["gone"] as? Double != nil && answer["ended"] as? Double != nil, "\(answer)")
    #expect(number(answer["empty"]) < 1 && answer["check"] as? String == "ok", "\(answer)")
    let run = object(answer["run"])
    let verdicts = verdicts(run)
    #expect(run["state"] as? String == "done", "\(run)")
    #expect(verdicts.contains("failed") && !verdicts.contains("invalid"), "\(run)")
    #expect(verdicts.last != "measured", "\(verdicts)")
    let reasons = (run["results"] as? [[String: Any]] ?? []).compactMap { $0["reason"] as? String }
    tell("a drive that left during a run: \(verdicts), \(Set(reasons).sorted())")
  }

  func powerCut() throws {
    let begun = try guest("cut_begin \(Self.scratch)")
    try box.powerCut()
    #expect(begun["writes"] as? Double != nil && begun["status"] as? Int == nil, "\(begun)")
    let id = object(begun["run"])["id"] as? String
    let answer = try guest("cut_end \(Self.scratch)")
    #expect((answer["mounted"] as? [Any])?.first as? Int == 0, "\(answer)")
    let after = object(answer["after"])
    #expect(after["files"] as? [String] == ["lost+found"], "\(after)")
    // The blocks of the file that had no name are free again: it had 256 MiB.
    let growth = number(after["used"]) - number(object(begun["before"])["used"])
    #expect(growth < 16e6, "\(after) \(begun)")
    #expect(answer["check"] as? String == "ok", "\(answer)")
    let files = answer["folder"] as? [String] ?? []
    #expect(!files.contains { $0.contains("damaged") }, "\(files)")
    // Nobody has to measure again for it.
    let run = object(answer["run"])
    #expect(run["id"] as? String == id && run["state"] as? String == "aborted", "\(run)")
    #expect(verdicts(object(answer["again"])) == ["measured", "measured"], "\(answer)")
    let well = object(answer["well"])
    #expect(well["active"] as? String == "active" && well["restarts"] as? String == "0", "\(well)")
    #expect((well["failed"] as? [String])?.isEmpty == true, "\(well)")
    #expect((well["putAside"] as? [String])?.isEmpty == true, "\(well)")
    #expect(well["status"] as? Int == 200, "\(well)")
    // What was tried is known to be nothing: the history was read.
    let proofs = well["placement"] as? [[String: Any]] ?? []
    #expect(!proofs.isEmpty, "\(well)")
    #expect(proofs.allSatisfy { $0["state"] as? String == "notTried" }, "\(proofs)")
    tell(
      "a power cut while fio wrote: integrity \(answer["check"] ?? ""), run \(run["state"] ?? ""),",
      "no file, \(Int(growth)) bytes more in use")
  }

  // MARK: What is measured

  func memory() throws {
    let answer = try guest("memory", timeoutSeconds: 1500)
    #expect(answer["balancing"] as? String == "1")
    let results = object(answer["run"])["results"] as? [[String: Any]] ?? []
    var pairs: Set<String> = []
    var sampled = 0
    for result in results {
      let series = object(result["series"])
      let name = "\(series["metric"] ?? "") \(series["subject"] ?? "")"
      #expect(result["verdict"] as? String == "measured", "\(name): \(result["reason"] ?? "")")
      let details = object(result["details"])
      #expect(details["pagesOnNode"] as? String == "1", "\(name): \(details)")
      sampled += Int(details["pagesSampled"] as? String ?? "") ?? 0
      if let subject = series["subject"] as? String { pairs.insert(subject) }
    }
    #expect(pairs.count == 16, "\(pairs.sorted())")
    #expect(results.count == 16 * 8 && sampled > 0)
    tell(
      "\(results.count) figures of \(pairs.count) node pairs in \(seconds(answer["seconds"])):",
      "each of \(sampled) sampled pages where it was asked for")
  }

  /// Copies of AMD's own library between its CPU agents.
  func copies() throws {
    let answer = try guest("gpu")
    #expect(answer["kfd"] as? Bool == true && answer["status"] as? Int == 0, "\(answer)")
    let results = object(answer["run"])["results"] as? [[String: Any]] ?? []
    let measured = results.filter { $0["verdict"] as? String == "measured" }
    // Three rows for the memory of each node, one inside an agent, one to another.
    #expect(results.count == 14, "\(results.count)")
    #expect(measured.count == 14, "\(results.map { $0["reason"] ?? $0["verdict"] ?? "" })")
    for result in measured {
      #expect((result["flags"] as? [String])?.contains("standIn") == true, "\(result)")
      #expect(number(result["value"]) > 0 && number(result["value"]).isFinite, "\(result)")
      #expect(result["ceiling"] == nil)
    }
    tell("\(measured.count) copies by libhsa-runtime64 \(answer["library"] ?? "") on CPU agents")
  }

  /// Emulation gives no gain that means anything: what counts is what is left.
  func trial() throws {
    try box.shell(Self.peer)
    let answer = try guest(
      "trial 0000:61:00.0 --peer 10.9.0.2 --load send --quick", timeoutSeconds: 1500)
    for how in ["whole", "stopped", "conductor", "child", "both"] {
      let found = object(answer[how])
      #expect(
        found["switched"] as? Double != nil && found["child"] as? Int != nil, "\(how): \(found)")
      #expect(
        found["back"] as? Double != nil && found["noted"] as? Bool == false, "\(how): \(found)")
      #expect(found["loads"] as? String == "1", "\(how): only the peer's iperf3: \(found)")
      let kinds = found["events"] as? [String] ?? []
      #expect(!kinds.contains("placement.corrected"), "\(how): \(kinds)")
      #expect(kinds.contains("placement.trialDied") == (how == "both"), "\(how): \(kinds)")
      tell("\(how): \(found["status"] ?? ""), as it was found after \(seconds(found["back"]))")
    }
    #expect([0, 1].contains(object(answer["whole"])["status"] as? Int), "\(answer)")
    #expect(object(answer["stopped"])["status"] as? Int == 130, "\(answer)")
    tell("trial: \(object(answer["whole"])["trial"] ?? "")")
  }

  // MARK: Nights

  func nights(_ plant: Plant) throws {
    try box.shell(plant.setUp)
    let weeks = try guest("weeks 12 \(plant.suite) '\(plant.options)'", timeoutSeconds: 900)
    #expect((weeks["imported"] as? String)?.hasPrefix("12 stored") == true, "\(weeks)")
    tell("\(plant.name): weeks before it: \(object(weeks["values"]))")
    try box.shell(plant.line)
    let planted = try guest("planted \(plant.suite) '\(plant.options)'", timeoutSeconds: 600)
    check(planted, plant, is: "suspicion")
    var night = 0
    var last = planted
    while night < 6, !plant.falls.allSatisfy({ has(last, $0, "decline") }) {
      last = try guest("night \(plant.suite) '\(plant.options)'", timeoutSeconds: 900)
      #expect(last["trigger"] as? String == "confirmation", "\(last)")
      #expect(last["suites"] as? [String] == [plant.suite], "\(last)")
      night += 1
    }
    check(last, plant, is: "decline")
    let told = try guest("checked")
    let finding = (told["findings"] as? [[String: Any]])?.first ?? [:]
    #expect(finding["verdict"] as? String == "warn", "\(told)")
    tell(
      "\(plant.name): suspected at the next run, a decline after \(night) nights:",
      "\(finding["summary"] ?? "")")
  }

  /// Each series that must fall has a change of this kind, with its cause.
  private func check(_ answer: [String: Any], _ plant: Plant, is verdict: String) {
    for key in plant.falls {
      let found = changes(answer, key, verdict)
      #expect(!found.isEmpty, "\(plant.name), \(verdict) of \(key): \(answer)")
      guard let change = found.first else { continue }
      let before = number(change["before"])
      let after = number(change["after"])
      #expect(after < 0.7 * before, "\(change)")
      let texts = change["explanation"] as? [String] ?? []
      #expect(texts.contains { $0.contains(plant.cause) }, "\(change)")
    }
    // What a fact shows is reported at once, beside the suspicion.
    if verdict == "suspicion" {
      #expect(!changes(answer, plant.falls[0], "contextChange").isEmpty, "\(answer)")
    }
  }

  private func has(_ answer: [String: Any], _ key: String, _ verdict: String) -> Bool {
    !changes(answer, key, verdict).isEmpty
  }

  private func changes(
    _ answer: [String: Any], _ key: String, _ verdict: String
  ) -> [[String: Any]] {
    (answer["changes"] as? [[String: Any]] ?? []).filter {
      ($0["series"] as? String)?.hasPrefix(key) == true && $0["verdict"] as? String == verdict
    }
  }

  /// QEMU's links cannot be retrained: files over the kernel's say how wide the drive's link is.
  func halvedLink() throws {
    let answer = try guest("link \(Self.drive) 0000:60:02.0")
    let found = (answer["changes"] as? [[String: Any]] ?? []).filter {
      $0["verdict"] as? String == "contextChange"
    }
    #expect(!found.isEmpty, "\(answer)")
    for change in found {
      let texts = change["explanation"] as? [String] ?? []
      #expect(
        texts.contains { $0.contains("63:00.0 link: ") && $0.contains("x4 to ") }, "\(change)")
    }
    tell("a halved link: \(found.first?["explanation"] ?? "")")
  }

  // MARK: What the guest answers

  private func guest(_ step: String, timeoutSeconds: Int = 400) throws -> [String: Any] {
    try box.shell("/usr/bin/python3 /run/vbox/benchmark \(step)", timeoutSeconds: timeoutSeconds)
    let name = step.split(separator: " ").first.map(String.init) ?? step
    let data = try Data(contentsOf: out.appendingPathComponent("\(name).json"))
    return object(try JSONSerialization.jsonObject(with: data))
  }

  func tell(_ words: String...) { print("benchmarks:", words.joined(separator: " ")) }

  private func verdicts(_ run: [String: Any]) -> [String] {
    (run["results"] as? [[String: Any]] ?? []).compactMap { $0["verdict"] as? String }
  }

  private func object(_ value: Any?) -> [String: Any] { value as? [String: Any] ?? [:] }

  private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .infinity }

  private func seconds(_ value: Any?) -> String {
    (value as? Double).map { String(format: "%.2f s", $0) } ?? "never"
  }
}

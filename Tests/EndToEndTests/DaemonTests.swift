import Foundation
import TestSupport
import Testing

/// tinyboxd in a running virtual box, installed by `make install` and started by systemd from the
/// units as shipped.
///
/// The box stays up from step to step, and goes on after a power cut at the end.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct DaemonTests {
  @Test func `the daemon watches, keeps, remembers and answers`() throws {
    let box = try WatchedBox()
    box.run(
      ("install", box.installed), ("agree", box.agreed), ("users", box.authorized),
      ("benchmarks", box.benchmarked), ("bad input", box.badInput), ("drift", box.drifted),
      ("observe", box.observed), ("mistake", box.mistaken), ("rollback", box.rolledBack),
      ("conflict", box.conflict),
      ("irqbalance", box.besideIrqbalance), ("hotplug", box.plugged), ("containers", box.contained),
      ("failing", box.failing), ("runtimes", box.hosted), ("killed", box.killed),
      ("journal", box.told),
      ("power cut", box.powerCut))
  }

  /// Minutes in which nothing happens, or the same again and again.
  @Test(.enabled(if: Project.isNightly, "make nightly waits for minutes and cuts the power again"))
  func `the daemon rests when nothing happens, and is whole after each power cut`() throws {
    let box = try WatchedBox()
    box.run(
      ("install", box.installed), ("drift", box.drifted), ("idle", box.idle),
      ("late irqbalance", box.lateIrqbalance), ("watchdog", box.watchdog),
      ("power cut", box.powerCut), ("power cut", box.powerCut), ("power cut", box.powerCut))
  }
}

/// A box with the daemon, and what each step must show.
private final class WatchedBox {
  private let box: LiveBox
  private let out: URL
  private static let drive = "0000:82:00.0"
  private static let card = "0000:81:00.0"

  init() throws {
    box = try LiveBox(persist: true)
    out = box.share.appendingPathComponent("out")
    try box.installAll()
    for script in ["daemon", "runtimes", "stand-in"] {
      try FileManager.default.copyItem(
        at: Project.tests.appendingPathComponent("EndToEndTests/Guest/\(script)"),
        to: box.share.appendingPathComponent(script))
    }
    try FileManager.default.copyItem(
      at: Project.root.appendingPathComponent("docs/openapi.json"),
      to: box.share.appendingPathComponent("openapi.json"))
  }

  func run(_ steps: LiveBox.Step...) { LiveBox.perform(steps) { tell($0) } }

  // MARK: Steps

  func installed() throws {
    let answer = try guest("install")
    let commands = answer["commands"] as? [String: Int] ?? [:]
    #expect(commands.count == 4 && Set(commands.values) == [0], "\(commands)")
    let verified = answer["verify"] as? [Any]
    #expect(verified?.first as? Int == 0 && verified?.last as? String == "", "\(verified ?? [])")
    #expect((answer["enable"] as? [Any])?.first as? Int == 0)
    #expect(answer["active"] as? String == "active")
    #expect((answer["status"] as? String)?.hasPrefix("observe") == true)
    #expect(answer["mode"] as? String == "0o660")
    #expect(answer["stderr"] as? String == "")
    let watches = object(answer["daemon"])["watches"] as? [[String: Any]] ?? []
    #expect(
      watches.compactMap { $0["name"] as? String }.sorted()
        == ["devices", "folders", "links", "programs", "runtimes", "settings", "units"],
      "\(watches)")
    for watch in watches {
      #expect(watch["isActive"] as? Bool == true, "\(watch)")
    }
    tell("enable --now until ready: \(seconds(answer["seconds"]))")
  }

  /// The sandbox keeps it from nothing: what it says is what root is told.
  func agreed() throws {
    let answer = try guest("agree")
    // What moves between two looks.
    let live = [
      /uptimeSeconds/, /loadAverages/, /[fF]reeBytes/, /availableBytes/, /busyShare/, /\.counts/,
      /memoryByNode/, /taskCount/, /handled/, /emperature/, /effectiveAffinity/, /clock\.maximum/,
      /perCPU|interruptTotal|processCount|\.current/, /freeFiles/,
    ]
    var compared = 0
    for (name, pair) in answer {
      let daemon = flat(object(pair)["daemon"] ?? "")
      let direct = flat(object(pair)["direct"] ?? "")
      compared += daemon.count
      #expect(daemon.count > 50 || name == "plan", "\(name)")
      for path in Set(daemon.keys).union(direct.keys).sorted() where daemon[path] != direct[path] {
        // The value of a piece of evidence is as live as the fact it cites.
        let fact = daemon[path.replacing(/\.value$/, with: ".fact")] ?? ""
        if live.contains(where: { path.contains($0) || fact.contains($0) }) { continue }
        Issue.record(
          "\(name)\(path): daemon \(daemon[path] ?? "nothing"), direct \(direct[path] ?? "nothing")"
        )
      }
    }
    tell("\(answer.count) documents of daemon and tinyboxctl agree, \(compared) values")
  }

  /// A run through tinyboxd; nothing is left after Ctrl-C and SIGKILL.
  func benchmarked() throws {
    let answer = try guest("benchmarks")
    let run = object(answer["run"])
    #expect(answer["status"] as? Int == 0, "\(answer["stderr"] ?? "") \(answer["run"] ?? "")")
    #expect(run["state"] as? String == "done")
    let results = run["results"] as? [[String: Any]] ?? []
    #expect(results.compactMap { $0["verdict"] as? String } == ["measured", "measured"])
    #expect(answer["unit"] as? String == "success")
    // A reader sees the history and may not measure.
    #expect((answer["reader"] as? String)?.contains("cpu.all-cores/all") == true)
    #expect(answer["refused"] as? Int == 77)
    let stopped = object(answer["stopped"])
    #expect(stopped["left"] as? [String] == [], "\(stopped)")
    #expect(stopped["state"] as? String == "aborted")
    #expect(stopped["status"] as? Int == 130)
    let killed = object(answer["killed"])
    #expect(number(killed["seconds"]) < 1, "\(killed)")
    #expect(killed["state"] as? String == "aborted")
    #expect((killed["busy"] as? String)?.contains("another one is going on") == true)
    let again = object(answer["again"])
    #expect(again["status"] as? Int == 0)
    let states = (again["runs"] as? [[String: Any]] ?? []).compactMap {
      object($0["run"])["state"] as? String
    }
    #expect(states == ["done", "aborted", "aborted", "done"])
    #expect(answer["check"] as? String == "ok")
    tell(
      "a quick run of \(results.count) figures took \(seconds(answer["seconds"])); after SIGKILL "
        + "nothing is left in \(seconds(killed["seconds"]))")
  }

  func authorized() throws {
    let answer = try guest("users")
    let calls = answer["calls"] as? [[Any]] ?? []
    let found = object(answer["found"])
    #expect(calls.count >= 19)
    for (index, call) in calls.enumerated() {
      let access = call[2] as? String ?? ""
      let path = "\(call[0]) \(call[1])"
      func status(_ who: String) -> String {
        let all = found[who] as? [Any] ?? []
        return all.indices.contains(index) ? "\(all[index])" : "no answer"
      }
      // Nothing was measured yet: what a caller may ask for there is not there, or has to be named.
      let allowed = path.contains("/v1/benchmarks/") ? ["200", "400", "404"] : ["200"]
      #expect(allowed.contains(status("root")), "\(path)")
      #expect(allowed.contains(status("admin")), "\(path)")
      #expect((access == "read" ? allowed : ["403"]).contains(status("reader")), "\(path)")
      // Who may not open the socket, and who may not though the socket is open.
      #expect(status("other") == "PermissionError", "\(path)")
      #expect(status("let in") == "403", "\(path)")
    }
    tell(
      "\(calls.count) endpoints as root, administrator, reader, other user with and without socket")
  }

  func badInput() throws {
    let answer = try guest("bad")
    func line(_ name: String) -> String {
      ((answer[name] as? [Any])?.first).map { "\($0)" } ?? ""
    }
    #expect(line("garbage").hasPrefix("HTTP/1.1 400"))
    #expect(line("huge").contains(" 413 "), "\(line("huge"))")
    #expect(line("long").contains(" 414 ") || line("long").contains(" 431 "), "\(line("long"))")
    for (name, status) in [
      ("body", 400), ("unknown", 404), ("parameter", 400), ("value", 400), ("wrong method", 405),
      ("get apply", 405), ("device", 404),
    ] {
      #expect(line(name) == "\(status)", "\(name)")
      let problem = object((answer[name] as? [Any])?.last)
      #expect((problem["cause"] as? String)?.isEmpty == false, "\(name)")
    }
    #expect(["400", "404"].contains(line("dots")))
    #expect(answer["fine"] as? Int == 200 && answer["same"] as? Bool == true)
    let sent = (answer["huge"] as? [Any])?.last as? Int ?? 0
    tell(
      "of a body of 1 GiB it took \(sent >> 10) KiB; peak memory \(number(answer["memory"]) / 1e6) MB"
    )
  }

  func drifted() throws {
    let answer = try guest("drift 9")
    let moves = answer["moves"] as? [[String: Any]] ?? []
    #expect(number(answer["applied"]) > 5 && moves.count == 9)
    var all: [Double] = []
    for move in moves {
      let seconds = move["seconds"] as? Double
      #expect((seconds ?? 99) < 2, "\(move)")
      all.append(seconds ?? 99)
      let events = move["events"] as? [[String: Any]] ?? []
      #expect(events.compactMap { $0["kind"] as? String } == ["placement.corrected"], "\(move)")
      // A writer that still lives has a name.
      let cause = events.first?["cause"] as? String ?? ""
      switch move["who"] as? String {
      case "python": #expect(cause.hasPrefix("python3 (process "), "\(cause)")
      case "loop": #expect(cause.hasPrefix("bash (process "), "\(cause)")
      default: #expect(!cause.isEmpty)
      }
    }
    all.sort()
    tell(
      "moved by hand \(all.count) times, back after \(seconds(all.first)) to \(seconds(all.last))")
  }

  func observed() throws {
    let answer = try guest("observe")
    #expect((answer["seconds"] as? Double ?? 99) < 2)
    #expect(answer["kept"] as? Bool == true)
    #expect((1...4).contains(answer["drifts"] as? Int ?? 0), "\(answer["drifts"] ?? "")")
    tell(
      "observe: told after \(seconds(answer["seconds"])), and moved to and fro 100 times",
      "\(answer["drifts"] ?? "?") events")
  }

  func mistaken() throws {
    let answer = try guest("mistake")
    let events = answer["events"] as? [[String: Any]] ?? []
    #expect(events.map { $0["kind"] as? String } == ["configuration.invalid"], "\(events)")
    let message = events.first?["message"] as? String ?? ""
    #expect(message.contains("/etc/tinybox/tinybox.toml:3: placement.housekeepin"), "\(message)")
    #expect(object(answer["daemon"])["mode"] as? String == "enforce")
    let problem = object(answer["daemon"])["configurationProblem"] as? String
    #expect(problem?.contains("housekeepin") == true)
    #expect((answer["kept"] as? Double ?? 99) < 2)
    let beyond = object(answer["beyond"])["configurationProblem"] as? String ?? ""
    #expect(beyond.contains("there is no CPU 64"), "\(beyond)")
    #expect(answer["after"] as? [String] == ["daemon.reloaded"], "\(answer["after"] ?? "")")
    #expect(object(answer["repaired"])["configurationProblem"] == nil)
  }

  func rolledBack() throws {
    for (name, value) in try guest("rollback") {
      let found = object(value)
      #expect(found["back"] as? [String] == ["placement.rolledBack"], "\(name): \(found)")
      #expect(found["away"] as? Bool == true && found["ledger"] as? String == "none", "\(name)")
      let forth = found["forth"] as? [String] ?? []
      #expect(forth == ["placement.applied"], "\(name): \(forth)")
      #expect((found["kept"] as? Double ?? 99) < 2, "\(name): kept again after apply")
    }
  }

  func conflict() throws {
    let answer = try guest(Project.isNightly ? "conflict 30" : "conflict 8")
    let events = answer["events"] as? [[String: Any]] ?? []
    let kinds = events.compactMap { $0["kind"] as? String }
    #expect(kinds.filter { $0 == "placement.conflict" }.count == 1, "\(kinds)")
    #expect((1...3).contains(kinds.filter { $0 == "placement.corrected" }.count), "\(kinds)")
    #expect((answer["contested"] as? [Any])?.count == 1)
    // The checks may run in that time, because of what an earlier step did.
    #expect(number(answer["cpuHeld"]) < (answer["runs"] as? Int == 0 ? 0.3 : 3))
    #expect((answer["resumed"] as? Double) != nil && (answer["back"] as? Double) != nil)
    tell(
      "a loop of ten writes a second: told after \(seconds(answer["told"])),",
      "\(kinds.filter { $0 == "placement.corrected" }.count) corrections; while it is left alone",
      "\(number(answer["cpuHeld"])) s of CPU and \(answer["wakeups"] ?? "?") wakeups; kept again after \(seconds(answer["resumed"])) more"
    )
  }

  func besideIrqbalance() throws {
    // Once a minute at most do the checks run because of it: only the night waits for that.
    for (name, value) in try guest(Project.isNightly ? "irqbalance 30 wait" : "irqbalance 8") {
      let found = object(value)
      let kinds = found["kinds"] as? [String] ?? []
      #expect((found["seconds"] as? Double) != nil, "\(name): \(kinds)")
      #expect(kinds.filter { $0 == "irqbalance.started" }.count == 1, "\(name): \(kinds)")
      #expect(kinds.count <= 10, "\(name): \(kinds)")
      // What does not hold is left alone because of a conflict, here or in an earlier step.
      #expect((found["unexplained"] as? [String])?.isEmpty == true, "\(name): \(found)")
      #expect((found["ended"] as? Double) != nil, "\(name): \(found)")
      if Project.isNightly {
        #expect((found["checked"] as? Double) != nil, "\(name): no checks ran because of it")
      }
      tell(
        "irqbalance, \(name): told after \(seconds(found["seconds"])); then \(kinds);",
        "its end told after \(seconds(found["ended"]))")
    }
  }

  func lateIrqbalance() throws {
    let late = try guest("late")
    #expect(late["early"] as? Double == nil && (late["told"] as? Double) != nil, "\(late)")
    #expect((late["ended"] as? Double) != nil, "\(late)")
    tell("irqbalance, 6 s after its unit's start: told \(seconds(late["told"])) after it ran")
  }

  func plugged() throws {
    var mark = try guest("mark")["last"] as? Int ?? 0
    for id in ["nvme3", "igb1"] {
      try box.request(#"{"execute":"device_del","arguments":{"id":"\#(id)"}}"#, seconds: 8)
    }
    let gone = try guest("plugged \(mark) \(Self.drive) \(Self.card)")
    tellOf(gone, "device.removed")
    #expect((gone["known"] as? [String]) == [])

    mark = try guest("mark")["last"] as? Int ?? 0
    try box.request(
      #"{"execute":"device_add","arguments":{"driver":"nvme","id":"nvme3","bus":"rp31","drive":"disk-nvme3","serial":"NEW","max_ioqpairs":2}}"#
    )
    try box.request(
      #"{"execute":"device_add","arguments":{"driver":"igb","id":"igb1","bus":"rp30","netdev":"cable1","mac":"52:54:00:74:62:03"}}"#
    )
    let back = try guest("plugged \(mark) \(Self.drive) \(Self.card)")
    tellOf(back, "device.added")
    #expect((back["known"] as? [String]) == [Self.card, Self.drive])
    let vectors = back["interrupts"] as? [[String]] ?? []
    #expect(vectors.count >= 9, "\(vectors)")
    #expect(vectors.allSatisfy { ["6", "7", "6-7"].contains($0[1]) }, "\(vectors)")
    #expect(back["plan"] as? Int == 0)
    let up = number(back["up"])
    let applied = (back["events"] as? [[String: Any]] ?? [])
      .filter { $0["kind"] as? String == "placement.applied" }.compactMap(moment)
    #expect(!applied.isEmpty)
    tell(
      "\(vectors.count) interrupts of what was plugged in are on their node; placed",
      applied.map { seconds($0 - up) }.joined(separator: ", "), "after its interface came up")
  }

  /// Events of both devices, and how long after the kernel's own: that the function is gone, or that
  /// the interface or drive is there.
  private func tellOf(_ answer: [String: Any], _ kind: String) {
    let events = (answer["events"] as? [[String: Any]] ?? []).filter {
      $0["kind"] as? String == kind
    }
    #expect(
      Set(events.compactMap { $0["address"] as? String }) == [Self.drive, Self.card], "\(answer)")
    let (action, subsystems) =
      kind == "device.removed" ? ("remove", ["pci"]) : ("add", ["net", "nvme"])
    for event in events {
      let address = event["address"] as? String ?? ""
      let moments = (object(answer["kernel"])[address] as? [[Any]] ?? []).filter {
        $0.first as? String == action && subsystems.contains($0[1] as? String ?? "")
      }.compactMap { $0.last as? Double }
      guard let told = moment(event), let happened = moments.max() else {
        Issue.record("the kernel said nothing of \(address): \(answer["kernel"] ?? "")")
        continue
      }
      // The aim is 2 s; an emulated box beside others may take longer.
      #expect(told - happened < 10)
      tell("\(kind) \(address): \(seconds(told - happened)) after the kernel's event")
    }
  }

  func contained() throws {
    let answer = try guest("container")
    #expect((answer["started"] as? Double) != nil && (answer["stopped"] as? Double) != nil)
    let events = answer["events"] as? [[String: Any]] ?? []
    #expect(events.filter { $0["subject"] as? String == "quick" }.count == 2, "\(events)")
  }

  func failing() throws {
    let answer = try guest("failing")
    #expect(answer["names"] as? [String] == ["bad.service", "dies.service"], "\(answer)")
    #expect((answer["sent"] as? [Int])?.isEmpty == false && (answer["sent"] as? [Int])?.max() == 0)
    #expect((answer["forged"] as? [String])?.isEmpty == true && answer["readings"] as? Int == 0)
    let told = object(answer["told"])
    tell(
      "a job that fails: told after \(seconds(told["job"]));",
      "a service that is killed: after \(seconds(told["service"]))")
  }

  /// Two runtimes on two nodes, one out of memory, one without its GPU.
  func hosted() throws {
    let answer = try guest("hosted", of: "runtimes")
    HostedRuntimes(answer: answer) { self.tell($0) }.check()
  }

  func idle() throws {
    _ = try guest("settle")
    let answer = try guest("idle 120")
    #expect(answer["runs"] as? Int == 0)
    let switches = object(answer["switches"]).mapValues { $0 as? Int ?? 0 }
    // The question itself wakes the thread that answers it.
    #expect(number(answer["wakeups"]) <= 3)
    #expect(number(answer["cpu"]) < 0.1)
    #expect(switches.values.allSatisfy { $0 <= 12 }, "\(switches)")
    tell(
      "idle for 120 s: \(answer["wakeups"] ?? "?") wakeups, \(number(answer["cpu"])) s of CPU, \(switches)"
    )
  }

  func killed() throws {
    let answer = try guest("killed")
    #expect(answer["same"] as? Bool == true)
    recovered(object(answer["kill"]), "kill")
    #expect(number(answer["stop"]) < 5 && answer["result"] as? String == "success")
    #expect((answer["stopped"] as? [String])?.first == "daemon.stopped")
    tell("systemctl stop took \(seconds(answer["stop"]))")
  }

  func watchdog() throws { recovered(object(try guest("watchdog")["watchdog"]), "watchdog") }

  /// It runs again, and says that it did not end in order.
  private func recovered(_ found: [String: Any], _ name: String) {
    #expect((found["seconds"] as? Double) != nil, "\(name)")
    let events = found["events"] as? [[String: Any]] ?? []
    let kinds = events.compactMap { $0["kind"] as? String }
    #expect(
      Array(kinds.prefix(2)) == ["daemon.recovered", "daemon.started"], "\(name): \(kinds)")
    #expect(events.first?["id"] as? Int == (found["mark"] as? Int ?? 0) + 1)
    tell("\(name): running again after \(seconds(found["seconds"]))")
  }

  func told() throws {
    let answer = try guest("journal")
    let events = answer["events"] as? [[Any]] ?? []
    let stored = answer["stored"] as? [[Any]] ?? []
    #expect(!stored.isEmpty && events.count == stored.count)
    for (one, other) in zip(events, stored) {
      #expect(one[0] as? String == other[0] as? String && one[1] as? Int == other[1] as? Int)
    }
    #expect(answer["explained"] as? Int == events.count, "\(answer["page"] ?? "")")
    tell("\(events.count) events in the journal with their fields, each explained by the catalog")
  }

  func powerCut() throws {
    _ = try guest("before_cut")
    try box.powerCut()
    let answer = try guest("after_cut")
    #expect(answer["same"] as? Bool == true)
    let new = answer["new"] as? [String] ?? []
    #expect(Array(new.prefix(2)) == ["daemon.recovered", "daemon.started"], "\(new)")
    #expect(new.contains("placement.applied"))
    let files = answer["files"] as? [String] ?? []
    #expect(!files.contains { $0.contains("damaged") }, "\(files)")
    tell("power cut: \(answer["count"] ?? "?") events of before are there; then \(new)")
  }

  // MARK: What the guest answers

  private func guest(_ step: String, of script: String = "daemon") throws -> [String: Any] {
    try box.shell("/usr/bin/python3 /run/vbox/\(script) \(step)", timeoutSeconds: 900)
    let name = step.split(separator: " ").first.map(String.init) ?? step
    let data = try Data(contentsOf: out.appendingPathComponent("\(name).json"))
    return object(try JSONSerialization.jsonObject(with: data))
  }

  private func tell(_ words: String...) { print("daemon:", words.joined(separator: " ")) }

  private func object(_ value: Any?) -> [String: Any] { value as? [String: Any] ?? [:] }

  private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .infinity }

  private func seconds(_ value: Any?) -> String {
    (value as? Double).map { String(format: "%.2f s", $0) } ?? "never"
  }

  /// When an event was, in seconds since 1970.
  private func moment(_ event: [String: Any]) -> Double? {
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    return (event["time"] as? String).flatMap(format.date)?.timeIntervalSince1970
  }

  /// Values of a document by their path.
  private func flat(_ value: Any, _ path: String = "") -> [String: String] {
    switch value {
    case let object as [String: Any]:
      object.reduce(into: [:]) { found, member in
        found.merge(flat(member.value, "\(path).\(member.key)")) { one, _ in one }
      }
    case let array as [Any]:
      array.enumerated().reduce(into: ["\(path)#": "\(array.count)"]) { found, element in
        found.merge(flat(element.element, "\(path)[\(element.offset)]")) { one, _ in one }
      }
    default: [path: "\(value)"]
    }
  }
}

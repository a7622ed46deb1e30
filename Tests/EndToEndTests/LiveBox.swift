import Base
import Foundation
import Health
import TestSupport
import Testing

/// A virtual box that stays up while a test plants faults in it.
final class LiveBox {
  /// Work directory of the box; short, as sockets lie in it.
  let folder: URL
  /// What the guest sees at /run/vbox.
  let share: URL
  private let vm = Project.root.appendingPathComponent("images/virtual-box/vm")
  private let persist: Bool

  /// What is done in a box, with its name.
  typealias Step = (name: String, body: () throws -> Void)

  /// Runs steps; one that cannot go on does not end the others.
  /// - Parameter tell: is given how long each took.
  static func perform(_ steps: [Step], tell: (String) -> Void) {
    for step in steps {
      let start = Date()
      do {
        try step.body()
      } catch {
        Issue.record("\(step.name): \(error)")
      }
      tell("\(step.name) took \(Int(-start.timeIntervalSinceNow)) s")
    }
  }

  /// Boots a box.
  /// - Parameters:
  ///   - append: more kernel arguments.
  ///   - machine: the description, `tinybox` or `odd`.
  ///   - persist: the root filesystem outlives a power cut.
  ///   - change: changes the description of the machine.
  init(
    append: String = "", machine: String = "tinybox", persist: Bool = false,
    _ change: (inout Description) -> Void = { _ in }
  ) throws {
    self.persist = persist
    folder = URL(fileURLWithPath: "/tmp/tbx-\(UUID().uuidString.prefix(8))")
    share = folder.appendingPathComponent("share")
    try FileManager.default.createDirectory(at: share, withIntermediateDirectories: true)
    let binary = Project.root.appendingPathComponent(".build/release/tinyboxctl")
    guard FileManager.default.isExecutableFile(atPath: binary.path) else {
      throw BoxError("no release build of tinyboxctl: run 'make build' first")
    }
    try FileManager.default.copyItem(at: binary, to: share.appendingPathComponent("tinyboxctl"))
    let source = Project.root.appendingPathComponent("images/virtual-box/\(machine).json")
    var description = try Description(source)
    change(&description)
    let profile = folder.appendingPathComponent("machine.json")
    try description.write(to: profile)
    let started = try run(
      vm,
      [
        "start", "--work", folder.path, "--profile", profile.path, "--share", share.path,
        "--append", append,
      ] + (persist ? ["--persist"] : []))
    guard started.status == 0 else {
      throw BoxError("no guest: \(started.output.suffix(1000)) \(started.errors.suffix(2000))")
    }
    try shell("install -m 755 /run/vbox/tinyboxctl /usr/local/bin/tinyboxctl")
  }

  deinit {
    // An orderly end of a box that persists takes long, and nobody needs what it holds.
    _ = try? run(vm, [persist ? "power-cut" : "stop", folder.path])
    try? FileManager.default.removeItem(at: folder)
  }

  /// Runs a line in the guest.
  @discardableResult
  func shell(
    _ line: String, expecting status: Int32? = 0, timeoutSeconds: Int = 240
  ) throws -> String {
    let finished = try run(vm, ["exec", folder.path, line, "--timeout", "\(timeoutSeconds)"])
    if let status, finished.status != status {
      throw BoxError(
        "'\(line)' ended with \(finished.status): \(finished.output.suffix(2000)) \(finished.errors.suffix(1000))"
      )
    }
    return finished.output
  }

  /// Takes the power away and gives it back.
  func powerCut() throws {
    for arguments in [["power-cut", folder.path], ["start", "--work", folder.path]] {
      let finished = try run(vm, arguments)
      if finished.status != 0 {
        throw BoxError("vm \(arguments[0]): \(finished.output) \(finished.errors.suffix(2000))")
      }
    }
  }

  /// Puts what `make install` installs into `root` of the shared folder.
  func installAll() throws {
    for program in ["tinyboxd", "tinybox-gateway", "tinybox-benchmark", "tinyboxctl"] {
      let binary = Project.root.appendingPathComponent(".build/release/\(program)")
      guard FileManager.default.isExecutableFile(atPath: binary.path) else {
        throw BoxError("no release build of \(program): run 'make build' first")
      }
    }
    let finished = try TestSupport.run(
      URL(fileURLWithPath: "/usr/bin/make"),
      [
        "-C", Project.root.path, "install", "PREFIX=/usr",
        "DESTDIR=\(share.appendingPathComponent("root").path)",
      ])
    if finished.status != 0 {
      throw BoxError(
        "make install: \(finished.output.suffix(1000)) \(finished.errors.suffix(1000))")
    }
  }

  /// A line for QEMU's monitor.
  func monitor(_ line: String) throws {
    let finished = try run(vm, ["hmp", folder.path, line])
    if finished.status != 0 { throw BoxError("'\(line)': \(finished.output)") }
  }

  /// A QMP request, and the events of the next seconds.
  @discardableResult
  func request(_ json: String, seconds: Int = 0) throws -> String {
    try run(vm, ["qmp", folder.path, json, "\(seconds)"]).output
  }

  /// What `tinyboxctl check` says now.
  func report(_ arguments: String = "") throws -> HealthReport {
    // Into a file: the answer is longer than what the console carries well.
    try shell(
      "tinyboxctl check --json \(arguments) > /run/vbox/report.json; [ $? -le 3 ] && sync -f /run/vbox"
    )
    let data = try Data(contentsOf: share.appendingPathComponent("report.json"))
    return try JSONDecoder().decode(HealthReport.self, from: data)
  }

  /// A machine description as JSON that can be changed.
  struct Description {
    private var root: [String: Any]

    init(_ file: URL) throws {
      let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
      root = object as? [String: Any] ?? [:]
    }

    func write(to file: URL) throws {
      try JSONSerialization.data(withJSONObject: root).write(to: file)
    }

    /// Changes the root port of an id.
    mutating func port(_ id: String, _ change: (inout [String: Any]) -> Void) {
      var buses = root["buses"] as? [[String: Any]] ?? []
      for bus in buses.indices {
        var ports = buses[bus]["ports"] as? [[String: Any]] ?? []
        for index in ports.indices where ports[index]["id"] as? String == id {
          change(&ports[index])
        }
        buses[bus]["ports"] = ports
      }
      root["buses"] = buses
    }

    /// Adds a display as function 1 beside the device of a port: two devices below one bridge.
    mutating func addDisplay(to id: String, address: String) {
      port(id) {
        $0["functions"] = [
          ["id": "extra", "driver": "ati-vga", "address": address, "pci_id": "1002:5046"]
        ]
      }
    }
  }
}

/// The verdicts of a report, and how two reports differ.
struct Verdicts {
  struct Key: Hashable, CustomStringConvertible {
    var check: String
    var subject: String
    var description: String { "\(check) \(subject)" }
  }
  private(set) var all: [Key: Finding] = [:]

  init(_ report: HealthReport) {
    for finding in report.findings {
      // Names of drives and interfaces change from boot to boot.
      let key = Key(
        check: finding.check, subject: finding.address?.description ?? finding.subject ?? "-")
      // The worst comes first.
      if all[key] == nil { all[key] = finding }
    }
  }

  /// What is worse than before: findings that are new, or whose verdict changed.
  func changes(since before: Verdicts) -> [Key: Finding] {
    all.filter { key, finding in before.all[key]?.verdict != finding.verdict }
  }

  /// Subjects that were judged before and are not now.
  func gone(since before: Verdicts) -> [Key] {
    before.all.keys.filter { all[$0] == nil }
  }
}

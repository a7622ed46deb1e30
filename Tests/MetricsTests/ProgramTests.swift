import Foundation
import Metrics
import Placement
import TestSupport
import Testing

/// The real program, Prometheus' own judge, and the documents.
@Suite struct ProgramTests {
  private static let docs = Project.root.appendingPathComponent("docs")
  private static let promtool = onPath("promtool")
  private static let python = onPath("python3")

  private static func onPath(_ name: String) -> URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  private func metrics(_ arguments: [String]) throws -> Finished {
    try run(
      Project.tinyboxctl, ["metrics", "--pci-ids", Project.pciIDs] + arguments)
  }

  @Test(arguments: Project.ownRecordings + Project.sharedRecordings)
  func recordingsGiveValidText(recording: URL) throws {
    for format in Exposition.allCases {
      let arguments = ["--sysroot", recording.path, "--format", format.rawValue]
      let finished = try metrics(arguments)
      #expect(finished.status == 0 && finished.errors.isEmpty, "\(finished.errors)")
      let families = try StrictParser.families(finished.output, format)
      #expect(families.count > 3)
      #expect(finished.output == (try metrics(arguments)).output, "not the same twice")
    }
  }

  @Test(
    .enabled(if: promtool != nil, "promtool is not on PATH"), arguments: Project.ownRecordings)
  func promtoolFindsNoFault(recording: URL) throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("tinybox.prom").path
    let written = try metrics(["--sysroot", recording.path, "--output", file])
    #expect(written.status == 0 && written.output.isEmpty, "\(written.errors)")
    let finished = try run(
      URL(fileURLWithPath: "/bin/bash"), ["-c", "promtool check metrics < '\(file)'"])
    #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
    #expect((finished.output + finished.errors).isEmpty, "\(finished.output)\(finished.errors)")
  }

  @Test(.enabled(if: promtool != nil, "promtool is not on PATH"))
  func alertRulesFireWhenTheyShould() throws {
    let rules = Self.docs.appendingPathComponent("prometheus/tinybox.rules.test.yml").path
    let finished = try run(try #require(Self.promtool), ["test", "rules", rules])
    #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
  }

  @Test(.enabled(if: promtool != nil && python != nil, "promtool or python3 is not on PATH"))
  func theDashboardForGrafanaAsksForMetricsThatExist() throws {
    let script = Project.tests.appendingPathComponent("Dashboard/check_grafana.py").path
    let finished = try run(try #require(Self.python), [script])
    #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
    #expect(finished.output.hasSuffix(", 0 mistakes\n"), "\(finished.output)")
  }

  /// Every metric that rules and documents name is one, and every alert is tested both ways.
  @Test func rulesNameMetricsThatExist() throws {
    let names = Set(MetricFamilies.all.map(\.sampleName))
    func text(_ file: String) throws -> String {
      try String(contentsOf: Self.docs.appendingPathComponent(file), encoding: .utf8)
    }
    for file in ["prometheus/tinybox.rules.yml", "prometheus/tinybox.rules.test.yml"] {
      let used = try text(file).matches(of: /tinybox_[a-z_]+/).map { String($0.output) }
      #expect(used.count > 20)
      #expect(Set(used).subtracting(names).isEmpty, "\(file)")
    }
    let alerts = try text("prometheus/tinybox.rules.yml").matches(of: /alert: ([A-Za-z]+)/)
    let tested = try text("prometheus/tinybox.rules.test.yml")
    for alert in alerts { #expect(tested.contains("alertname: \(alert.output.1)\n")) }
  }

  @Test func theReferenceIsWhatTheCodeSays() throws {
    let document = try String(
      contentsOf: Self.docs.appendingPathComponent("metrics.md"), encoding: .utf8)
    #expect(MetricsReference.renewed(document) == document, "run 'make docs'")
    #expect(MetricsReference.renewed("no marks") == nil)
  }

  @Test func familiesFollowTheConventions() {
    var names: Set<String> = []
    for family in MetricFamilies.all {
      #expect(names.insert(family.sampleName).inserted, "\(family.name) twice")
      #expect(family.name.allSatisfy { $0.isASCII && ($0.isLowercase || $0 == "_") })
      #expect(!family.name.hasSuffix("_total") && !family.name.hasSuffix("_info"))
      #expect(family.help.hasSuffix(".") && !family.help.contains("\n") && !family.bound.isEmpty)
      #expect(family.help.count <= 120, "\(family.name): cut in the output")
      // Alerts have a label of this name, which would hide a metric's.
      #expect(!family.labels.contains { $0.name == "severity" }, "\(family.name)")
      #expect(family.kind != .info || family.unit == nil)
    }
  }

  @Test func aFileIsReplacedWhole() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("tinybox.prom")
    try Data("old".utf8).write(to: file)
    let recording = try #require(Project.ownRecordings.first).path
    let finished = try metrics(["--sysroot", recording, "--output", file.path])
    #expect(finished.status == 0 && finished.output.isEmpty, "\(finished.errors)")
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(try !StrictParser.families(text, .prometheus).isEmpty)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tinybox.prom"])
    let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
    #expect(mode as? Int == 0o644, "node_exporter is not root")
    #expect(try metrics(["--sysroot", "/nonexistent", "--output", file.path]).status == 1)
    #expect(try String(contentsOf: file, encoding: .utf8) == text, "kept when it fails")
  }

  @Test func thisMachineHasDurations() throws {
    let finished = try metrics([])
    #expect(finished.status == 0, "\(finished.errors)")
    let families = try StrictParser.families(finished.output, .prometheus)
    let durations = families.first { $0.name == "tinybox_collector_duration_seconds" }
    let success = families.first { $0.name == "tinybox_collector_success" }
    let measured = Set(durations?.samples.compactMap { $0.series.labels["collector"] } ?? [])
    let reported = Set(success?.samples.compactMap { $0.series.labels["collector"] } ?? [])
    #expect(measured == reported && measured.count == 11)
  }

  @Test(arguments: [["--format", "json"], ["--output", "/nonexistent/x.prom"]])
  func saysWhatIsWrong(arguments: [String]) throws {
    let finished = try metrics(arguments)
    #expect(finished.status == (arguments[0] == "--format" ? 64 : 1))
    #expect(finished.errors.contains(arguments[1]) && finished.output.isEmpty)
  }

  /// What was placed shows once there is a ledger; one that is damaged keeps nothing else out.
  @Test func aLedgerIsTold() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ path: String, _ content: [UInt8]) throws {
      let file = folder.appendingPathComponent(path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content).write(to: file)
    }
    try write("proc/sys/kernel/random/boot_id", Array("b\n".utf8))
    try write("proc/uptime", Array("100.5 50.0\n".utf8))
    try write("sys/block/sda/queue/rq_affinity", Array("2\n".utf8))
    func settings() throws -> [String: Double] {
      let finished = try metrics(["--sysroot", folder.path])
      #expect(finished.status == 0)
      #expect(finished.output.contains("tinybox_uptime_seconds 100.5\n"))
      let family = try StrictParser.families(finished.output, .prometheus)
        .first { $0.name == "tinybox_placement_settings" }
      return Dictionary(
        uniqueKeysWithValues: (family?.samples ?? []).map {
          ($0.series.labels["state"] ?? "", $0.value)
        })
    }
    #expect(try settings().isEmpty)
    var ledger = Ledger(bootID: "b")
    for (file, applied) in [("rq_affinity", "2"), ("rq_affinity", "1"), ("nr_requests", "64")] {
      ledger.entries.append(
        .init(
          knob: .file("/sys/block/sda/queue/\(file)", .text), subject: "sda", original: "0",
          applied: applied))
    }
    try write("var/lib/tinybox/placement.ledger", try ledger.encoded())
    #expect(try settings() == ["held": 1, "drifted": 1, "gone": 1])
    try write("var/lib/tinybox/placement.ledger", Array("damaged".utf8))
    #expect(try settings().isEmpty)
    let errors = try metrics(["--sysroot", folder.path]).errors
    #expect(errors.contains("no metrics of the placement"))
  }
}

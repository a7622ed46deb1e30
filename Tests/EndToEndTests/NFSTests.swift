import Base
import Benchmarks
import Foundation
import TestSupport
import Testing

/// NFS in user space between the two cabled interfaces: servers and fio jobs in containers that
/// `tinyboxctl run` puts on the node of their NIC, and on the other one; and what the suite `nfs` says of
/// servers that fail, with fio's own client.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct NFSTests {
  @Test func `servers and jobs run on the node of their NIC`() throws {
    let box = try NFSBox()
    box.run(("placed", box.placed), ("crossed", box.crossed))
  }

  /// Each measurement waits for its deadline.
  @Test(.enabled(if: Project.isNightly, "make nightly waits for servers that say nothing"))
  func `a server that fails is a failed measurement within its deadline`() throws {
    let box = try NFSBox()
    box.run(
      ("measured", box.measured), ("refused", box.refused), ("killed", box.killed),
      ("silent", box.silent), ("network", box.network),
      ("rdma", box.rdma))
  }
}

/// A box with two networks, and what each step must show.
private final class NFSBox {
  private let box: LiveBox
  private let out: URL
  private static let sides = [("left", 2), ("right", 3)]
  private static let cards = ["left": "0000:61:00.0", "right": "0000:81:00.0"]

  init() throws {
    box = try LiveBox()
    out = box.share.appendingPathComponent("out")
    let program = Project.root.appendingPathComponent(".build/release/tinybox-benchmark")
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      throw BoxError("no release build of tinybox-benchmark: run 'make build' first")
    }
    try FileManager.default.copyItem(
      at: program, to: box.share.appendingPathComponent("tinybox-benchmark"))
    try FileManager.default.copyItem(
      at: Project.tests.appendingPathComponent("EndToEndTests/Guest/nfs"),
      to: box.share.appendingPathComponent("nfs"))
    try guest("prepare")
    #expect(try status("apply.json") == 0)
  }

  func run(_ steps: LiveBox.Step...) { LiveBox.perform(steps) { tell($0) } }

  // MARK: The experiment

  func placed() throws { try experiment("placed", homes: [2, 3]) }

  func crossed() throws { try experiment("crossed", homes: [3, 2]) }

  /// - Parameter homes: nodes of the containers, left and right.
  private func experiment(_ name: String, homes: [Int]) throws {
    let places = zip(NFSBox.sides, homes).map { side, home in
      // By its address: its name is in another network.
      home == side.1 ? "--nic=\(NFSBox.cards[side.0] ?? "")" : "--node=\(home)"
    }
    try guest("experiment \(name) \(places.joined(separator: " "))")
    for ((side, nic), home) in zip(NFSBox.sides, homes) {
      let words = try text("run-\(side).err")
      #expect(try status("run-\(side)") == 0, "\(words)")
      let cpus = "\(2 * home)-\(2 * home + 1)"
      for process in ["server", "jobs"] {
        // CPUs and nodes of the process; CPUs and nodes of its group.
        #expect(
          try self.words("\(process)-\(name)-\(side)") == [cpus, "\(home)", cpus, "\(home)"],
          "\(name) \(process) \(side)")
      }
      #expect(try status("fio-\(name)-\(side).json") == 0)
      let report = try FioReport(output: Array(try text("fio-\(name)-\(side).json").utf8))
      let written = try #require(report.jobs.first)
      #expect(report.jobs.count == 1 && written.error == 0)
      #expect(written.write.bytes > 0)
      let link = try link(name, side)
      // Both ways go over the cable: what is read comes from the other side's server.
      #expect(link.received > written.write.bytes / 2 && link.sent > written.write.bytes / 2)

      let share = try share(name, side, nic)
      #expect(share.all > 100 && share.on == share.all, "\(name) \(share)")
      tell(
        "\(name) \(side): server and jobs on node \(home), NIC on node \(nic);",
        "\(Int(written.write.bytes)) B written at",
        "\(Int(written.write.bytesPerSecond / 1000)) kB/s;",
        "\(share.on) of \(share.all) interrupts of \(share.name) on its node")
    }
  }

  /// Interrupts of the NIC of a side during a load.
  private func share(_ load: String, _ side: String, _ node: Int) throws -> InterruptShare {
    try InterruptShare(
      of: try words(side)[0], from: try text("interrupts-\(load)-1"),
      to: try text("interrupts-\(load)-2"), cpus: 2 * node...2 * node + 1)
  }

  /// Bytes of the interface of a side since it was made.
  private func link(_ name: String, _ side: String) throws -> (received: Double, sent: Double) {
    let all =
      try JSONSerialization.jsonObject(with: Data(try text("link-\(name)-\(side).json").utf8))
      as? [[String: Any]]
    let statistics = all?.first?["stats64"] as? [String: [String: Any]] ?? [:]
    func bytes(_ way: String) -> Double { statistics[way]?["bytes"] as? Double ?? 0 }
    return (bytes("rx"), bytes("tx"))
  }

  // MARK: The suite and servers that fail

  func measured() throws {
    try guest("measured")
    let results = try results("measured")
    #expect(
      Set(results.map(\.series.metric)) == ["write-near", "write-far", "read-near", "read-far"])
    for result in results {
      #expect(result.verdict == .measured, "\(result.series.metric): \(result.reason ?? "")")
      #expect((result.value ?? 0) > 0)
      let bytes = result.details["bytes"].flatMap { Double($0) } ?? 0
      #expect(bytes > 0)
      tell(
        "\(result.series.metric): \(Int((result.value ?? 0) / 1000)) kB/s, \(Int(bytes)) B,",
        "ceiling \(result.ceiling?.value.map { "\(Int($0 / 1e6)) MB/s" } ?? "unknown")")
    }
  }

  func refused() throws {
    try guest("refused")
    for (name, words) in [
      ("no-server", "Failed to mount"), ("no-export", "NOENT"), ("exists", "EXIST"),
    ] {
      try failed(name, within: 15)
      let reasons = try results(name).compactMap(\.reason)
      #expect(reasons.contains { $0.contains(words) }, "\(reasons)")
    }
    #expect(try text("exists.content") == "mine\n")
  }

  func killed() throws {
    try guest("lost killed")
    try failed("killed", within: 40)
  }

  func silent() throws {
    try guest("lost silent")
    try failed("silent", within: 40)
  }

  /// TCP between the two networks, from near and far CPUs.
  func network() throws {
    try guest("network")
    let results = try results("network").filter { $0.verdict != .notApplicable }
    let metrics = ["send", "receive"].flatMap { way in
      [1, 4].flatMap { count in ["near", "far"].map { "\(way)-\(count)-\($0)" } }
    }
    #expect(Set(results.map(\.series.metric)) == Set(metrics))
    for result in results {
      #expect((result.value ?? 0) > 0, "\(result.series.metric): \(result.reason ?? "")")
      tell("\(result.series.metric): \(Int((result.value ?? 0) / 1000)) kB/s")
    }
    for (side, node) in NFSBox.sides {
      let share = try share("network", side, node)
      #expect(share.all > 100 && share.on == share.all, "\(share)")
      tell("network \(side): \(share.on) of \(share.all) interrupts on node \(node)")
    }
  }

  /// RDMA writes through Soft-RoCE: the verbs, in one kernel.
  func rdma() throws {
    try guest("rdma")
    let rows = try results("rdma").filter { $0.series.metric.hasPrefix("rdma") }
    #expect(rows.map(\.series.metric) == ["rdma-write-near", "rdma-write-far", "rdma-write-gpu"])
    for row in rows.dropLast() {
      #expect(row.verdict == .measured, "\(row.series.metric): \(row.reason ?? "")")
      #expect((row.value ?? 0) > 0)
      #expect(row.details["bytes"].flatMap { Double($0) } ?? 0 > 0)
      tell("\(row.series.metric): \(Int((row.value ?? 0) / 1000)) kB/s")
    }
    #expect(rows.last?.verdict == .notApplicable && rows.last?.reason?.isEmpty == false)
  }

  /// A run of which nothing was measured, each measurement within its deadline, and nothing is left of fio.
  private func failed(_ name: String, within seconds: Double) throws {
    let results = try results(name)
    #expect(results.count == 4)
    for result in results {
      #expect(result.verdict == .failed, "\(name): \(result)")
      #expect(result.value == nil)
      #expect(result.reason?.isEmpty == false)
    }
    let took = Double(try words("\(name).ms")[0]).map { $0 / 1000 } ?? .infinity
    #expect(took < seconds * 4)
    #expect(try text("\(name).left").isEmpty)
    tell(
      "\(name): \(results.count) failed in \(Int(took)) s:",
      Set(results.compactMap(\.reason)).sorted().joined(separator: "; "))
  }

  private func results(_ name: String) throws -> [BenchmarkResult] {
    let text = try text("\(name).json")
    do {
      return try JSONDecoder().decode(BenchmarkRun.self, from: Data(text.utf8)).results
    } catch {
      throw BoxError("\(name): \(error): \(text) \(try self.text("\(name).json.err"))")
    }
  }

  // MARK: What the guest answers

  private func guest(_ step: String) throws { try box.shell("bash /run/vbox/nfs \(step)") }

  private func tell(_ words: String...) { print("nfs:", words.joined(separator: " ")) }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: out.appendingPathComponent(name), encoding: .utf8)
  }

  private func words(_ name: String) throws -> [String] {
    try text(name).split { $0 == " " || $0 == "\n" }.map(String.init)
  }

  private func status(_ name: String) throws -> Int { Int(try words(name + ".rc")[0]) ?? -1 }
}

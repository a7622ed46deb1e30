import Base
import Foundation
import TestSupport
import Testing

/// Placement in a running virtual box: a real kernel, real interrupts, real systemd and podman.
///
/// The box stays up from step to step, and goes on after a power cut at the end.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct PlacementTests {
  @Test func `things are put where they belong, and back`() throws {
    let box = try PlacedBox()
    box.run(
      ("apply", box.applied), ("load", box.underLoad), ("workloads", box.workloads),
      ("watch", box.watched), ("rollback", box.rolledBack), ("kill", box.killed),
      ("irqbalance", box.besideIrqbalance), ("hotplug", box.unplugged), ("bad", box.badInput))
  }

  /// The same at other moments of apply.
  @Test(.enabled(if: Project.isNightly, "make nightly cuts the power again and again"))
  func `a power cut at any moment of apply leaves a whole ledger`() throws {
    for write in [1, 12, 30] {
      let box = try PlacedBox()
      box.run(("power cut at write \(write)", { try box.powerCut(write) }))
    }
  }

  /// Nodes without CPUs or memory, a node that is not there, devices without a node, a CPU offline.
  @Test func `what is odd is placed as far as it can be, and back`() throws {
    let box = try PlacedBox(machine: "odd")
    box.run(("odd apply", box.appliedOdd), ("odd rollback", box.rolledBack))
  }
}

/// A box in which things are placed, and what each step must show.
private final class PlacedBox {
  private let box: LiveBox
  private let out: URL
  private static let left = "0000:61:00.0"
  private static let right = "0000:81:00.0"

  init(machine: String = "tinybox") throws {
    box = try LiveBox(machine: machine, persist: machine == "tinybox")
    out = box.share.appendingPathComponent("out")
    try FileManager.default.copyItem(
      at: Project.tests.appendingPathComponent("EndToEndTests/Guest/placement"),
      to: box.share.appendingPathComponent("placement"))
    try guest("prepare")
  }

  func run(_ steps: LiveBox.Step...) { LiveBox.perform(steps) { tell($0) } }

  // MARK: Steps

  func applied() throws {
    try guest("apply")
    let outcomes = try outcomes("apply.json")
    #expect(outcomes.count > 40 && Set(outcomes) == ["done"], "\(outcomes)")
    #expect(try status("apply.json") == 0)
    #expect(try changes("again.json").isEmpty)

    let vectors = try vectors("effective")
    let movable = vectors.filter { $0.isMovable }
    for vector in movable {
      #expect(vector.effective.isSubset(of: vector.cpus), "\(vector)")
    }
    let before = try self.vectors("effective-before").filter {
      $0.isMovable && !$0.effective.isSubset(of: $0.cpus)
    }
    // What cannot be moved is listed with its reason, and was never opened for writing.
    let fixed = Set(vectors.filter { !$0.isMovable }.map(\.number))
    var named: Set<Int> = []
    for entry in try array("plan.json", "leftAlone") {
      #expect((entry["reason"] as? String)?.isEmpty == false)
      if let list = entry["interrupts"] as? String {
        named.formUnion(NumberSet(list: list)?.numbers ?? [])
      }
    }
    #expect(fixed == named)
    let calls = try text("strace").split(separator: "\n")
    let opened = calls.filter { $0.contains("/proc/irq/") && $0.contains("O_WRONLY") }
    let touched = Set(
      opened.compactMap { $0.firstMatch(of: /\/proc\/irq\/([0-9]+)\//).flatMap { Int($0.1) } })
    #expect(!touched.isEmpty && touched.isDisjoint(with: fixed))
    let failed = calls.filter {
      ($0.contains("O_WRONLY") || $0.contains("write(") || $0.contains("write resumed"))
        && $0.contains(" = -1 ")
    }
    #expect(failed.isEmpty, "\(failed)")
    tell(
      "\(movable.count) movable interrupts of NICs, NVMe admin queues and GPUs, \(before.count) of",
      "them off their node before apply, \(movable.filter { !$0.effective.isSubset(of: $0.cpus) }.count)",
      "after; \(fixed.count) fixed ones listed, none of them written;",
      "\(touched.count) interrupts written, \(failed.count) failed writes")
  }

  func appliedOdd() throws {
    try guest("apply")
    let outcomes = try outcomes("apply.json")
    #expect(outcomes.count > 5 && Set(outcomes).isSubset(of: ["done", "pending"]), "\(outcomes)")
    #expect(try status("apply.json") == 0)
    #expect(try changes("again.json").isEmpty)
    for vector in try vectors("effective") where vector.isMovable && vector.number > 0 {
      // Node 3 has no CPU; the nearest that has is 0, whose CPU 3 is offline.
      let cpus = vector.address.hasPrefix("0000:4") ? "4-5" : "0-2"
      #expect(vector.set.isSubset(of: NumberSet(list: cpus) ?? NumberSet()), "\(vector)")
    }
    let unknown = try array("plan.json", "leftAlone").compactMap { $0["reason"] as? String }
    #expect(unknown.contains { $0.contains("its node is not known") })
    tell(
      "odd: \(outcomes.filter { $0 == "done" }.count) done,",
      "\(outcomes.filter { $0 == "pending" }.count) take effect with the next interrupt")
  }

  func underLoad() throws {
    try guest("load placed 6")
    // The interfaces are in networks of their own: that does not take them out of the plan.
    #expect(try changes("plan-placed.json").isEmpty)
    try guest("home")
    for share in try shares("placed") {
      #expect(share.all > 100)
      #expect(share.on == share.all, "\(share)")
      #expect(share.alone == share.all, "\(share)")
    }
    try tellLoad("placed")
  }

  func workloads() throws {
    try guest("workloads")
    for (name, node, address) in [
      ("left", 2, Self.left), ("right", 3, Self.right), ("placed", 3, nil), ("adopted", 1, nil),
    ] as [(String, Int, String?)] {
      let cpus = "\(2 * node)-\(2 * node + 1)"
      var facts: [String: String] = [:]
      for line in try text("allowed-\(name)").split(separator: "\n") {
        let parts = line.split(maxSplits: 1) { $0 == " " }
        facts[String(parts[0]), default: ""] += parts[1]
      }
      #expect(facts["Cpus_allowed_list:"] == cpus)
      #expect(facts["Mems_allowed_list:"] == "\(node)")
      #expect(facts["cpuset.cpus.effective:"] == cpus)
      #expect(facts["cpuset.mems.effective:"] == "\(node)")
      var bytes = 0
      for kind in ["anon", "shmem"] {
        for entry in (facts[kind] ?? "").split(separator: " ") {
          let parts = entry.split(separator: "=")
          if parts[0] == "N\(node)" {
            bytes += Int(parts[1]) ?? 0
          } else {
            #expect(parts[1] == "0", "\(name): \(kind) \(entry)")
          }
        }
      }
      #expect(bytes > (name == "adopted" ? 0 : 24 << 20))
      #expect(
        facts["numa_maps"]?.hasPrefix("N\(node)=") == true, "\(name) \(facts["numa_maps"] ?? "")")
      #expect(facts["numa_maps"]?.filter { $0 == "=" }.count == 1, "\(facts["numa_maps"] ?? "")")
      let vectors = try vectors("effective-workloads").filter { $0.address == address }
      #expect(address == nil || vectors.count == 9)
      for vector in vectors { #expect(vector.effective.isSubset(of: vector.cpus)) }
      tell(
        "\(name) on node \(node): CPUs \(cpus), memory \(bytes >> 20) MiB there and 0 elsewhere,",
        "\(vectors.count) interrupts of its NIC there")
    }
    #expect(try changes("plan-workloads.json").isEmpty)
    #expect(try changes("again-adopted.json").isEmpty)
    let local = try array("status-workloads.json", "containers")
    #expect(local.count == 2)
    for container in local {
      #expect(container["bytes"] as? Int == container["localBytes"] as? Int)
    }
  }

  func watched() throws {
    try guest("watch")
    let screen = try text("watch")
    #expect(screen.contains("interrupts since they were placed"))
    #expect(screen.contains("100 %"))
  }

  func rolledBack() throws {
    try guest("rollback")
    #expect(try status("rollback.json") == 0)
    let (before, after) = (try text("before"), try text("after"))
    #expect(before == after)
    #expect(try text("rollback-again.txt").contains("nothing to roll back"))
    tell(
      "rollback: \(before.split(separator: "\n").count) files and units compared,",
      "\(before == after ? 0 : 1) different;",
      "\(try outcomes("rollback.json").filter { $0 == "restored" }.count) restored")
  }

  func killed() throws {
    var points = ["apply:write:3", "apply:write:27", "apply:write:44", "apply:rename:2"]
    points += ["apply:clone3:40", "rollback:write:20"]
    if Project.isNightly {
      points += [1, 2, 9, 15, 21, 33, 39, 45].map { "apply:write:\($0)" }
      points += ["apply:fsync:1", "apply:fsync:3", "apply:rename:1", "apply:clone3:12"]
      points += ["apply:clone3:58", "rollback:write:1", "rollback:rename:1"]
    }
    try guest("kill " + points.joined(separator: " "))
    let counts = try text("kills").split(separator: " ").compactMap {
      Int($0.filter(\.isNumber))
    }
    tell(
      "SIGKILL at \(counts[0]) points of apply and rollback: \(counts[1]) killed,",
      "\(counts[2]) of them with values changed, \(counts[3]) not byte-exact after rollback")
    #expect(counts[0] == points.count && counts[1] >= counts[0] - 2)
    #expect(counts[2] > counts[0] / 2 - 1 && counts[3] == 0)
    #expect(try text("kill-left") == "placement.ledger\nplacement.lock\n")
  }

  func besideIrqbalance() throws {
    try guest("irqbalance 6")
    try guest("home")
    try tellLoad("balanced")
    try guest("banned")
    let told = try array("apply-banned.json", "results").filter {
      (($0["change"] as? [String: Any])?["knob"] as? [String: Any])?["kind"] as? String
        == "irqbalance"
    }
    #expect(told.compactMap { $0["outcome"] as? String } == ["done"])
    let drifted = try array("status-banned.json", "drifted")
    #expect(drifted.isEmpty, "\(drifted)")
    #expect(try status("rollback-banned.json") == 0)
  }

  func unplugged() throws {
    try guest("slow > /dev/null 2>&1 &")
    try guest("hold")
    for id in ["nvme3", "igb1"] {
      try box.request(
        #"{"execute":"device_del","arguments":{"id":"\#(id)"}}"#, seconds: id == "igb1" ? 10 : 0)
    }
    try guest("go_on")
    try box.shell(
      "for i in $(seq 120); do [ -e \(guestOut)/apply-slow.json.rc ] && break; sleep 0.5; done")
    let slow = try outcomes("apply-slow.json")
    #expect(slow.contains("gone"), "\(slow)")
    let others = try array("apply-slow.json", "results").filter { result in
      !["done", "gone"].contains(result["outcome"] as? String ?? "")
    }
    #expect(others.isEmpty, "\(others)")
    #expect(try status("apply-slow.json") == 0)

    try guest("unplugged")
    let there = try text("devices-unplugged")
    #expect(!there.contains(Self.right) && !there.contains("0000:82:00.0"))
    for file in ["status-unplugged.json", "apply-unplugged.json", "again-unplugged.json"] {
      #expect(try status(file) == 0)
    }
    #expect(try changes("again-unplugged.json").isEmpty)

    try box.request(
      #"{"execute":"device_add","arguments":{"driver":"nvme","id":"nvme3","bus":"rp31","drive":"disk-nvme3","serial":"NEW","max_ioqpairs":2}}"#
    )
    try box.request(
      #"{"execute":"device_add","arguments":{"driver":"igb","id":"igb1","bus":"rp30","netdev":"cable1","mac":"52:54:00:74:62:03"}}"#
    )
    try guest("replugged")
    let placed = try changes("plan-replugged.json").compactMap { $0["device"] as? String }
    #expect(Set(placed).isSuperset(of: [Self.right, "0000:82:00.0"]))
    #expect(Set(try outcomes("apply-replugged.json")) == ["done"])
    #expect(try changes("again-replugged.json").isEmpty)
    let back = try vectors("effective-replugged").filter {
      [Self.right, "0000:82:00.0"].contains($0.address) && $0.isMovable
    }
    #expect(back.count == 10)
    for vector in back { #expect(vector.effective.isSubset(of: vector.cpus), "\(vector)") }
    #expect(try status("rollback-replugged.json") == 0)
    // A device that came back is another one: of the rest every byte is as before.
    func rest(_ file: String) throws -> [Substring] {
      try text(file).split(separator: "\n").filter {
        !$0.contains(Self.right) && !$0.contains("0000:82:00.0")
      }
    }
    #expect(try rest("before-hotplug") == rest("after-hotplug"))
    tell(
      "unplugged during apply: \(slow.filter { $0 == "gone" }.count) of \(slow.count) changes told as gone,",
      "no error; back again: \(back.count) interrupts placed in",
      "\(try text("replugged-ms").trimmingCharacters(in: .whitespacesAndNewlines)) ms")
  }

  func badInput() throws {
    try guest("bad")
    for (file, status, says) in [
      ("bad-unknown", 1, "no such key"), ("bad-missing", 1, "there is no CPU 64"),
      ("bad-contradiction", 1, "nothing is left for its devices"),
      ("bad-user", 77, "only root may"),
      ("no-ledger", 1, "Read-only file system"), ("damaged-apply", 1, "its checksum differs"),
      ("damaged-rollback", 1, "nothing was changed"), ("damaged-status", 1, "its checksum differs"),
      ("empty-rollback", 1, "cannot read the ledger"),
    ] {
      #expect(try self.status(file) == status, "\(file)")
      let complaint = try text(file + ".err")
      #expect(complaint.contains(says), "\(file): \(complaint)")
    }
    #expect(try text("bad-unknown.err").contains("did you mean 'housekeeping'?"))
    #expect(try text("bad-unknown.err").contains("unknown.toml:4: placement.nic.interupts"))
    // Each knob tells that it could not be written; what could be was put back.
    let refused = try array("read-only.json", "results").filter {
      (($0["change"] as? [String: Any])?["knob"] as? [String: Any])?["path"] as? String != nil
        && ($0["reason"] as? String ?? "").contains("Read-only")
    }
    #expect(try status("read-only.json") == 1 && refused.count > 10)
    #expect(try text("both.rc") == "0 1\n" || text("both.rc") == "1 0\n")
    #expect(
      (try text("both-1") + text("both-2")).contains("another tinybox is doing it at this moment"))
    #expect(try text("other-boot-rollback").contains("nothing to roll back"))
    let same = [
      "bad-same", "read-only-same", "no-ledger-same", "damaged-same", "bad-rollback-same",
    ]
    for file in same { #expect(try text(file) == "0\n", "\(file)") }
    tell(
      "bad input: a clear error each; \(refused.count) knobs refused on read-only files")
  }

  func powerCut(_ write: Int) throws {
    try guest("stall \(write)")
    #expect(try text("boot-1") != text("stalled"))
    try box.powerCut()
    try guest("after_cut")
    #expect(try text("cut-rollback.txt").contains("nothing to roll back"))
    let status = try json("cut-status.json")
    #expect(status["ledger"] as? String == "otherBoot")
    #expect(status["isComplete"] as? Bool == false)
    #expect(try text("boot-2") == text("boot-2-rolled-back"))
    #expect(try text("boot-2").contains("/proc/sys/kernel/numa_balancing:1"))
    #expect(Set(try outcomes("cut-apply.json")) == ["done"])
    #expect(try changes("cut-again.json").isEmpty)
    tell("power cut in the middle of apply: ledger whole, of another boot, nothing to roll back")
  }

  // MARK: What the guest answers

  private let guestOut = "/run/vbox/out"

  private func guest(_ step: String) throws {
    try box.shell("bash /run/vbox/placement \(step)")
  }

  private func tell(_ words: String...) {
    print("placement:", words.joined(separator: " "))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: out.appendingPathComponent(name), encoding: .utf8)
  }

  private func status(_ name: String) throws -> Int {
    Int(try text(name + ".rc").trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
  }

  private func json(_ name: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(try text(name).utf8))
    return object as? [String: Any] ?? [:]
  }

  private func array(_ name: String, _ key: String) throws -> [[String: Any]] {
    try json(name)[key] as? [[String: Any]] ?? []
  }

  private func outcomes(_ name: String) throws -> [String] {
    try array(name, "results").compactMap { $0["outcome"] as? String }
  }

  private func changes(_ name: String) throws -> [[String: Any]] {
    try array(name, "changes")
  }

  /// An interrupt of a NIC, a drive or a GPU whose node is known.
  private struct Vector {
    var number: Int
    var isMovable: Bool
    var address: String
    var cpus: NumberSet
    var set: NumberSet
    var effective: NumberSet
    var handler: String
  }

  private func vectors(_ file: String) throws -> [Vector] {
    try text(file).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ", maxSplits: 7).map(String.init)
      guard fields.count == 8, let number = Int(fields[0]), let node = Int(fields[4]), node >= 0,
        ["0x02", "0x03", "0x0108"].contains(where: fields[3].hasPrefix),
        let set = NumberSet(list: fields[5]), let effective = NumberSet(list: fields[6])
      else { return nil }
      return Vector(
        number: number, isMovable: fields[1] == "644", address: fields[2],
        cpus: NumberSet(range: (2 * node)...(2 * node + 1)), set: set, effective: effective,
        handler: fields[7])
    }
  }

  /// Interrupts of the cabled NICs that came under a load.
  private func shares(_ load: String) throws -> [InterruptShare] {
    try [("left", 4...5), ("right", 6...7)].map { side, cpus in
      try InterruptShare(
        of: try text(side).trimmingCharacters(in: .whitespacesAndNewlines),
        from: try text("interrupts-\(load)-1"), to: try text("interrupts-\(load)-2"), cpus: cpus)
    }
  }

  private func tellLoad(_ load: String) throws {
    let iperf = try json("iperf-\(load).json")["end"] as? [String: Any]
    let bits = (iperf?["sum_received"] as? [String: Any])?["bits_per_second"] as? Double ?? 0
    #expect(bits > 0)
    let reads = Int(try text("fio-\(load)").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    #expect(reads > 100)
    for share in try shares(load) {
      tell(
        "\(load) \(share.name): \(share.on) of \(share.all) interrupts on its node",
        "(\(100 * share.on / max(share.all, 1)) %), \(100 * share.alone / max(share.all, 1)) % on one CPU a queue"
      )
    }
    tell("\(load): \(Int(bits / 1e6)) Mbit/s between the NICs, \(reads) reads of the drives")
  }
}

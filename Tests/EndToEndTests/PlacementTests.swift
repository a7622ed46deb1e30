import Foundation
import Inventory
import KernelTree
import TestSupport
import Testing

/// Placement in a running virtual box: a real kernel, real interrupts, real systemd and podman.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct PlacementTests {
  static let boxes = ["tinybox", "odd"]

  private func box(_ profile: String) throws -> VirtualBox {
    try (profile == "odd" ? VirtualBox.oddPlacement : VirtualBox.placement).get()
  }

  private func results(_ box: VirtualBox, _ file: String) throws -> [[String: Any]] {
    (try box.json(file) as? [String: Any])?["results"] as? [[String: Any]] ?? []
  }

  private func changes(_ box: VirtualBox, _ file: String) throws -> [[String: Any]] {
    (try box.json(file) as? [String: Any])?["changes"] as? [[String: Any]] ?? []
  }

  @Test(arguments: boxes) func `every change is made, and none is left`(profile: String) throws {
    let box = try box(profile)
    for file in ["plan.json", "plan.txt", "apply.json", "again.json", "status.json"] {
      let complaint = try box.text(file + ".err")
      #expect(try box.status(file) == 0, "\(file): \(complaint)")
    }
    let outcomes = try results(box, "apply.json").compactMap { $0["outcome"] as? String }
    #expect(outcomes.count >= 5)
    #expect(outcomes.allSatisfy { ["done", "pending"].contains($0) }, "\(outcomes)")
    #expect(try changes(box, "again.json").isEmpty)
    #expect(try box.status("user-apply") == 77)
  }

  /// After traffic, where each movable interrupt of each placed device is delivered.
  @Test(arguments: boxes) func `movable interrupts are delivered on their node`(
    profile: String
  ) throws {
    let box = try box(profile)
    let inventory = try JSONDecoder().decode(
      Inventory.self, from: Data(try box.text("devices.json").utf8))
    let nodes = inventory.memory.cpusByNode
    let devices = Set(
      inventory.nics.compactMap(\.address) + inventory.nvme.compactMap(\.address)
        + inventory.gpus.map(\.address))
    var checked = 0
    for interrupt in inventory.interrupts where interrupt.mobility == .movable {
      guard let device = interrupt.device, devices.contains(device), let node = interrupt.numaNode,
        let cpus = nodes[node], !cpus.isEmpty, !interrupt.actions.isEmpty,
        // One that never comes keeps its place until it does.
        interrupt.total > 0
      else { continue }
      #expect(
        interrupt.affinity?.isSubset(of: cpus) == true, "\(interrupt.number) \(interrupt.actions)")
      // Control vectors may not have come since; the others have had traffic.
      if interrupt.role == .admin || profile == "tinybox" && interrupt.role == .queue {
        #expect(
          interrupt.effectiveAffinity?.isSubset(of: cpus) == true,
          "\(interrupt.number) \(interrupt.actions)")
      }
      checked += 1
    }
    #expect(checked >= 3)
  }

  @Test(arguments: boxes) func `what cannot be moved is named and was never written`(
    profile: String
  ) throws {
    let box = try box(profile)
    let left =
      (try box.json("plan.json") as? [String: Any])?["leftAlone"] as? [[String: Any]] ?? []
    var named = NumberSet()
    for entry in left {
      if let list = entry["interrupts"] as? String, let set = NumberSet(list: list) {
        named.formUnion(set)
      }
    }
    let lines = try box.text("effective").split(separator: "\n").map { $0.split(separator: " ") }
    for line in lines where line[1] == "444" && line.last?.hasPrefix("nvme") == true {
      #expect(named.contains(Int(line[0]) ?? -1), "\(line)")
    }
    guard let strace = try? box.text("strace") else { return }
    let writes = strace.split(separator: "\n").filter {
      $0.contains("write(") && $0.contains("/proc/irq/")
    }
    #expect(!writes.isEmpty)
    #expect(!writes.contains { $0.contains(" = -1 ") })
  }

  /// Interrupts of a device that came between two readings, on its node and in all.
  private func share(
    _ box: VirtualBox, _ from: String, _ to: String, _ prefix: String, _ cpus: Set<Int>
  ) throws -> (on: Int, all: Int) {
    func counts(_ file: String) throws -> [String: [Int: Int]] {
      let lines = try box.text(file).split(separator: "\n")
      let header = lines[0].split(separator: " ").compactMap { Int($0.dropFirst(3)) }
      var counts: [String: [Int: Int]] = [:]
      for line in lines.dropFirst() {
        let fields = line.split(separator: " ")
        guard let name = fields.last, fields.count > header.count else { continue }
        for (index, cpu) in header.enumerated() {
          counts[String(name), default: [:]][cpu] = Int(fields[index + 1]) ?? 0
        }
      }
      return counts
    }
    let (before, after) = (try counts(from), try counts(to))
    var (on, all) = (0, 0)
    for (name, columns) in after where name.hasPrefix(prefix) {
      for (cpu, count) in columns {
        let more = count - (before[name]?[cpu] ?? 0)
        all += more
        if cpus.contains(cpu) { on += more }
      }
    }
    return (on, all)
  }

  @Test func `under load all interrupts of the placed NICs land on their node`() throws {
    let box = try box("tinybox")
    let inventory = try JSONDecoder().decode(
      Inventory.self, from: Data(try box.text("devices.json").utf8))
    for address in ["0000:61:00.0", "0000:81:00.0"] {
      let nic = try #require(inventory.nics.first { $0.address?.description == address })
      let cpus = Set(inventory.memory.cpusByNode[try #require(nic.numaNode)]?.numbers ?? [])
      let placed = try share(
        box, "interrupts-placed-1", "interrupts-placed-2", nic.name + "-", cpus)
      #expect(placed.all > 100)
      #expect(placed.on == placed.all, "\(nic.name): \(placed)")
      guard (try? box.text("interrupts-balanced-2")) != nil else { continue }
      let balanced = try share(
        box, "interrupts-balanced-1", "interrupts-balanced-2", nic.name + "-", cpus)
      print(
        "\(nic.name): on its node \(placed.on) of \(placed.all) placed,",
        "\(balanced.on) of \(balanced.all) under irqbalance")
    }
  }

  @Test func `containers and a service stay on the node of their slice`() throws {
    let box = try box("tinybox")
    for (node, cpus) in [(0, "0-1"), (1, "2-3"), (2, "4-5"), (3, "6-7")] {
      let allowed = try box.text("allowed-n\(node)")
      #expect(allowed.contains("Cpus_allowed_list:\t\(cpus)\n"), "\(allowed)")
      #expect(allowed.contains("Mems_allowed_list:\t\(node)\n"))
      #expect(try box.text("cpus-n\(node)") == "\(cpus)\n")
      #expect(try box.text("mems-n\(node)") == "\(node)\n")
    }
    #expect(try box.text("allowed-service").contains("Cpus_allowed_list:\t2-3\n"))
  }

  @Test(arguments: boxes) func `unplugged devices are no error, replugged ones are placed`(
    profile: String
  ) throws {
    let box = try box(profile)
    #expect(try box.status("apply-unplugged.json") == 0)
    #expect(try box.status("apply-replugged.json") == 0)
    #expect(try !changes(box, "plan-replugged.json").isEmpty)
    #expect(try changes(box, "again-replugged.json").isEmpty)
  }

  @Test(arguments: boxes) func `rollback is byte exact, also after SIGKILL`(
    profile: String
  ) throws {
    let box = try box(profile)
    #expect(try box.status("rollback.json") == 0)
    #expect(try box.text("before") == box.text("after"))
    #expect(try box.text("rollback-again.txt").contains("nothing to roll back"))
    let kills = try box.text("kills").split(separator: " ").compactMap {
      Int($0.filter(\.isNumber))
    }
    print("SIGKILL during apply in \(profile): tried \(kills[0]), different \(kills[1])")
    #expect(kills[0] > 20 && kills[1] == 0)
  }

  @Test(arguments: boxes) func `bad circumstances give a clear error and change nothing`(
    profile: String
  ) throws {
    let box = try box(profile)
    let both = try box.text("both-1") + box.text("both-2")
    // The first may have ended before the second began.
    if try box.text("both.rc") != "0 0\n" {
      #expect(both.contains("another tinybox is doing it at this moment"))
    }
    for file in ["damaged-apply", "damaged-rollback"] {
      #expect(try box.status(file) == 1)
      #expect(try box.text(file + ".err").contains("ledger"))
    }
    #expect(try box.text("damaged-same") == "0\n")
    let outcomes = try results(box, "read-only.json").filter {
      (($0["change"] as? [String: Any])?["knob"] as? [String: Any])?["kind"] as? String
        == "interrupt"
    }.compactMap { $0["outcome"] as? String }
    #expect(!outcomes.isEmpty && outcomes.allSatisfy { $0 == "refused" }, "\(outcomes)")
  }

  @Test func `irqbalance leaves alone what it was told to`() throws {
    let box = try box("tinybox")
    guard (try? box.text("status-balanced.json")) != nil else { return }
    let results = try results(box, "apply-balanced.json")
    #expect(
      results.contains {
        (($0["change"] as? [String: Any])?["knob"] as? [String: Any])?["kind"] as? String
          == "irqbalance" && $0["outcome"] as? String == "done"
      })
    let status = try box.json("status-balanced.json") as? [String: Any]
    #expect((status?["drifted"] as? [Any])?.isEmpty == true, "\(status?["drifted"] ?? "")")
  }
}

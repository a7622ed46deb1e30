import Base
import Configuration
import Inventory
import KernelTree
import TestMachines
import Testing

@testable import Placement

@Suite struct PolicyTests {
  /// The policy of some files below `/etc/tinybox`.
  static func read(_ files: [(String, String)]) throws -> Policy {
    var builder = MemoryTreeBuilder()
    for (name, text) in files { builder.file("/etc/tinybox/" + name, text) }
    return try PolicyFiles.read(builder.tree())
  }

  static func policy(_ text: String) throws -> Policy { try read([("tinybox.toml", text)]) }

  private func problems(_ files: [(String, String)]) -> [String] {
    do {
      _ = try PolicyTests.read(files)
      return []
    } catch let failure as ConfigurationFailure {
      return failure.problems.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  private func problems(_ text: String) -> [String] { problems([("tinybox.toml", text)]) }

  @Test func `no file at all is the defaults`() throws {
    let policy = try PolicyFiles.read(MemoryTreeBuilder().tree())
    #expect(policy == Policy())
    #expect(policy.adoption == [.label])
    #expect(policy.slices == .nodes)
  }

  @Test func `every key is understood`() throws {
    let policy = try PolicyTests.policy(
      """
      [placement]
      housekeeping = "0-1"
      siblings = "never"
      slices = "none"
      irqbalance = "leave"
      [placement.nic]
      interrupts = "spread"
      queues = "fit"
      allow-link-reset = true
      steering = "leave"
      [placement.nvme]
      interrupts = "one-core"
      [placement.gpu]
      interrupts = "leave"
      power-cap = 280
      [placement.device."0000:21:00.0"]
      interrupts = "reserved"
      cpus = "8-11"
      node = 1
      [placement.device.eth1]
      queues = 4
      [placement.system]
      numa-balancing = 0
      zone-reclaim = 1
      transparent-hugepages = "always"
      governor = "performance"
      [placement.service."ollama.service"]
      device = "eth0"
      [placement.containers]
      adopt = ["label", "gpu"]
      """)
    #expect(policy.housekeeping?.value.description == "0-1")
    #expect(policy.housekeeping?.position?.line == 2)
    #expect(policy.siblings == .never)
    #expect(policy.slices == .none)
    #expect(policy.irqbalance == .leave)
    #expect(policy.classes[.nic]?.queues?.value == .fit)
    #expect(policy.classes[.nic]?.allowLinkReset?.value == true)
    #expect(policy.classes[.nvme]?.interrupts?.value == .oneCore)
    #expect(policy.classes[.gpu]?.powerCap?.value == 280)
    #expect(policy.devices.map(\.selector) == ["0000:21:00.0", "eth1"])
    #expect(policy.devices[0].rule.node?.value == 1)
    #expect(policy.devices[1].rule.queues?.value == .exactly(4))
    #expect(policy.system.governor?.value == "performance")
    #expect(policy.system.numaBalancing?.value == 0)
    #expect(policy.services.first?.device?.value == "eth0")
    #expect(policy.adoption == [.label, .gpu])
  }

  @Test func `later files win key by key`() throws {
    let policy = try PolicyTests.read([
      ("tinybox.toml", "[placement.nic]\ninterrupts = \"one-core\"\nqueues = \"fit\""),
      ("tinybox.toml.d/10-a.toml", "[placement.nic]\nqueues = \"keep\""),
      ("tinybox.toml.d/20-b.toml", "placement.nic.queues = 8"),
      ("tinybox.toml.d/30-c.conf", "this is no TOML"),
    ])
    #expect(policy.classes[.nic]?.interrupts?.value == .oneCore)
    #expect(policy.classes[.nic]?.queues?.value == .exactly(8))
    #expect(policy.classes[.nic]?.queues?.position?.file == "/etc/tinybox/tinybox.toml.d/20-b.toml")
  }

  @Test func `a rule may be spread over files`() throws {
    let policy = try PolicyTests.read([
      ("tinybox.toml", "[placement.device.eth0]\ninterrupts = \"reserved\""),
      ("tinybox.toml.d/a.toml", "[placement.device.eth0]\ncpus = \"4-7\""),
    ])
    #expect(policy.devices.first?.rule.cpus?.value.description == "4-7")
  }

  @Test(arguments: [
    ("plcement = 1", "2: plcement: no such key; did you mean 'placement'?"),
    (
      "[placement.nic]\ninterupts = 1",
      "3: placement.nic.interupts: no such key; did you mean 'interrupts'?"
    ),
    (
      "[placement.nvme]\nqueues = 3",
      "3: placement.nvme.queues: no such key; known are interrupts, cpus"
    ),
    (
      "[placement.nic]\nnode = 3",
      "3: placement.nic.node: no such key; known are interrupts, cpus, queues, allow-link-reset, steering"
    ),
    ("placement = 1", "2: placement: expected a table, found the number 1"),
    (
      "[placement]\nhousekeeping = 1",
      "3: placement.housekeeping: expected a string, found the number 1"
    ),
    (
      "[placement]\nhousekeeping = \"3-1\"",
      "3: placement.housekeeping: '3-1' is no list of CPUs such as 0-3,8"
    ),
    (
      "[placement.nic]\ninterrupts = \"spred\"",
      "3: placement.nic.interrupts: 'spred' is not one of spread, one-core, reserved, leave; did you mean 'spread'?"
    ),
    (
      "[placement.nic]\ninterrupts = \"reserved\"",
      "3: placement.nic.interrupts: reserved needs the list of CPUs, 'cpus'"
    ),
    (
      "[placement.nic]\ncpus = \"1\"",
      "3: placement.nic.cpus: has no effect without interrupts = \"reserved\""
    ),
    (
      "[placement.nic]\ninterrupts = \"leave\"\nqueues = \"fit\"",
      "4: placement.nic.queues: contradicts interrupts = \"leave\": a new queue count makes new interrupts"
    ),
    (
      "[placement.nic]\nqueues = 0",
      "3: placement.nic.queues: expected \"keep\", \"fit\" or a number, found the number 0"
    ),
    (
      "[placement.system]\nnuma-balancing = 9",
      "3: placement.system.numa-balancing: expected a number from 0 to 3, found the number 9"
    ),
    (
      "[placement.service.\"x\"]\nnode = 1",
      "2: placement.service.x: not the name of a service: it ends in .service"
    ),
    (
      "[placement.service.\"x.service\"]",
      "2: placement.service.\"x.service\": needs either 'node' or 'device'"
    ),
    (
      "[placement.containers]\nadopt = \"label\"",
      "3: placement.containers.adopt: expected a list of \"label\" and \"gpu\", found a string"
    ),
  ])
  func `mistakes name file, line and key`(text: String, message: String) {
    #expect(problems("# first\n" + text) == ["/etc/tinybox/tinybox.toml:" + message])
  }

  @Test func `all mistakes are told, also those a later file hides`() {
    let found = problems([
      ("tinybox.toml", "[placement.nic]\nqueues = false\ninterrupt = 1"),
      ("tinybox.toml.d/a.toml", "[placement.nic]\nqueues = 4\n[placement.gpu]\nx = 1"),
      ("tinybox.toml.d/b.toml", "x ="),
    ])
    #expect(found.count == 4, "\(found)")
    #expect(found.contains { $0.contains("tinybox.toml:2: placement.nic.queues") })
    #expect(found.contains { $0.contains("did you mean 'interrupts'?") })
    #expect(found.contains { $0.contains("a.toml:4: placement.gpu.x") })
    #expect(found.contains { $0.contains("b.toml:1: expected a value") })
  }

  @Test func `a file that may not be read is a problem, one that is missing is none`() {
    var builder = MemoryTreeBuilder()
    builder.set("/etc/tinybox/tinybox.toml", .failing(.permissionDenied, kind: .file))
    #expect(throws: ConfigurationFailure.self) { try PolicyFiles.read(builder.tree()) }
    builder = MemoryTreeBuilder()
    builder.set("/etc/tinybox/tinybox.toml.d", .failing(.permissionDenied, kind: .directory))
    #expect(throws: ConfigurationFailure.self) { try PolicyFiles.read(builder.tree()) }
  }

  /// What is wrong with the files of a tree.
  private func wrong(_ build: (inout MemoryTreeBuilder) -> Void) -> [String] {
    var builder = MemoryTreeBuilder()
    build(&builder)
    do throws(ConfigurationFailure) {
      _ = try PolicyFiles.read(builder.tree())
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func `only a name that is not there is missing`() {
    let etc = "/etc/tinybox"
    let main = etc + "/tinybox.toml"
    let folder = etc + "/tinybox.toml.d"
    #expect(wrong { $0.directory(etc) } == [])
    #expect(
      wrong { $0.link(main, to: "/srv/gone.toml") }
        == ["\(main): the link leads nowhere: /srv/gone.toml"])
    #expect(
      wrong { $0.link(folder + "/x.toml", to: "gone") }
        == ["\(folder)/x.toml: the link leads nowhere: gone"])
    #expect(wrong { $0.link(folder, to: "gone") } == ["\(folder): the link leads nowhere: gone"])
    #expect(wrong { $0.link(etc, to: "gone") } == ["\(etc): the link leads nowhere: gone"])
    #expect(wrong { $0.directory(main) } == ["\(main): is a directory"])
    #expect(wrong { $0.directory(folder + "/x.toml") } == ["\(folder)/x.toml: is a directory"])
    #expect(
      wrong {
        $0.directory("/srv/a")
        $0.link(main, to: "/srv/a")
      } == ["\(main): is a directory"])
    #expect(wrong { $0.file(folder, "") } == ["\(folder): is no folder"])
    #expect(wrong { $0.file(etc, "") } == ["\(etc): is no folder"])
    #expect(
      wrong {
        $0.file("/srv/a", "")
        $0.link(folder, to: "/srv/a")
      } == ["\(folder): is no folder"])
    // Masked, as files in such folders are: a recording does not hold what that leads to.
    #expect(wrong { $0.link(folder + "/x.toml", to: "/dev/null") } == [])
  }

  @Test func `what cannot be on this machine is named`() throws {
    let policy = try PolicyTests.policy(
      """
      [placement]
      housekeeping = "0-3,99"
      [placement.device.eth0]
      interrupts = "reserved"
      cpus = "2,40"
      node = 7
      [placement.device."0000:01:00.0"]
      interrupts = "leave"
      [placement.service."a.service"]
      node = 8
      """)
    let found = policy.problems(on: MadeUp.twoNodes).map(\.description)
    let file = "/etc/tinybox/tinybox.toml:"
    #expect(
      found == [
        file + "2: placement.housekeeping: there is no CPU 99: this machine has 0-7",
        file
          + "2: placement.housekeeping: takes every CPU of node 0: nothing is left for its devices",
        file + "5: placement.device.\"eth0\".cpus: there is no CPU 40: this machine has 0-7",
        file
          + "5: placement.device.\"eth0\".cpus: CPU 2 is kept for housekeeping at \(file)2",
        file + "6: placement.device.\"eth0\".node: there is no node 7: this machine has 0-1",
        file + "10: placement.service.\"a.service\".node: there is no node 8: this machine has 0-1",
        file
          + "3: placement.device.\"eth0\": contradicts \(file)7: '0000:01:00.0' is the same device, "
          + "0000:01:00.0",
      ], "\(found.joined(separator: "\n"))")
  }
}

import Base
import Foundation
import Health
import Inventory
import TestSupport
import Testing

/// `tinyboxctl devices --json` against lspci, numactl, lstopo, nvme, ethtool and the kernel's own
/// files, fact by fact, in a running virtual box.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct AgreementTests {
  let box: VirtualBox
  let inventory: Inventory

  init() throws {
    box = try VirtualBox.tinybox.get()
    inventory = try box.inventory()
  }

  @Test func commandsSucceedWithoutComplaint() throws {
    for name in [
      "devices.json", "status.txt", "devices.txt", "topology.txt", "topology.svg",
      "interrupts.txt", "capture", "capture-redacted", "user.json", "replay-here.json",
    ] {
      try #require(box.status(name) == 0, "\(name) failed")
      #expect(try box.text(name + ".err") == "", "\(name) complains")
    }
  }

  @Test func everyFunctionAgreesWithLspci() throws {
    let lspci = LspciFunction.parse(try box.text("lspci"))
    #expect(Set(inventory.pci.map(\.address.description)) == Set(lspci.keys))
    var compared = 0
    for function in inventory.pci {
      let theirs = try #require(lspci[function.address.description])
      let name = function.address.description
      let identity = function.identity
      #expect(identity.classCode.map { hex($0 >> 8, 4) } == theirs.classCode, "\(name) class")
      let ids = [identity.vendorID, identity.deviceID].map { $0.map { hex(UInt32($0), 4) } ?? "?" }
      #expect(ids.joined(separator: ":") == theirs.vendorDevice, "\(name) ids")
      #expect(function.driver == theirs.value("Kernel driver in use:"), "\(name) driver")
      #expect(
        function.iommuGroup.map(String.init) == theirs.value("IOMMU group:"), "\(name) group")
      // lspci shows the node only where the kernel has one; we may infer it, and say so.
      if function.locality.evidence == .own {
        #expect(
          function.locality.numaNode.map(String.init) == theirs.value("NUMA node:"), "\(name)")
      } else {
        #expect(theirs.value("NUMA node:") == nil, "\(name) node")
      }
      let ours = Dictionary(
        uniqueKeysWithValues: function.bars.filter { $0.index < 6 && $0.isAssigned }
          .map { ($0.index, $0.sizeBytes) })
      #expect(ours == theirs.regions, "\(name) regions")
      compareLink(function, theirs)
      compareControl(function, theirs)
      compared += 1
    }
    #expect(compared >= 30)
  }

  private func compareLink(_ function: PCIFunction, _ theirs: LspciFunction) {
    let name = function.address.description
    for (register, rate) in [
      ("LnkCap:", function.express?.linkCapability), ("LnkSta:", function.express?.linkStatus),
    ] {
      let expected = theirs.rate(register)
      #expect(rate?.gigatransfersPerSecond == expected?.speed, "\(name) \(register) speed")
      #expect(rate?.width == expected?.width, "\(name) \(register) width")
    }
  }

  private func compareControl(_ function: PCIFunction, _ theirs: LspciFunction) {
    let name = function.address.description
    let hasExpress = theirs.lines.contains { $0.contains("] Express (v") }
    #expect((function.express != nil) == hasExpress, "\(name) Express capability")
    if let express = function.express,
      let control = theirs.lines.firstIndex(where: { $0.hasPrefix("DevCtl:") })
    {
      let text = theirs.lines[control..<min(control + 4, theirs.lines.count)].joined(separator: " ")
      let sizes = text.firstMatch(of: /MaxPayload ([0-9]+) bytes, MaxReadReq ([0-9]+) bytes/)
      #expect(sizes.flatMap { Int($0.1) } == express.maxPayloadBytes, "\(name) MPS")
      #expect(sizes.flatMap { Int($0.2) } == express.maxReadRequestBytes, "\(name) MRRS")
      #expect(text.contains("RlxdOrd+") == express.relaxedOrdering, "\(name) relaxed ordering")
      #expect(text.contains("ExtTag+") == express.extendedTag, "\(name) extended tag")
    }
    #expect(function.acs?.enabled == theirs.flagsOn("ACSCtl:"), "\(name) ACS")
    #expect((function.acs == nil) == (theirs.value("ACSCtl:") == nil), "\(name) ACS capability")
    let msix = theirs.lines.compactMap { $0.firstMatch(of: /MSI-X: Enable[+-] Count=([0-9]+)/)?.1 }
      .first
    if let msix { #expect(function.vectors?.possible == Int(msix), "\(name) MSI-X vectors") }
  }

  /// QEMU trains a link to what the device below can do: the one port made for more is found, with
  /// the end that limits it. lspci shows the same numbers, a function at a time.
  @Test func theOneLinkBelowItsPortIsNamedWithTheEndThatLimitsIt() throws {
    var below: [PCIeHop] = []
    for function in inventory.pci {
      for hop in function.path?.hops ?? [] {
        guard let port = hop.portMaximum, let current = hop.current else { continue }
        if port.bytesPerSecond > current.bytesPerSecond { below.append(hop) }
      }
    }
    #expect(below.map(\.port.description) == ["0000:20:01.0"])
    let hop = try #require(below.first)
    #expect(hop.device.description == "0000:22:00.0")
    #expect(hop.current == PCIeRate(gigatransfersPerSecond: 2.5, width: 1))
    #expect(hop.portMaximum == PCIeRate(gigatransfersPerSecond: 8, width: 4))
    #expect(hop.limitedBy == .device)
    let path = try #require(
      inventory.pci.first { $0.address.description == "0000:22:00.0" }?.path)
    #expect(path.bottleneck == 0 && path.isDegraded == false)
    let tree = try box.text("topology.txt")
    #expect(tree.contains("port can do PCIe 3.0 x4"), "\(tree)")
    let page = try run(
      Project.tinyboxctl,
      [
        "devices", "22:00.0", "--sysroot",
        box.folder.appendingPathComponent("out/full.tar.zst").path,
      ])
    #expect(page.output.contains("0000:20:01.0 can do 8 GT/s x4"), "\(page.output)")
  }

  @Test func nodesAgreeWithNumactl() throws {
    let text = try box.text("numactl")
    for node in inventory.memory.nodes {
      let cpus = text.firstMatch(
        of: try Regex<(Substring, Substring)>("node \(node.id) cpus:([0-9 ]*)"))
      let numbers = try #require(cpus).1.split(separator: " ").compactMap { Int($0) }
      #expect(node.cpus?.numbers == numbers)
      let size = text.firstMatch(
        of: try Regex<(Substring, Substring)>("node \(node.id) size: ([0-9]+) MB"))
      #expect(node.totalBytes.map { $0 >> 20 } == size.flatMap { Int($0.1) })
      let row = text.firstMatch(
        of: try Regex<(Substring, Substring)>("(?m)^ +\(node.id): +([0-9 ]+)$"))
      #expect(
        node.distances.map(\.value) == row?.1.split(separator: " ").compactMap { Int($0) })
    }
    #expect(text.contains("available: \(inventory.memory.nodes.count) nodes"))
  }

  @Test func devicesAgreeWithLstopo() throws {
    let xml = try box.text("lstopo.xml")
    var node = [String: UInt64]()
    for match in xml.matches(of: /type="NUMANode" os_index="([0-9]+)".*?local_memory="([0-9]+)"/) {
      node[String(match.1)] = UInt64(match.2)
    }
    for ours in inventory.memory.nodes {
      #expect(ours.totalBytes.map(UInt64.init) == node["\(ours.id)"], "node \(ours.id)")
    }
    #expect(node.count == inventory.memory.nodes.count)
    let seen = Set(
      xml.matches(of: /type="(?:PCIDev|Bridge)"[^>]*pci_busid="([0-9a-f:.]+)"/).map { String($0.1) }
    )
    let known = Set(inventory.pci.map(\.address.description))
    #expect(seen.isSubset(of: known))
    #expect(!seen.isEmpty)
    let cores = xml.matches(of: /type="Core"/).count
    #expect(inventory.processors.cores.count == cores)
  }

  @Test func drivesAgreeWithNvmeCli() throws {
    let devices = try #require(
      (try box.json("nvme.json") as? [String: Any])?["Devices"] as? [[String: Any]])
    var seen = 0
    for subsystem in devices.flatMap({ $0["Subsystems"] as? [[String: Any]] ?? [] }) {
      let spaces = subsystem["Namespaces"] as? [[String: Any]] ?? []
      for controller in subsystem["Controllers"] as? [[String: Any]] ?? [] {
        let ours = try #require(
          inventory.nvme.first { $0.name == controller["Controller"] as? String })
        #expect(ours.address?.description == controller["Address"] as? String)
        #expect(ours.model == controller["ModelNumber"] as? String)
        #expect(ours.firmware == controller["Firmware"] as? String)
        #expect(ours.serial == controller["SerialNumber"] as? String)
        #expect(ours.transport == controller["Transport"] as? String)
        let theirs = spaces + (controller["Namespaces"] as? [[String: Any]] ?? [])
        for space in theirs {
          let namespace = try #require(
            ours.namespaces.first { $0.name == space["NameSpace"] as? String })
          #expect(namespace.sizeBytes == space["PhysicalSize"] as? Int)
          #expect(namespace.blockBytes == space["SectorSize"] as? Int)
          #expect(namespace.id == space["NSID"] as? Int)
        }
        #expect(ours.namespaces.count == theirs.count)
        try compareHealth(ours)
        seen += 1
      }
    }
    #expect(seen == inventory.nvme.count && seen == 4)
  }

  private func compareHealth(_ drive: NVMeController) throws {
    let smart = try #require(try box.json("smart-\(drive.name).json") as? [String: Any])
    let health = try #require(drive.health, "\(drive.name) has no health as root")
    #expect(health.criticalWarning == smart["critical_warning"] as? Int)
    let kelvin = try #require(smart["temperature"] as? Double)
    #expect(abs((health.temperatureCelsius ?? -1) - (kelvin - 273)) <= 1)
    #expect(health.availableSpare.map { $0 * 100 } == smart["avail_spare"] as? Double)
    #expect(health.lifeUsed * 100 == smart["percent_used"] as? Double)
    #expect(health.mediaErrors == smart["media_errors"] as? Double)
    #expect(health.unsafeShutdowns == smart["unsafe_shutdowns"] as? Double)
  }

  @Test func interfacesAgreeWithEthtool() throws {
    #expect(inventory.nics.count == 4)
    for nic in inventory.nics {
      let info = try box.text("ethtool-i-\(nic.name)")
      func field(_ name: String) -> String? {
        let found = info.components(separatedBy: "\n").first { $0.hasPrefix(name + ":") }
        let value = found?.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) ?? ""
        return value.isEmpty ? nil : value
      }
      #expect(nic.driver == field("driver"), "\(nic.name)")
      #expect(nic.firmwareVersion == field("firmware-version"), "\(nic.name)")
      if nic.bus == "pci" { #expect(nic.address?.description == field("bus-info"), "\(nic.name)") }
      let channels = try box.text("ethtool-l-\(nic.name)").matches(of: /Combined:\s+([0-9]+)/)
        .compactMap { Int($0.1) }
      #expect(nic.queues.channelsMaximum?.combined == channels.first, "\(nic.name)")
      #expect(nic.queues.channels?.combined == channels.last, "\(nic.name)")
    }
  }

  @Test func interruptsAgreeWithTheKernel() throws {
    let before = interrupts(try box.text("interrupts-before"))
    let after = interrupts(try box.text("interrupts-after"))
    let modes = Dictionary(
      uniqueKeysWithValues: try box.text("irq-modes").split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        return (Int(words[0]) ?? -1, String(words[1]))
      })
    var compared = 0
    for (number, low) in before {
      let ours = try #require(inventory.interrupts.first { $0.number == number }, "IRQ \(number)")
      let high = try #require(after[number])
      for (cpu, count) in low.counts.enumerated() {
        let now = ours.counts[cpu] ?? 0
        #expect(now >= count && now <= high.counts[cpu], "IRQ \(number) CPU \(cpu)")
      }
      #expect(
        low.text.hasSuffix(ours.actions.joined(separator: ", ")) || ours.actions.count > 1,
        "IRQ \(number): \(ours.actions) in '\(low.text)'")
      let writable = modes[number].map { $0.first == "6" }
      #expect((ours.mobility == .movable) == (writable ?? false), "IRQ \(number) \(ours.mobility)")
      if ours.mobility == .fixed { #expect(ours.mobilityReason != nil) }
      compared += 1
    }
    #expect(compared > 60)
    let nics = inventory.interrupts.filter { $0.deviceName?.hasPrefix("eth") == true }
    #expect(nics.contains { $0.role == .queue && $0.queue == 7 }, "eight queues of an igb")
    let admin = inventory.interrupts.filter { $0.role == .admin }
    #expect(admin.count == 4 && admin.allSatisfy { $0.mobility == .movable })
    let managed = inventory.interrupts.filter {
      $0.deviceName?.hasPrefix("nvme") == true && $0.role == .queue
    }
    #expect(!managed.isEmpty && managed.allSatisfy { $0.mobility == .fixed })
  }

  private func interrupts(_ text: String) -> [Int: (counts: [Int], text: String)] {
    let lines = text.components(separatedBy: "\n")
    let cpus = lines[0].split(separator: " ").count
    var found: [Int: (counts: [Int], text: String)] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0].trimmingCharacters(in: .whitespaces))
      else { continue }
      let fields = parts[1].split(separator: " ", maxSplits: cpus)
      found[number] = (
        fields.prefix(cpus).compactMap { Int($0) },
        fields.count > cpus ? fields[cpus].trimmingCharacters(in: .whitespaces) : ""
      )
    }
    return found
  }

  @Test func theContainerIsThereWithItsSets() throws {
    let inspected = try #require((try box.json("podman.json") as? [[String: Any]])?.first)
    let container = try #require(inventory.workloads.containers.first { $0.name == "pinned" })
    #expect(container.id == inspected["Id"] as? String)
    #expect(container.engine == .podman)
    #expect(container.group.effectiveCPUs?.description == "2-3")
    #expect(container.group.effectiveMemoryNodes?.description == "1")
  }

  @Test func anOrdinaryUserSeesLessAndIsToldSo() throws {
    let user = try JSONDecoder().decode(Inventory.self, from: Data(try box.text("user.json").utf8))
    #expect(user.pci.map(\.address) == inventory.pci.map(\.address))
    for function in user.pci {
      #expect(function.acs == nil)
      #expect(function.configBytes == 64)
    }
    let port = try #require(user.pci.first { $0.address.description == "0000:20:01.0" })
    #expect(port.unknown.contains { $0.reason.contains("64") })
    // Links come from sysfs, which everyone may read.
    let path = user.pci.first { $0.address.description == "0000:22:00.0" }?.path
    #expect(path?.hops.first?.limitedBy == .device)
    #expect(user.nvme.allSatisfy { $0.health == nil && !$0.unknown.isEmpty })
  }

  @Test func memoryAndBoxAreNamedRight() throws {
    #expect(inventory.machine.virtualization?.kind == .vm)
    #expect(inventory.machine.iommu.mode == .translated)
    #expect(inventory.processors.online?.description == "0-7")
    #expect(inventory.processors.packages.count == 2)
    #expect(inventory.processors.model?.contains("EPYC") == true)
    #expect(inventory.gpus.count == 4)
    #expect(inventory.gpus.allSatisfy { $0.vendor == .amd && $0.driver == nil })
    #expect(inventory.gpus.allSatisfy { $0.memoryTotalBytes == nil }, "unknown, not zero")
  }

  private func hex(_ value: UInt32, _ digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// What an ordinary user cannot read is unknown to the checks; nothing becomes a fault by it, and
  /// nothing that root sees wrong passes.
  @Test func anOrdinaryUserGetsNoFalseAlarm() throws {
    func report(_ name: String) throws -> HealthReport {
      try JSONDecoder().decode(HealthReport.self, from: Data(try box.text(name).utf8))
    }
    let root = Verdicts(try report("check.json"))
    let user = Verdicts(try report("user-check.json"))
    var unknown = 0
    for (key, finding) in user.all {
      guard let seen = root.all[key] else { continue }
      if finding.verdict >= .warn {
        #expect(seen.verdict >= .warn, "\(key): \(finding.summary), to root \(seen.summary)")
      }
      if finding.verdict == .pass {
        #expect(seen.verdict == .pass, "\(key): \(finding.summary), to root \(seen.summary)")
      }
      if finding.verdict == .unknown && seen.verdict != .unknown { unknown += 1 }
    }
    #expect(unknown > 5, "a user sees less than root")
  }
}

internal import Base
internal import Health
internal import Inventory
internal import KernelTree
internal import Setup

/// Who made a card, by the inventory.
private typealias CardVendor = GPU.Vendor

extension SetupHardware {
  /// What set-up looks at, of everything that was read.
  init(_ inventory: Inventory, _ report: HealthReport, _ tree: KernelTree) {
    self.init()
    let functions = Dictionary(
      inventory.pci.map { ($0.address, $0.identity.deviceID) },
      uniquingKeysWith: { first, _ in first })
    gpus = inventory.gpus.filter { $0.isBuiltIn != true }.map { gpu in
      GPU(
        address: "\(gpu.address)", name: gpu.name ?? "GPU", vendor: Self.vendor(gpu.vendor),
        driver: gpu.driver, deviceID: functions[gpu.address] ?? nil)
    }
    for nic in inventory.nics {
      // An interface that is not up yet has no signal that could be read.
      links[nic.name] = .some(nic.carrier)
    }
    findings = report.findings.filter { $0.verdict == .fail || $0.verdict == .warn }.map {
      finding in
      Finding(
        check: finding.check,
        text: (finding.subject.map { "\($0): " } ?? "") + finding.summary,
        advice: finding.advice.first.map { advice in
          ([advice.text] + advice.commands.prefix(1).map { "'\($0)'" }).joined(separator: ": ")
        }, isFailure: finding.verdict == .fail)
    }
    unknownChecks = report.counts[Verdict.unknown.rawValue] ?? 0
    hasAMDFirmware = Self.hasAMDFirmware(tree)
  }

  private static func vendor(_ vendor: CardVendor) -> GPU.Vendor {
    switch vendor {
    case .amd: .amd
    case .nvidia: .nvidia
    case .intel, .other: .other
    }
  }

  /// Firmware of amdgpu, of a package or of linux-firmware; plain or compressed (CONFIG_FW_LOADER_COMPRESS).
  private static func hasAMDFirmware(_ tree: KernelTree) -> Bool? {
    do throws(ReadFailure) {
      return try tree.names("/lib/firmware/amdgpu").contains { $0.contains(".bin") }
    } catch {
      return error.cause == .notFound ? false : nil
    }
  }
}

/// Routes of the kernel.
enum SetupRoutes {
  /// Whether there is a default route, by `/proc/net/route` (proc(5)) or `/proc/net/ipv6_route`; nil where neither
  /// can be read.
  static func hasDefault(_ tree: KernelTree) -> Bool? {
    let ipv4 = tree.textIfPresent("/proc/net/route").map(hasDefaultIPv4)
    let ipv6 = tree.textIfPresent("/proc/net/ipv6_route").map(hasDefaultIPv6)
    if ipv4 == true || ipv6 == true { return true }
    return ipv4 == nil && ipv6 == nil ? nil : false
  }

  /// Columns: interface, destination, gateway, flags, ..., the mask as the eighth. RTF_UP is 1, RTF_REJECT 0x200.
  static func hasDefaultIPv4(_ text: String) -> Bool {
    text.split(separator: "\n").dropFirst().contains { line in
      let columns = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
      guard columns.count >= 8, let flags = UInt32(columns[3], radix: 16) else { return false }
      return columns[1] == "00000000" && columns[7] == "00000000" && flags & 0x201 == 1
    }
  }

  /// Columns: destination, its length, source, its length, next hop, metric, use, ..., flags as the ninth, interface.
  static func hasDefaultIPv6(_ text: String) -> Bool {
    text.split(separator: "\n").contains { line in
      let columns = line.split(separator: " ")
      guard columns.count >= 10, let flags = UInt32(columns[8], radix: 16) else { return false }
      // The kernel's own null route of the loopback interface is rejected and no way out.
      return columns[0].allSatisfy { $0 == "0" } && columns[1] == "00" && flags & 0x201 == 1
        && columns[9] != "lo"
    }
  }
}

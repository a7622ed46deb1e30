internal import Base
internal import Inventory

/// Whether the management controller's firmware has a known hole.
enum BMCFirmwareCheck: Check {
  static let info = CheckInfo(
    id: "bmc-firmware",
    title: "Management controller firmware",
    area: .system,
    harm: .untidy,
    why: """
      The management controller is a computer of its own that can switch the box, watch its \
      screen and replace its firmware. Whoever gets in owns the box, whatever runs on it. \
      CVE-2024-54085 lets anybody in over the network, without a password, on boards of many \
      makers.
      """,
    reads: [
      "machine.bmcFirmwareVersion (the kernel's IPMI driver)", "machine.boardVendor",
      "machine.boardName", "pci[*].identity.vendorID (displays of such controllers)",
      "the list of fixed versions that comes with the program",
    ],
    verdicts: [
      .pass: "the board is on the list, and its firmware is the fixed one or later",
      .fail: "older than the first fixed version",
      .unknown: "the version cannot be read, or the board is not on the list",
      .notApplicable: "a guest, a container, or no sign of a management controller",
    ],
    fix: "Update the firmware from the board maker's page; keep the controller off open networks.",
    risk: "An interrupted update leaves the controller dead, sometimes the board.",
    sources: [
      "CVE-2024-54085 (AMI MegaRAC SPx): https://nvd.nist.gov/vuln/detail/CVE-2024-54085",
      "Board makers publish the fix under version numbers of their own",
    ],
    needs: [.machine, .pci, .pciDetail])

  static func evaluate(_ box: Box) -> [Finding] {
    let machine = box.inventory.machine
    if box.isVirtual || box.isInContainer {
      return [notApplicable("the host's business")]
    }
    let path = "/sys/bus/platform/devices/ipmi_bmc.*/firmware_revision"
    guard let version = machine.bmcFirmwareVersion else { return [unread(box, path)] }
    var evidence = [Evidence("machine.bmcFirmwareVersion", version, path: path)]
    for (key, value, file) in [
      ("boardVendor", machine.boardVendor, "board_vendor"),
      ("boardName", machine.boardName, "board_name"),
    ] {
      let path = "/sys/class/dmi/id/\(file)"
      evidence.append(
        value.map { Evidence("machine.\(key)", $0, path: path) }
          ?? Evidence(missing: "machine.\(key)", key: key, in: machine.unknown, path: path))
    }
    guard let vendor = machine.boardVendor, let board = machine.boardName else {
      return [unknown("board not known", evidence: evidence, advice: [lookUp(nil)])]
    }
    let known = box.advisories.bmc.filter {
      vendor.hasPrefix($0.boardVendorPrefix) && board.hasPrefix($0.boardPrefix)
    }
    if known.isEmpty {
      return [
        unknown(
          "fixed version of this board not listed", evidence: evidence,
          advice: [lookUp("\(vendor) \(board), firmware \(version)")])
      ]
    }
    guard let own = Version(version) else {
      return [unknown("version '\(version)' not understood", evidence: evidence)]
    }
    for advisory in known {
      guard let fixed = Version(advisory.fixed) else {
        return [unknown("cannot compare with '\(advisory.fixed)'", evidence: evidence)]
      }
      if own < fixed {
        return [
          fail(
            "\(version): \(advisory.id)", evidence: evidence, consequence: advisory.fault,
            advice: [
              Advice(
                "update to \(advisory.fixed) or later from the board maker's page",
                risk: "an interrupted update leaves the controller dead"),
              keepApart,
              Advice("read about it: \(advisory.source)"),
            ])
        ]
      }
    }
    return [pass("\(version), fixed", evidence: evidence)]
  }

  /// The version could not be read: a board without a controller, or without its driver.
  private static func unread(_ box: Box, _ path: String) -> Finding {
    let machine = box.inventory.machine
    let missing = Evidence(
      missing: "machine.bmcFirmwareVersion", key: "bmcFirmwareVersion", in: machine.unknown,
      path: path)
    // The display of such a controller: ASPEED's chip, or Matrox's core in Dell's and HPE's.
    let display = box.inventory.pci.first {
      $0.identity.vendorID == 0x1a03 || $0.identity.vendorID == 0x102b
    }
    if display == nil, !box.audiences.contains(.server),
      !machine.unknown.contains(where: { $0.fact == "bmcFirmwareVersion" })
    {
      if box.inventory.pci.isEmpty {
        return unknown("cannot tell whether there is one", evidence: [missing])
      }
      return notApplicable("no management controller seen")
    }
    var evidence = [missing]
    if let display {
      evidence.append(
        Evidence(
          "pci[\(display.address)].identity.vendorID",
          display.identity.vendorID == 0x1a03 ? "0x1a03 (ASPEED)" : "0x102b (Matrox)",
          path: "/sys/bus/pci/devices/\(display.address)/vendor"))
    }
    return unknown(
      "version not read", evidence: evidence,
      advice: [
        Advice(
          "load the kernel's driver", commands: ["modprobe ipmi_si", "modprobe ipmi_devintf"]),
        keepApart,
      ])
  }

  private static let keepApart = Advice(
    "until then keep its network port off every network that others reach")

  private static func lookUp(_ what: String?) -> Advice {
    Advice(
      "look on the board maker's page for the firmware that fixes CVE-2024-54085"
        + (what.map { ": \($0)" } ?? ""))
  }

  /// `2.1f`: the major number decimal, the minor hexadecimal digits that read as written.
  private struct Version: Comparable {
    var major: Int
    var minor: UInt64

    init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let major = Int(parts[0]), major >= 0,
        let minor = ASCII.hexadecimal(Array(parts[1].utf8)[...])
      else { return nil }
      self.major = major
      self.minor = minor
    }

    static func < (a: Version, b: Version) -> Bool { (a.major, a.minor) < (b.major, b.minor) }
  }
}

import Base
import Foundation
import Health
import TestSupport
import Testing

/// Faults planted in a running box, one after the other. Each must be found and named, and the
/// verdicts of all other checks must stay what they were.
@Suite(
  .enabled(
    if: VirtualBox.isWanted, "TINYBOX_END_TO_END=1 boots the virtual boxes (make end-to-end)"),
  .serialized)
struct PlantedFaultTests {
  /// What a fault must change: check, subject, verdict, and a part of the summary.
  struct Expected {
    var check: String
    var subject: String
    var verdict: Verdict
    var says: String
  }

  /// Puts a fresh box into the state in which only what emulation cannot help is left to report.
  static let setUp = """
    set -e
    sysctl -q kernel.numa_balancing=0
    # The kernel turns redirection on wherever there is an IOMMU.
    setpci -s 60:02.0 ECAP_ACS+6.w=0000
    # By serial number: names of drives follow the order of probing.
    drive=$(lsblk -dno NAME,SERIAL | awk '$2 == "TB0" { print $1 }')
    mkfs.ext4 -q -F /dev/$drive
    mkdir -p /srv/data && mount /dev/$drive /srv/data
    # Vectors that nobody placed start anywhere.
    for device in /sys/bus/pci/devices/*/msi_irqs; do
      device=${device%/msi_irqs}
      [ "$(cat $device/numa_node)" -ge 0 ] || continue
      for irq in $(ls $device/msi_irqs); do
        mode=$(stat -c %a /proc/irq/$irq/smp_affinity_list 2> /dev/null) || continue
        [ "$mode" = 644 ] && cat $device/local_cpulist > /proc/irq/$irq/smp_affinity_list
      done
    done
    for i in $(seq 40); do grep -q 1 /sys/class/net/eth*/carrier 2> /dev/null && break; sleep 1; done
    sleep 8
    """

  /// Links as they should be in the first box, reduced in the second.
  static func box(append: String = "", reduced: Bool) throws -> LiveBox {
    let box = try LiveBox(append: append) { description in
      description.addDisplay(to: "rp22", address: "0000:63:00.1")
      if reduced {
        description.port("rp00") { $0["width"] = "8" }
        description.port("rp21") { $0["speed"] = "8" }
      }
    }
    try setUp.write(
      to: box.share.appendingPathComponent("set-up"), atomically: true, encoding: .utf8)
    try box.shell("bash /run/vbox/set-up")
    return box
  }

  @Test func eachFaultIsFoundAndNothingElse() throws {
    let (well, profile) = try faultsOfARunningBox()
    try reducedLinks(well, profile)
  }

  /// - Returns: the verdicts of the well box, and the profile it learned.
  private func faultsOfARunningBox() throws -> (well: Verdicts, profile: Data) {
    let box = try Self.box(reduced: false)
    try box.shell("tinyboxctl profile learn && cp /var/lib/tinybox/profile.json /run/vbox/")
    let profile = try Data(contentsOf: box.share.appendingPathComponent("profile.json"))
    let well = Verdicts(try box.report())
    checkWell(well)

    try plant(
      box, well, "sysctl -q kernel.numa_balancing=1", undo: "sysctl -q kernel.numa_balancing=0",
      [Expected(check: "numa-balancing", subject: "-", verdict: .warn, says: "on:")])

    // Two functions below one port are the only pair of this box that could be direct.
    try plant(
      box, well, "setpci -s 60:02.0 ECAP_ACS+6.w=001d",
      undo: "setpci -s 60:02.0 ECAP_ACS+6.w=0000",
      [Expected(check: "acs", subject: "0000:60:02.0", verdict: .warn, says: "redirect")])

    let irqs = "$(ls /sys/bus/pci/devices/0000:61:00.0/msi_irqs)"
    try plant(
      box, well, "for i in \(irqs); do echo 0 > /proc/irq/$i/smp_affinity_list; done; sleep 3",
      undo: "for i in \(irqs); do echo 4-5 > /proc/irq/$i/smp_affinity_list; done; sleep 3",
      [Expected(check: "irq-locality", subject: "0000:61:00.0", verdict: .warn, says: "node")])

    try plant(
      box, well, "dd if=/dev/zero of=/srv/data/full bs=1M status=none; sync; true",
      undo: "rm /srv/data/full; sync",
      [Expected(check: "disk-space", subject: "/srv/data", verdict: .fail, says: "0 B free")])

    try plant(
      box, well, "setsid irqbalance --foreground --interval=600 > /dev/null 2>&1 & sleep 2",
      undo: "pkill -x irqbalance; sleep 1",
      [Expected(check: "irqbalance", subject: "-", verdict: .warn, says: "may move")])

    // Counters never go back: what follows is held against the box with its errors.
    try box.monitor("pcie_aer_inject_error nic0 BAD_TLP")
    Thread.sleep(forTimeInterval: 2)
    let withErrors = try expect(
      box, well,
      [
        Expected(
          check: "aer", subject: "0000:23:00.0", verdict: .warn, says: "1 corrected (BadTLP)")
      ])

    try unplugWhileSampling(box, withErrors)
    return (well, profile)
  }

  /// A second box with lesser slots and its IOMMU in passthrough, held against the profile of the
  /// first: QEMU's devices cannot train low, so the slots are reduced.
  private func reducedLinks(_ well: Verdicts, _ profile: Data) throws {
    let other = try Self.box(append: "iommu=pt", reduced: true)
    try profile.write(to: other.share.appendingPathComponent("profile.json"))
    try other.shell("mkdir -p /var/lib/tinybox && cp /run/vbox/profile.json /var/lib/tinybox/")
    try expect(
      other, well,
      [
        Expected(
          check: "link-width", subject: "0000:21:00.0", verdict: .fail,
          says: "slot allows x8, it had x16"),
        Expected(
          check: "link-speed", subject: "0000:62:00.0", verdict: .fail,
          says: "slot allows 8 GT/s, it had 16 GT/s"),
        // Translated in the first box, which is known there.
        Expected(check: "iommu-mode", subject: "-", verdict: .pass, says: "passthrough"),
      ])
  }

  // MARK: Steps

  /// Plants a fault, looks, takes it away, looks again.
  private func plant(
    _ box: LiveBox, _ before: Verdicts, _ fault: String, undo: String, _ expected: [Expected]
  ) throws {
    try box.shell(fault)
    try expect(box, before, expected)
    try box.shell(undo)
    try expect(box, before, [])
  }

  /// Looks, and holds what changed against what was expected: no more, no less.
  @discardableResult
  private func expect(
    _ box: LiveBox, _ before: Verdicts, arguments: String = "", _ expected: [Expected]
  ) throws -> Verdicts {
    let now = Verdicts(try box.report(arguments))
    var changes = now.changes(since: before)
    for fault in expected {
      let key = Verdicts.Key(check: fault.check, subject: fault.subject)
      let finding = changes.removeValue(forKey: key)
      #expect(
        finding?.verdict == fault.verdict,
        "\(key): \(finding.map { "\($0.verdict) \($0.summary)" } ?? "not found")")
      #expect(
        finding?.summary.contains(fault.says) ?? false, "\(key) says '\(finding?.summary ?? "")'")
      #expect(finding?.evidence.isEmpty == false, "\(key) has no evidence")
      #expect(fault.verdict < .warn || finding?.advice.isEmpty == false, "\(key) has no advice")
    }
    for (key, finding) in changes {
      Issue.record("also reported: \(key) \(finding.verdict): \(finding.summary)")
    }
    // A check that finds a culprit speaks of it and no longer of the box as a whole.
    let expectedChecks = Set(expected.map(\.check))
    for key in now.gone(since: before) where !expectedChecks.contains(key.check) {
      Issue.record("no longer judged: \(key)")
    }
    return now
  }

  /// A drive leaves while the box is looked at.
  private func unplugWhileSampling(_ box: LiveBox, _ before: Verdicts) throws {
    try box.shell(
      "(tinyboxctl check --json --live 15 > /tmp/live.json; echo $? > /tmp/live.rc) > /dev/null 2>&1 &"
    )
    Thread.sleep(forTimeInterval: 3)
    try box.request(#"{"execute":"device_del","arguments":{"id":"nvme3"}}"#, seconds: 12)
    try box.shell(
      "for i in $(seq 60); do [ -e /tmp/live.rc ] && break; sleep 1; done; cp /tmp/live.json /run/vbox/; sync -f /run/vbox"
    )
    let data = try Data(contentsOf: box.share.appendingPathComponent("live.json"))
    let report = try JSONDecoder().decode(HealthReport.self, from: data)
    let lost = report.findings.filter { $0.check == "device-lost" && $0.verdict >= .warn }
    #expect(lost.map { $0.address?.description } == ["0000:82:00.0"])
    #expect(lost.first?.verdict == .fail)
    #expect(lost.first?.summary == "left the bus while sampling")
    // Nothing used the links meanwhile: with samples that is said, and nothing else is new.
    for (key, finding) in Verdicts(report).changes(since: before)
    where key.check != "device-lost" && key.check != "link-stability" {
      Issue.record("also reported: \(key) \(finding.verdict): \(finding.summary)")
    }
  }

  /// What a well box of this kind still has to report, each for a reason that emulation or the
  /// image brings; `docs/measurements.md` has them with their evidence.
  private func checkWell(_ well: Verdicts) {
    let wrong = well.all.filter { $0.value.verdict >= .warn }.keys.map(\.description).sorted()
    #expect(wrong == Self.known)
  }

  /// The displays have no driver and could be used by one in user space, behind an IOMMU that
  /// translates; nothing sets the guest's clock.
  static let known =
    ["gpu-driver", "iommu-mode"].flatMap { check in
      ["21:00.0", "43:00.0", "45:00.0", "62:00.0", "63:00.1"].map { "\(check) 0000:\($0)" }
    } + ["time-sync -"]
}

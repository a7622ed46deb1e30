import Base
import Placement
import Testing

@testable import Render

@Suite struct PlacementPlanTests {
  @Test func `a plan is a diff by device`() throws {
    var plan = Plan(origin: "test")
    let device = try #require(PCIAddress("0000:01:00.0"))
    func move(_ number: Int, _ cpu: String) -> Change {
      Change(
        .interrupt(number, device: device, action: "eth0-TxRx-\(number)"), subject: "eth0",
        device: device, old: "0-7", new: cpu, why: "a queue on a core of its own on node 0")
    }
    var channels = Change(
      .channels("eth0"), subject: "eth0", device: device, old: "63", new: "16", why: "fits")
    channels.consent = "allow-link-reset"
    channels.hasConsent = false
    plan.changes = [
      channels, move(31, "0"),
      Change(
        .unit("tinybox-node0.slice", "AllowedCPUs"), subject: "tinybox-node0.slice", old: nil,
        new: "0-3", why: "the slice of node 0"),
      move(132, "1"),
      Change(
        .file("/sys/class/net/eth0/queues/rx-0/rps_cpus", .mask), subject: "eth0", device: device,
        old: "5", new: "", why: "off"),
    ]
    plan.changes += (0..<20).map {
      Change(
        .file("/sys/devices/system/cpu/cpu\($0)/cpufreq/scaling_governor", .text),
        subject: "system", old: "schedutil", new: "performance", why: "asked for at f:1")
    }
    plan.leftAlone = [
      Skipped(
        subject: "nvme0", device: device, interrupts: NumberSet(range: 40...47), reason: "managed")
    ]
    let lines = PlacementPlan.render(plan, Style())
    #expect(
      lines == [
        "eth0  01:00.0",
        "  fits; not done without allow-link-reset = true in the policy",
        "    combined channels  63 → 16",
        "  a queue on a core of its own on node 0",
        "    IRQ 31 eth0-TxRx-31    0-7 → 0",
        "    IRQ 132 eth0-TxRx-132  0-7 → 1",
        "  off",
        "    rx-0/rps_cpus  5 → none",
        "",
        "tinybox-node0.slice",
        "  the slice of node 0",
        "    AllowedCPUs  not set → 0-3",
        "",
        "system",
        "  asked for at f:1",
        "    /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor  schedutil →",
        "      performance",
        "    and 19 more of the kind",
        "",
        "left alone",
        "  nvme0 01:00.0 IRQs 40-47: managed",
        "",
        "24 changes to make, 1 waiting for consent",
      ], "\(lines.joined(separator: "\n"))")
  }

  @Test(arguments: [20, 40, 80]) func `no line is wider than the terminal`(width: Int) throws {
    var plan = Plan(origin: "test")
    let long = String(repeating: "a very long name ", count: 20)
    plan.changes = [
      Change(
        .unit(long, "AllowedCPUs"), subject: long, old: long, new: long + "\u{1b}[2J", why: long)
    ]
    plan.leftAlone = [Skipped(subject: long, what: long, reason: long)]
    for line in PlacementPlan.render(plan, Style(width: width)) {
      #expect(line.count <= width)
      #expect(!line.contains("\u{1b}"))
    }
  }

  @Test func `nothing to do is said`() {
    #expect(PlacementPlan.render(Plan(origin: "test"), Style()) == ["nothing to change"])
  }
}

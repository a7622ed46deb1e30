import Base
import Placement
import Testing

@testable import Operations

/// What is set after queue counts were changed and the plan was made again.
@Suite struct PlacementChangesTests {
  private static let one = PCIAddress(domain: 0, bus: 0x21, device: 0, function: 0)
  private static let other = PCIAddress(domain: 0, bus: 0x41, device: 0, function: 0)

  private func interrupt(_ device: PCIAddress, _ action: String, _ new: String = "0") -> Change {
    Change(
      .interrupt(30, device: device, action: action), subject: "eth0", device: device, old: "1",
      new: new, why: "")
  }

  private let counts = [
    Change(.channels("eth0"), subject: "eth0", device: one, old: "1", new: "4", why: "")
  ]
  private let balancer = Change(.irqbalance, subject: "irqbalance", old: nil, new: "30-33", why: "")

  @Test func `by hand everything of the new plan is set, and no count twice`() {
    let anew =
      counts + [
        interrupt(Self.one, "eth0-TxRx-3"), interrupt(Self.other, "eth1-TxRx-0", "2"), balancer,
      ]
    let rest = PlacementOperations.all(of: anew, after: counts)
    // What irqbalance is to leave alone is new with the interrupts, and belongs to no device.
    #expect(rest == Array(anew.dropFirst()))
  }

  @Test func `the daemon sets what was wanted, and all of the device that has other queues`() {
    let before = [interrupt(Self.one, "eth0-TxRx-0"), interrupt(Self.other, "eth1-TxRx-0")]
    var refused = interrupt(Self.one, "eth0-TxRx-2")
    refused.consent = "allow-link-reset"
    refused.hasConsent = false
    let anew = [
      interrupt(Self.one, "eth0-TxRx-0", "4"), interrupt(Self.one, "eth0-TxRx-1"), refused,
      interrupt(Self.other, "eth1-TxRx-0", "9"), interrupt(Self.other, "eth1-TxRx-1"), balancer,
    ]
    let rest = PlacementOperations.wanted(counts + before, of: anew, after: counts)
    #expect(
      rest == [
        interrupt(Self.other, "eth1-TxRx-0"), interrupt(Self.one, "eth0-TxRx-0", "4"),
        interrupt(Self.one, "eth0-TxRx-1"),
      ])
  }
}

import Base
import Testing

@testable import Inventory

/// Vectors that carry the interface's name and nothing else.
@Suite struct PlainVectorsTests {
  private static let device = PCIAddress(domain: 0, bus: 0x41, device: 0, function: 0)

  /// Roles and queues of the vectors of one interface, `eth0`.
  private func roles(
    _ names: [String], driver: String, combined: Int? = nil
  ) -> [String] {
    var nic = NIC(name: "eth0")
    nic.address = Self.device
    nic.driver = driver
    nic.queues.channels = combined.map {
      NIC.Channels(receive: 0, transmit: 0, other: 0, combined: $0)
    }
    var interrupts = names.enumerated().map { number, name in
      var interrupt = Interrupt(number: 60 + number)
      interrupt.actions = [name]
      interrupt.device = Self.device
      interrupt.deviceName = "eth0"
      let vector = VectorName(name, interfaces: ["eth0"], driver: driver)
      interrupt.role = vector.role
      interrupt.queue = vector.queue
      return interrupt
    }
    PlainVectors.assign(&interrupts, [Self.device: ["eth0"]], [nic])
    return interrupts.map { "\($0.role)\($0.queue.map { " \($0)" } ?? "")" }
  }

  @Test func `several by the bare name are queues, and atlantic's spare one is its link's`() {
    let bare = [String](repeating: "eth0", count: 5)
    #expect(
      roles(bare, driver: "atlantic", combined: 5)
        == ["queue 0", "queue 1", "queue 2", "queue 3", "queue 4"])
    #expect(
      roles(bare, driver: "atlantic", combined: 4)
        == ["queue 0", "queue 1", "queue 2", "queue 3", "control"])
    // Without a count nothing is called control that may carry data.
    #expect(roles(bare, driver: "atlantic").last == "queue 4")
    #expect(roles(["eth0[0]", "eth0[1]"], driver: "netxen_nic") == ["queue 0", "queue 1"])
  }

  @Test func `a number after the name is a queue's`() {
    #expect(
      roles(["eth0-0", "eth0-1", "eth0-16"], driver: "r8125") == ["queue 0", "queue 1", "queue 16"])
    #expect(
      roles(["eth0-0", "eth0-1", "eth0-ptp"], driver: "sfc").prefix(2) == ["queue 0", "queue 1"])
  }

  @Test func `beside queues that are called so, the plain ones are for control`() {
    #expect(
      roles(["eth0", "eth0-TxRx-0", "eth0-TxRx-1"], driver: "igb")
        == ["control", "queue 0", "queue 1"])
    #expect(
      roles(["eth0-0", "eth0-txrx-1", "eth0-txrx-2"], driver: "tg3")
        == ["control", "queue 1", "queue 2"])
    #expect(
      roles(["eth0", "eth0-rx-0", "eth0-tx-0"], driver: "e1000e")
        == ["control", "queue 0", "queue 0"])
  }

  @Test func `the only vector carries everything`() {
    #expect(roles(["eth0"], driver: "r8169") == ["queue"])
    #expect(roles(["eth0", "eth0-lsc"], driver: "x") == ["queue", "control"])
  }

  @Test(arguments: [
    ("pf0vf0", true), ("pf1sf88", true), ("c1pf0vf3", true), ("pf0", true), ("p0", false),
    ("p0s1", false), ("", false), ("pf", false), ("pf0vf", false), ("pf0vf1x", false),
    ("0", false), ("cpf0", false),
  ])
  func `names of representors`(name: String, isRepresentor: Bool) {
    #expect(RepresentorName.isRepresentor(name) == isRepresentor)
  }
}

internal import Base

/// Vectors that a network driver names after the interface and nothing else: `enp65s0` for each of
/// them (atlantic), `eth0-3` (r8125, sfc, bnx2, cxgb3). What they serve is in no name: it is told
/// by how many there are, by what the others are called, and by the driver.
enum PlainVectors {
  /// The number in such a name: nil when the name is another kind, `.some(nil)` for the bare name.
  static func number(_ name: String, interfaces: [String]) -> Int?? {
    for interface in interfaces where name.hasPrefix(interface) {
      let rest = name.dropFirst(interface.count)
      if rest.isEmpty { return .some(nil) }
      if rest.first == "-", let number = Int(rest.dropFirst()), number >= 0,
        rest.dropFirst().allSatisfy({ $0.isASCII && $0.isNumber })
      {
        return .some(number)
      }
    }
    return nil
  }

  /// Gives each plain vector of a network function its role.
  static func assign(_ interrupts: inout [Interrupt], _ inventory: Inventory) {
    var ports: [PCIAddress: [NIC]] = [:]
    for nic in inventory.nics where nic.hasInterface && nic.isRepresentor != true {
      if let address = nic.address { ports[address, default: []].append(nic) }
    }
    if ports.isEmpty { return }
    var vectors: [PCIAddress: [Int]] = [:]
    for index in interrupts.indices {
      if let device = interrupts[index].device, ports[device] != nil {
        vectors[device, default: []].append(index)
      }
    }
    for (device, indices) in vectors {
      for nic in ports[device] ?? [] {
        assign(nic, indices, alone: ports[device]?.count == 1, &interrupts)
      }
    }
  }

  private static func assign(
    _ nic: NIC, _ indices: [Int], alone: Bool, _ interrupts: inout [Interrupt]
  ) {
    var plain: [(index: Int, number: Int?)] = []
    var hasNamedQueue = false
    var others = 0
    for index in indices {
      guard let action = interrupts[index].actions.first else { continue }
      let name = String(action.prefix { $0 != "@" && $0 != "[" })
      if let number = number(name, interfaces: [nic.name]) {
        plain.append((index, number))
      } else if alone || NICVectors.serves(nic.name, [action]) {
        if interrupts[index].role == .queue { hasNamedQueue = true }
        if interrupts[index].role == .other { others += 1 }
      }
    }
    if plain.isEmpty { return }
    // igb, ixgbe, igc: queues have `TxRx` in their names, the bare name is for link changes. tg3
    // (tg3_request_irq) calls the vector that serves no queue `eth0-0`.
    let areQueues = !hasNamedQueue && (plain.count > 1 || others == 0)
    let count = areQueues ? plain.count - linkVectors(nic, plain.count) : 0
    for (position, vector) in plain.enumerated() {
      let isQueue = position < count
      interrupts[vector.index].role = isQueue ? .queue : .control
      // The only vector carries everything: no queue in particular.
      interrupts[vector.index].queue =
        !isQueue || (plain.count == 1 && vector.number == nil) ? nil : vector.number ?? position
    }
  }

  /// How many of the last vectors serve no queue. atlantic (aq_nic.c, aq_nic_start) asks for the
  /// interrupt of link changes after its queues, by the same name, where there is a vector left.
  private static func linkVectors(_ nic: NIC, _ count: Int) -> Int {
    guard nic.driver == "atlantic", let channels = nic.queues.channels else { return 0 }
    let queues = channels.combined &+ max(channels.receive, channels.transmit)
    return queues > 0 && count == queues &+ 1 ? 1 : 0
  }
}

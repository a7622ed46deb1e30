internal import Base

/// Vectors that a network driver names after the interface and nothing else: `enp65s0` for each of
/// them (atlantic), `eth0-3` (r8125, sfc, bnx2, cxgb3). No name shows what they serve: their
/// number, the names of the others, and the driver do.
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
  /// - Parameter interfaces: the names of the interfaces of each function.
  static func assign(
    _ interrupts: inout [Interrupt], _ interfaces: [PCIAddress: [String]], _ nics: [NIC]
  ) {
    var ports: [PCIAddress: [Port]] = [:]
    for (address, names) in interfaces {
      ports[address] = names.map { name in
        let nic = nics.first { $0.address == address && $0.name == name }
        return Port(name: name, driver: nic?.driver, channels: nic?.queues.channels)
      }
    }
    if ports.isEmpty { return }
    var vectors: [PCIAddress: [Int]] = [:]
    for index in interrupts.indices {
      if let device = interrupts[index].device, ports[device] != nil {
        vectors[device, default: []].append(index)
      }
    }
    for (device, indices) in vectors {
      for port in ports[device] ?? [] {
        assign(port, indices, alone: ports[device]?.count == 1, &interrupts)
      }
    }
  }

  /// What decides about the vectors of one interface.
  private struct Port {
    var name: String
    var driver: String?
    var channels: NIC.Channels?
  }

  private static func assign(
    _ port: Port, _ indices: [Int], alone: Bool, _ interrupts: inout [Interrupt]
  ) {
    var plain: [(index: Int, number: Int?)] = []
    var hasNamedQueue = false
    var others = 0
    for index in indices {
      guard let action = interrupts[index].actions.first else {
        // Allocated, and nobody handles it: the queues of an interface that is down.
        others += 1
        continue
      }
      let name = String(action.prefix { $0 != "@" && $0 != "[" })
      if let number = number(name, interfaces: [port.name]) {
        plain.append((index, number))
      } else if alone || NICVectors.serves(port.name, [action]) {
        if interrupts[index].role == .queue { hasNamedQueue = true }
        if interrupts[index].role == .other { others += 1 }
      }
    }
    if plain.isEmpty { return }
    // igb, ixgbe, igc: queues have `TxRx` in their names, the bare name is for link changes. tg3
    // (tg3_request_irq) calls the vector that serves no queue `eth0-0`.
    let areQueues = !hasNamedQueue && (plain.count > 1 || others == 0)
    let count = areQueues ? plain.count - linkVectors(port, plain.count) : 0
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
  private static func linkVectors(_ port: Port, _ count: Int) -> Int {
    guard port.driver == "atlantic", let channels = port.channels else { return 0 }
    let queues = channels.combined &+ max(channels.receive, channels.transmit)
    return queues > 0 && count == queues &+ 1 ? 1 : 0
  }
}

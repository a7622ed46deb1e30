internal import Base
internal import Inventory

/// The interrupts of one device, found from the device's side.
struct DeviceInterrupts {
  var function: PCIFunction
  /// Its interrupts that have a handler.
  var interrupts: [Interrupt]
  /// Those that could be moved and carry data: not what the kernel spreads itself, and not the
  /// few of admin queues, mailboxes and link changes, which may come from anywhere.
  var placeable: [Interrupt] {
    interrupts.filter { $0.mobility != .fixed && $0.role != .admin && $0.role != .control }
  }

  /// GPUs, drives and network interfaces.
  static func all(_ box: Box) -> [DeviceInterrupts] {
    let byNumber = Dictionary(
      box.inventory.interrupts.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
    var byDevice: [PCIAddress: [Interrupt]] = [:]
    for interrupt in box.inventory.interrupts {
      if let device = interrupt.device { byDevice[device, default: []].append(interrupt) }
    }
    return box.dataDevices.map { function in
      // The vector list of the function names them; on a pin, the interrupt names the device.
      let listed = function.vectors?.allocated.numbers.compactMap { byNumber[$0] } ?? []
      return DeviceInterrupts(
        function: function,
        interrupts: listed.isEmpty ? byDevice[function.address] ?? [] : listed)
    }
  }

  /// The fact that says whether and where an interrupt is delivered.
  static func evidence(_ interrupt: Interrupt) -> Evidence {
    let number = interrupt.number
    let fact = "interrupts[\(number)].effectiveAffinity"
    let path = "/proc/irq/\(number)/effective_affinity_list"
    guard let cpus = interrupt.effectiveAffinity else {
      return Evidence(missing: fact, key: "effectiveAffinity", in: interrupt.unknown, path: path)
    }
    return Evidence(fact, "CPU \(cpus)", path: path)
  }
}

extension Check {
  /// What to say when interrupts cannot be judged by node; nil when they can.
  static func withoutNodes(_ box: Box) -> Finding? {
    let memory = box.inventory.memory
    if memory.nodes.count > 1 { return nil }
    if memory.nodes.count == 1 { return notApplicable("one NUMA node") }
    return unknown(
      "NUMA nodes unknown",
      evidence: [
        Evidence(
          missing: "memory.nodes", key: "nodes", in: memory.unknown,
          path: "/sys/devices/system/node")
      ])
  }
}

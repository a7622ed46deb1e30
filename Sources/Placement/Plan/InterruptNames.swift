internal import Base
package import Inventory

/// Names of the interrupts of a device that last longer than their numbers: their handlers, and
/// which of several alike ones it is.
public struct InterruptNames: Sendable {
  private var names: [Int: String] = [:]

  /// The names of all interrupts of one device, in the order of their numbers.
  package init(_ interrupts: [Interrupt]) {
    var seen: [String: Int] = [:]
    for interrupt in interrupts.sorted(by: { $0.number < $1.number }) {
      let name = interrupt.actions.joined(separator: ",")
      let count = seen[name, default: 0] + 1
      seen[name] = count
      names[interrupt.number] = count == 1 ? name : "\(name)#\(count)"
    }
  }

  /// The present number of every interrupt of a device, by the identity of its knob.
  package static func numbers(in inventory: Inventory) -> [String: Int] {
    var own: [PCIAddress: [Interrupt]] = [:]
    for interrupt in inventory.interrupts {
      if let device = interrupt.device, !interrupt.actions.isEmpty {
        own[device, default: []].append(interrupt)
      }
    }
    var numbers: [String: Int] = [:]
    for (device, interrupts) in own {
      let names = InterruptNames(interrupts)
      for interrupt in interrupts {
        let knob = Knob.interrupt(
          interrupt.number, device: device, action: names.name(of: interrupt.number))
        numbers[knob.identity] = interrupt.number
      }
    }
    return numbers
  }

  /// The name of an interrupt.
  package func name(of number: Int) -> String { names[number] ?? "" }
}

import Apply
package import Base
package import Placement

/// A machine in memory that accepts, refuses, forgets and dies as a test wants it. Files behave as
/// the kernel's: they show what was written in their own format.
package final class Bench: WritableTree {
  /// The program is killed.
  package struct Crash: Error {}
  /// When it is killed: before or after so many writes, ledger included.
  package enum Death: Hashable {
    case before(Int)
    case after(Int)
  }

  /// What each knob holds, by path or name.
  package var files: [String: [UInt8]] = [:]
  /// Device and action of each interrupt number.
  package var handlers: [Int: String] = [:]
  /// What each interrupt is delivered to, when that lags behind.
  package var effectiveLag: [String: String] = [:]
  /// The errno that a write gets, and how often (forever without a count).
  package var refusals: [String: (errno: Int32, count: Int)] = [:]
  /// A write that is taken and does nothing.
  package var deaf: Set<String> = []
  /// Functions whose interface is in a container.
  package var elsewhere: Set<PCIAddress> = []
  /// Interfaces whose name another function has now.
  package var renamed: [String: PCIAddress] = [:]
  package var ledger: [UInt8]?
  package var ledgerFailure: Int32?
  package var boot = "boot-1"
  package var death: Death?
  /// Called before each write with its number.
  package var onWrite: ((Bench, Int) -> Void)?
  package private(set) var writes = 0
  /// Knobs written to, in order.
  package private(set) var written: [String] = []

  /// The machine a plan was made for.
  package init(_ plan: Plan) {
    for change in plan.changes {
      let key = Bench.key(change.knob)
      files[key] = Bench.shown(change.old ?? "", change.knob.format)
      if let number = change.knob.interrupt { handlers[number] = change.knob.identity }
    }
  }

  package static func key(_ knob: Knob) -> String { knob.path ?? knob.label }

  /// The number of each interrupt there is.
  package var interrupts: [String: Int] {
    Dictionary(handlers.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// As the kernel shows a value.
  package static func shown(_ value: String, _ format: Knob.Format) -> [UInt8] {
    switch format {
    case .list: return Array(((NumberSet(list: value)?.description ?? value) + "\n").utf8)
    case .text: return Array((value + "\n").utf8)
    case .choice:
      let words = ["always", "madvise", "never"].map { $0 == value ? "[\($0)]" : $0 }
      return Array((words.joined(separator: " ") + "\n").utf8)
    case .mask:
      let set = NumberSet(list: value) ?? NumberSet(mask: Array(value.utf8)[...]) ?? NumberSet()
      var groups = [UInt32](repeating: 0, count: 8)
      for number in set.numbers where number < 256 { groups[number / 32] |= 1 << (number % 32) }
      let text = groups.reversed().map { word in
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }
      return Array((text.joined(separator: ",") + "\n").utf8)
    }
  }

  private func mutate(_ body: () throws -> Void) throws {
    writes += 1
    let number = writes
    onWrite?(self, number)
    if death == .before(number) { throw Crash() }
    try body()
    if death == .after(number) { throw Crash() }
  }

  package func bootID() throws -> String { boot }

  package func isPresent(_ knob: Knob) throws -> Bool {
    knob.interrupt.map { handlers[$0] == knob.identity } ?? true
  }

  package func read(_ knob: Knob) throws -> [UInt8] {
    guard let content = files[Bench.key(knob)] else {
      throw KnobFailure(errno: .ENOENT, reason: "no such file")
    }
    return content
  }

  package func write(_ value: String, to knob: Knob) throws {
    try mutate {
      let key = Bench.key(knob)
      written.append(key)
      if let refusal = refusals[key] {
        refusals[key] = refusal.count > 1 ? (refusal.errno, refusal.count - 1) : nil
        if refusal.count == 0 { refusals[key] = refusal }
        throw KnobFailure(errno: Errno(refusal.errno), reason: "errno \(refusal.errno)")
      }
      guard files[key] != nil else { throw KnobFailure(errno: .ENOENT, reason: "no such file") }
      if deaf.contains(key) { return }
      let text =
        knob.format == .mask
        ? NumberSet(mask: Array(value.utf8)[...])?.description ?? value : value
      files[key] = Bench.shown(text, knob.format)
    }
  }

  package func effective(_ knob: Knob) throws -> String? { effectiveLag[Bench.key(knob)] }

  package func isInOtherNetwork(_ device: PCIAddress) -> Bool { elsewhere.contains(device) }

  package func isInterface(_ name: String, of device: PCIAddress) -> Bool {
    renamed[name] == nil || renamed[name] == device
  }

  package func loadLedger() throws -> [UInt8]? { ledger }

  package func storeLedger(_ content: [UInt8]) throws {
    try mutate {
      if let ledgerFailure {
        throw KnobFailure(errno: Errno(ledgerFailure), reason: "no space left")
      }
      ledger = content
    }
  }

  /// Starts the program anew after its death.
  package func restart() {
    death = nil
    onWrite = nil
    writes = 0
    written = []
  }
}

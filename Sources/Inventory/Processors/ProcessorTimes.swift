internal import Base
package import KernelTree

/// Time that all CPUs together spent since boot, in ticks (`/proc/stat`, proc_stat(5)).
public struct ProcessorTimes: Hashable, Sendable {
  /// Not idle and not waiting for a drive.
  public var busy: Double
  /// All of it.
  public var total: Double

  /// Of the first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal ...`.
  /// Guest time, the ninth and tenth number, is counted in user time already. Nil for anything else.
  init?(line: ArraySlice<UInt8>) {
    let fields = ASCII.fields(line)
    guard fields.count >= 5, fields[0].elementsEqual("cpu".utf8) else { return nil }
    var total = 0.0
    var idle = 0.0
    for (index, field) in fields.dropFirst().prefix(8).enumerated() {
      guard let ticks = AttributeText.count(field) else { return nil }
      total += Double(ticks)
      if index == 3 || index == 4 { idle += Double(ticks) }
    }
    self.total = total
    busy = total - idle
  }

  /// As a machine reports them now; nil when it does not.
  package init?(_ tree: KernelTree) {
    guard let text = try? tree.bytes("/proc/stat", limit: 16 << 20) else { return nil }
    self.init(line: text[..<(text.firstIndex(of: 0x0a) ?? text.endIndex)])
  }

  /// The share of time that was busy since an earlier reading, 0 to 1; nil when no time has passed.
  package func busyShare(since before: ProcessorTimes) -> Double? {
    guard total > before.total else { return nil }
    return min(1, max(0, (busy - before.busy) / (total - before.total)))
  }

  /// The share of time that was busy since boot, 0 to 1.
  var busyShare: Double? { total > 0 ? busy / total : nil }
}

/// Interrupts of a NIC that came between two looks at /proc/interrupts.
struct InterruptShare {
  /// The interface.
  var name: String
  /// All of them.
  var all = 0
  /// On CPUs of its node.
  var on = 0
  /// On the CPU that took most of its queue.
  var alone = 0

  /// - Parameters:
  ///   - name: the interface; its vectors are called so, or so with a dash and more.
  ///   - cpus: those of its node.
  init(of name: String, from before: String, to after: String, cpus: ClosedRange<Int>) throws {
    self.name = name
    let before = try InterruptShare.counts(before)
    for (vector, columns) in try InterruptShare.counts(after)
    where vector == name || vector.hasPrefix(name + "-") {
      let came = zip(columns, before[vector] ?? columns.map { _ in 0 }).map { $0 - $1 }
      all += came.reduce(0, +)
      on += came[cpus].reduce(0, +)
      alone += came.max() ?? 0
    }
  }

  /// Counts by CPU, by the name of the vector.
  private static func counts(_ text: String) throws -> [String: [Int]] {
    let lines = text.split(separator: "\n")
    guard let head = lines.first else { throw BoxError("/proc/interrupts is empty") }
    let cpus = head.split(separator: " ").count
    var counts: [String: [Int]] = [:]
    for line in lines.dropFirst() {
      let fields = line.split(separator: " ")
      guard let name = fields.last, fields.count > cpus + 1 else { continue }
      counts[String(name)] = fields[1...cpus].map { Int($0) ?? 0 }
    }
    return counts
  }
}

internal import Base
package import Benchmarks

/// What a run does at this moment, in one line.
package enum BenchmarkProgressLine {
  /// `12/48 done, 3 min 4 s left: memory triad, CPUs of node 0, memory of node 1`, cut to the width.
  package static func render(_ progress: BenchmarkProgress, _ style: Style) -> String {
    var line = Line("\(Units.count(progress.done))/\(Units.count(progress.planned)) done")
    switch progress.state {
    case .running:
      line.add(", \(Units.duration(progress.secondsLeft.rounded(.up))) left", .dim)
      if let measuring = progress.measuring { line.add(": \(measuring)") }
    case .done: break
    case .aborted:
      line.add(", aborted", .bad)
      if let failure = progress.failure { line.add(": \(failure)") }
    case .discarded: line.add(", discarded")
    }
    return line.text(style)
  }
}

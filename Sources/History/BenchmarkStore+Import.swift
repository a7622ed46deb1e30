package import Base
package import Benchmarks

extension BenchmarkStore {
  /// Where the runs of a file were measured.
  package enum Origin: Hashable, Sendable {
    /// On this machine: a file that it exported. Each run keeps who started it, and is part of the history.
    case thisMachine
    /// On another one, or nobody knows. Each run becomes `imported`, and is no part of this one's history.
    case elsewhere
  }

  /// What became of the lines of a file.
  package struct ImportReport: Hashable, Sendable {
    /// Runs that were stored.
    package var stored = 0
    /// Runs that the database had already.
    package var duplicates = 0
    /// Lines that were not taken.
    package var rejected: [BenchmarkLines.Rejected] = []
  }

  /// Stores runs of a file of JSON lines, which anybody may have written. A malformed line costs the others
  /// nothing. A run that is `running` there becomes aborted: nobody makes it here.
  /// - Parameter now: UTC, ISO 8601.
  /// - Throws: `Failure` when the database cannot be written; the runs before that are stored.
  package func importLines(
    _ bytes: [UInt8], from origin: Origin, now: String
  ) throws(Failure) -> ImportReport {
    var report = ImportReport()
    var failure: Failure?
    BenchmarkLines.read(bytes, now: now) { number, result in
      if failure != nil { return }
      do throws(Reason) {
        var run = try result.get()
        if origin == .elsewhere { run.trigger = .imported }
        if run.state == .running { run.state = .aborted }
        do throws(Failure) {
          if try insert(run) { report.stored += 1 } else { report.duplicates += 1 }
        } catch {
          // A series with another unit is this run's own fault, a full disk is that of none.
          guard error.code == .conflict else {
            failure = error
            return
          }
          throw Reason("\(error)")
        }
      } catch {
        report.rejected.append(.init(line: number, reason: error.reason))
      }
    }
    if let failure { throw failure }
    return report
  }
}

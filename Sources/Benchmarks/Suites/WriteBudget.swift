/// Bytes that benchmarks may write in a week, so that measuring does not wear drives out.
package struct WriteBudget: Hashable, Sendable {
  /// The bound for each drive, bytes in 7 days.
  package var bytesPerWeek: Int
  /// What was written in the last 7 days, and is planned since, by key of the drive.
  package private(set) var written: [String: Int]

  /// A budget.
  /// - Parameter written: bytes written in the last 7 days, by key of the drive.
  package init(bytesPerWeek: Int, written: [String: Int]) {
    self.bytesPerWeek = bytesPerWeek
    self.written = written
  }

  /// What the details of results say was written, by key of the drive: those of the last 7 days are the
  /// caller's to choose.
  package static func written(by results: [[String: String]]) -> [String: Int] {
    var sums: [String: Int] = [:]
    for details in results {
      guard let drive = details["drive"],
        let bytes = details["bytesWritten"].flatMap({ Int($0) }), bytes > 0
      else { continue }
      let (sum, overflow) = sums[drive, default: 0].addingReportingOverflow(bytes)
      sums[drive] = overflow ? .max : sum
    }
    return sums
  }

  /// Takes bytes for a measurement.
  /// - Returns: why it may not write them; nil when it may.
  package mutating func take(_ bytes: Int, drive: String) -> String? {
    let (sum, overflow) = written[drive, default: 0].addingReportingOverflow(max(0, bytes))
    guard !overflow, sum <= bytesPerWeek else {
      return "it would write \(gigabytes(bytes)), and \(gigabytes(written[drive, default: 0])) of "
        + "\(gigabytes(bytesPerWeek)) a week are written or planned"
    }
    written[drive] = sum
    return nil
  }

  private func gigabytes(_ bytes: Int) -> String {
    let tenths = (Double(bytes) / 1e8).rounded()
    return "\(tenths / 10) GB"
  }
}

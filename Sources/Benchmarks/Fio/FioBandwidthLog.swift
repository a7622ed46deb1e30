internal import Base

/// The samples of one target: `--write_bw_log` with `--log_avg_msec`.
package struct FioBandwidthLog: Hashable, Sendable {
  /// A sample.
  package struct Sample: Hashable, Sendable {
    /// Milliseconds since the measured time began, at the end of the sample.
    package var milliseconds: Double
    /// Bytes a second since the sample before.
    package var bytesPerSecond: Double
  }

  /// Samples in the order of their time.
  package var samples: [Sample] = []

  /// Reads lines of `time in ms, KiB/s, direction, block size, priority` (fio(1), LOG FILE FORMATS). What
  /// is no such line is passed over, and so is the other direction.
  package init(_ text: [UInt8], writes: Bool) {
    var last = 0.0
    for line in text.split(separator: 0x0a).prefix(1 << 20) {
      let fields = line.split(separator: 0x2c).map { ASCII.decimal(ASCII.trimmed($0)) }
      guard fields.count >= 3, let time = fields[0], let rate = fields[1],
        fields[2] == (writes ? 1 : 0), rate >= 0, Double(time) > last, time < 1 << 40
      else { continue }
      last = Double(time)
      samples.append(Sample(milliseconds: last, bytesPerSecond: Double(rate) * 1024))
    }
  }

  /// Bytes a second of several targets together, for each window of the time in which all of them ran: the
  /// sum of single rates counts time in which one had the path to itself.
  package static func common(
    _ logs: [FioBandwidthLog], windowMilliseconds: Double = Double(FioJob.sampleMilliseconds)
  ) -> [Double] {
    if logs.count == 1 { return logs[0].samples.map(\.bytesPerSecond) }
    // A sample may come some milliseconds early.
    let end = (logs.map { $0.samples.last?.milliseconds ?? 0 }.min() ?? 0) + windowMilliseconds / 10
    let count = Int(min(end / windowMilliseconds, 1e6))
    var sums = [Double](repeating: 0, count: max(0, count))
    for log in logs {
      var before = 0.0
      for (index, bytes) in log.bytes(at: windowMilliseconds, count).enumerated() {
        sums[index] += (bytes - before) / (windowMilliseconds / 1000)
        before = bytes
      }
    }
    return sums
  }

  /// Bytes until the end of each window, from the start.
  private func bytes(at window: Double, _ count: Int) -> [Double] {
    var result: [Double] = []
    var before = (time: 0.0, bytes: 0.0)
    var next = 0
    for sample in samples {
      let after = (
        time: sample.milliseconds,
        bytes: before.bytes + sample.bytesPerSecond * (sample.milliseconds - before.time) / 1000
      )
      while next < count, Double(next + 1) * window <= after.time {
        let share = (Double(next + 1) * window - before.time) / (after.time - before.time)
        result.append(before.bytes + share * (after.bytes - before.bytes))
        next += 1
      }
      before = after
    }
    // The last window may reach past the last sample by what `common` allows: at its rate.
    if next < count, let rate = samples.last?.bytesPerSecond {
      result.append(before.bytes + rate * (Double(next + 1) * window - before.time) / 1000)
    }
    return result
  }
}

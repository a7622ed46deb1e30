package import Base

/// What `iperf3 --json` reports at its end.
package struct IperfReport: Hashable, Sendable {
  /// Its version: `iperf 3.12`.
  package var version: String?
  /// Bytes that the receiver got.
  package var receivedBytes: Double
  /// Bytes a second that the receiver got.
  package var receivedBytesPerSecond: Double
  /// Segments sent again; nil where the sender's kernel does not count them.
  package var retransmits: Double?
  /// Share of one CPU that iperf3 used here.
  package var localShare: Double?
  /// Share of one CPU that iperf3 used at the peer.
  package var remoteShare: Double?
  /// Congestion control of the sender.
  package var congestion: String?
  /// What each interval moved, without the omitted ones.
  package var intervals: [Interval]

  /// A part of the measured time.
  package struct Interval: Hashable, Sendable {
    /// Seconds since the measured time began.
    package var start: Double
    /// Seconds since then.
    package var end: Double
    /// Bytes a second over all streams.
    package var bytesPerSecond: Double
  }

  /// Reads a report.
  /// - Throws: `Failure` with iperf3's own reason, and where nothing was received: its exit status is not
  ///   looked at.
  package init(output: [UInt8], errors: [UInt8] = []) throws(Failure) {
    let step = "measure with iperf3"
    guard let document = OutputDocuments.last(Document.self, in: output) else {
      let line = String(decoding: ASCII.trimmed(errors.suffix(300)), as: UTF8.self)
      throw Failure(step, because: line.isEmpty ? "it wrote no report" : line)
    }
    if let error = document.error {
      let hint =
        error.contains("connect")
        ? "start `iperf3 -s` on that machine, and let its firewall pass port \(IperfJob.firstPort)"
        : nil
      throw Failure(step, because: String(error.prefix(300)), hint: hint)
    }
    guard let end = document.end?.sum_received, let bytes = end.bytes?.value, bytes > 0,
      let bits = end.bits_per_second?.value, bits > 0
    else { throw Failure(step, because: "0 bytes received") }
    version = document.start?.version
    receivedBytes = bytes
    receivedBytesPerSecond = bits / 8
    retransmits = document.end?.sum_sent?.retransmits?.value
    localShare = document.end?.cpu_utilization_percent?.host_total?.value.map { $0 / 100 }
    remoteShare = document.end?.cpu_utilization_percent?.remote_total?.value.map { $0 / 100 }
    congestion = document.end?.sender_tcp_congestion
    intervals = (document.intervals ?? []).compactMap { $0.sum?.interval }
  }

  /// What the receivers of several clients got together, bytes a second, in equal windows.
  ///
  /// Where this machine sends, intervals show what went into the buffers of its sockets: on a slow path that comes
  /// in bursts with nothing between them, and is more than what arrives in that time. So intervals are joined until
  /// none is empty, and brought to the mean that the receivers report. One figure where that leaves few.
  package static func received(_ reports: [IperfReport]) -> [Double] {
    let received = reports.reduce(0) { $0 + $1.receivedBytesPerSecond }
    let rates = common(reports)
    for length in 1...max(1, rates.count) {
      let windows = stride(from: 0, through: rates.count - length, by: length).map { start in
        rates[start..<start + length].reduce(0, +) / Double(length)
      }
      if windows.count < (length == 1 ? 1 : fewestWindows) { break }
      if windows.allSatisfy({ $0 > 0 }) {
        let mean = windows.reduce(0, +) / Double(windows.count)
        return windows.map { $0 / mean * received }
      }
    }
    return [received]
  }

  /// So many windows at least, where intervals are joined.
  private static let fewestWindows = 3

  /// Bytes a second of several clients together: in windows of the time in which all of them ran. Clients
  /// that started together are some milliseconds apart, which counts as equal.
  package static func common(_ reports: [IperfReport]) -> [Double] {
    let count = reports.map(\.intervals.count).min() ?? 0
    return (0..<count).map { index in
      reports.reduce(0) { $0 + $1.intervals[index].bytesPerSecond }
    }
  }
}

extension IperfReport {
  private struct Document: Decodable {
    var start: Start?
    var intervals: [IntervalDocument]?
    var end: End?
    var error: String?

    struct Start: Decodable { var version: String? }
    struct End: Decodable {
      var sum_sent: Sum?
      var sum_received: Sum?
      var cpu_utilization_percent: Utilisation?
      var sender_tcp_congestion: String?
    }
    struct Utilisation: Decodable {
      var host_total: OutputNumber?
      var remote_total: OutputNumber?
    }
    struct IntervalDocument: Decodable { var sum: Sum? }
  }

  fileprivate struct Sum: Decodable {
    var start: OutputNumber?
    var end: OutputNumber?
    var seconds: OutputNumber?
    var bytes: OutputNumber?
    var bits_per_second: OutputNumber?
    var retransmits: OutputNumber?
    var omitted: Bool?

    /// Nil for what does not count: omitted, without a number, or shorter than a tenth of a second, as the
    /// rest at the end may be.
    var interval: Interval? {
      guard omitted != true, let start = start?.value, let end = end?.value,
        let bits = bits_per_second?.value, (seconds?.value ?? end - start) >= 0.1
      else { return nil }
      return Interval(start: start, end: end, bytesPerSecond: bits / 8)
    }
  }
}

import Base
import TestSupport
import Testing

@testable import Benchmarks

/// iperf3 as a value.
@Suite(.seeded) struct IperfTests {
  /// A report of iperf 3.12, shortened.
  static let report = """
    {
    \t"start":\t{ "version": "iperf 3.12" },
    \t"intervals":\t[
    \t\t{ "sum": { "start": 0, "end": 0.25, "seconds": 0.25, "bits_per_second": 8, "omitted": true } },
    \t\t{ "sum": { "start": 0, "end": 0.25, "seconds": 0.25, "bits_per_second": 8e9, "omitted": false } },
    \t\t{ "sum": { "start": 0.25, "end": 0.5, "seconds": 0.25, "bits_per_second": 1.6e10, "omitted": false } },
    \t\t{ "sum": { "start": 0.5, "end": 0.51, "seconds": 0.01, "bits_per_second": 4, "omitted": false } }
    \t],
    \t"end":\t{
    \t\t"sum_sent": { "bytes": 500, "bits_per_second": 4000, "retransmits": 7 },
    \t\t"sum_received": { "bytes": 400, "bits_per_second": 3200 },
    \t\t"cpu_utilization_percent": { "host_total": 47.5, "remote_total": 44 },
    \t\t"sender_tcp_congestion": "cubic"
    \t}
    }
    """

  private func read(_ text: String) throws -> IperfReport {
    try IperfReport(output: Array(text.utf8))
  }

  @Test func argumentsAreWhatAUserWouldWrite() {
    var job = IperfJob(
      peer: "10.0.0.2", local: "10.0.0.1", streams: 4, isReversed: true, seconds: 8.5)
    job.port = 5203
    #expect(
      job.command.joined(separator: " ")
        == "iperf3 --client 10.0.0.2 --port 5203 --parallel 4 --omit 1 --time 9 --interval 0.25 "
        + "--json --connect-timeout 3000 --bind 10.0.0.1 --reverse")
  }

  @Test func threadsCameWithARelease() {
    func hasThreads(_ text: String) -> Bool? { IperfJob.hasThreads(version: Array(text.utf8)) }
    #expect(hasThreads("iperf 3.12 (cJSON 1.7.15)\nLinux") == false)
    #expect(hasThreads("iperf 3.16 (cJSON 1.7.15)") == true)
    #expect(hasThreads("iperf 3.17.1+") == true)
    #expect(hasThreads("iperf 4.0") == true)
    #expect(hasThreads("bash: iperf3") == nil)
    #expect(hasThreads("") == nil)
  }

  @Test func figuresAreThoseOfTheReceiver() throws {
    let report = try read(IperfTests.report)
    #expect(report.receivedBytes == 400)
    #expect(report.receivedBytesPerSecond == 400)
    #expect(report.retransmits == 7)
    #expect(report.localShare == 0.475)
    #expect(report.congestion == "cubic")
    // Neither the omitted interval nor the rest at the end.
    #expect(report.intervals.map(\.bytesPerSecond) == [1e9, 2e9])
    #expect(IperfReport.common([report, report]) == [2e9, 4e9])
  }

  @Test func `what was put into buffers is not what arrived`() throws {
    var report = try read(IperfTests.report)
    func received(_ sent: [Double], _ arrived: Double) -> [Double] {
      report.receivedBytesPerSecond = arrived
      report.intervals = sent.enumerated().map { index, rate in
        .init(start: Double(index), end: Double(index + 1), bytesPerSecond: rate)
      }
      return IperfReport.received([report])
    }
    // A fast path: as the intervals are.
    #expect(received([8, 12, 10, 10], 10) == [8, 12, 10, 10])
    // Bursts of 40 that fill a buffer first: their median is 40, and 8 arrive.
    #expect(received([40, 0, 40, 0, 40, 0, 40, 0], 8) == [8, 8, 8, 8])
    #expect(received([40, 0, 0, 0, 40, 0, 0, 40, 0], 8) == [8, 8, 8])
    // Too few windows, or nothing: the mean alone.
    #expect(received([0, 0, 0, 0, 0, 40], 8) == [8])
    #expect(received([0, 0], 8) == [8])
    #expect(received([], 8) == [8])
    report.intervals = [.init(start: 0, end: 1, bytesPerSecond: 5)]
    #expect(IperfReport.received([report, report]) == [16])
  }

  @Test func itsOwnErrorIsTheReason() {
    let failure = #expect(throws: Failure.self) {
      try read("{\n\"start\": {},\n\"end\": {},\n\"error\": \"unable to connect: refused\"\n}")
    }
    #expect(failure?.reason == "unable to connect: refused")
    #expect(failure?.hint?.contains("iperf3 -s") == true)
  }

  @Test func nothingReceivedIsAFailure() {
    for number in ["0", "-1", "null", "\"4\""] {
      let text = IperfTests.report.replacing("\"bytes\": 400", with: "\"bytes\": \(number)")
      #expect(throws: Failure.self) { try read(text) }
    }
    #expect(throws: Failure.self) { try read("") }
  }

  @Test func noInputCrashes() {
    var random = SeededGenerator()
    let whole = Array(IperfTests.report.utf8)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<random.pick(1...20) {
        bytes[random.pick(bytes.indices)] = random.bytes(1)[0]
      }
      let report = try? IperfReport(output: bytes)
      #expect(report.map { $0.receivedBytes > 0 && $0.receivedBytesPerSecond > 0 } != false)
    }
  }
}

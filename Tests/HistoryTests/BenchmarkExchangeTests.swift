import Benchmarks
import Foundation
import TestSupport
import Testing

@Suite(.seeded) struct BenchmarkExchangeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-24T10:01:02.345Z", 1_795_514_462_345),
    ("2000-02-29T23:59:59.999Z", 951_868_799_999), ("1969-12-31T23:59:59Z", -1000),
    ("2100-03-01T00:00:00Z", 4_107_542_400_000), ("0000-03-01T00:00:00Z", -62_162_035_200_000),
  ]) func `times are read`(text: String, milliseconds: Int) {
    #expect(BenchmarkTime.milliseconds(text) == Int64(milliseconds))
  }

  @Test func `times are read as Foundation reads them`() {
    var generator = SeededGenerator()
    for _ in 0..<500 {
      let milliseconds = Int.random(in: 0...4_102_444_800_000, using: &generator)
      let date = Date(timeIntervalSince1970: Double(milliseconds / 1000))
      let text = date.formatted(.iso8601)
      #expect(BenchmarkTime.milliseconds(text) == Int64(milliseconds / 1000) * 1000, "\(text)")
    }
  }

  @Test(arguments: [
    "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
    "2026-01-01T24:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+01:00",
    "2026-01-01T00:00:00.1Z", "2026-01-0\u{661}T00:00:00Z", "+026-01-01T00:00:00Z",
    "2026-01-01T00:00:00,000Z",
  ]) func `what is no time is none`(text: String) {
    #expect(BenchmarkTime.milliseconds(text) == nil)
    #expect(BenchmarkTime.text(text, yearsEarlier: 5) == nil)
  }

  @Test func `a time some years earlier`() {
    #expect(BenchmarkTime.text("2026-11-24T10:00:00Z", yearsEarlier: 5) == "2021-11-24T10:00:00Z")
    #expect(BenchmarkTime.text("0004-11-24T10:00:00Z", yearsEarlier: 5) == nil)
  }

  /// RFC 4180 as another reader would read it.
  private func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var bytes = Array(text.utf8)[...]
    func end() {
      record.append(String(decoding: field, as: UTF8.self))
      field = []
    }
    while let byte = bytes.popFirst() {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "\""), true):
        if bytes.first == UInt8(ascii: "\"") {
          field.append(bytes.removeFirst())
        } else {
          isQuoted = false
        }
      case (UInt8(ascii: "\""), false): isQuoted = true
      case (UInt8(ascii: ","), false): end()
      case (UInt8(ascii: "\r"), false):
        #expect(bytes.popFirst() == UInt8(ascii: "\n"))
        end()
        records.append(record)
        record = []
      default: field.append(byte)
      }
    }
    #expect(record.isEmpty && field.isEmpty)
    return records
  }

  @Test func `CSV has one record a result, and another reader finds every text in it`() throws {
    var made = MadeUpRuns(generator: SeededGenerator())
    for index in 0..<30 {
      let run = made.run(index)
      let found = records(BenchmarkCSV.header + (try BenchmarkCSV.records(run)))
      #expect(found.first == BenchmarkCSV.columns)
      #expect(found.count == run.results.count + 1)
      for (record, result) in zip(found.dropFirst(), run.results) {
        #expect(record.count == BenchmarkCSV.columns.count)
        let fields = Dictionary(uniqueKeysWithValues: zip(BenchmarkCSV.columns, record))
        #expect(fields["run"] == run.id)
        #expect(fields["series"] == result.series.key)
        #expect(fields["value"].flatMap(Double.init) == result.value)
        #expect(fields["ceiling"].flatMap(Double.init) == result.ceiling?.value)
        #expect(fields["reason"] == result.reason ?? "")
        let areGone = result.samples.isEmpty && result.value != nil
        #expect(fields["samples"] == (areGone ? "" : "\(result.samples.count)"))
        let context = run.context.merging(result.context) { $1 }
        let json = try #require(fields["context"])
        let read = try JSONDecoder().decode(
          [String: String].self, from: Data((json.isEmpty ? "{}" : json).utf8))
        #expect(read == context)
      }
    }
  }

  private func metrics() -> String {
    var export = BenchmarkOpenMetrics()
    // Not in the order of time, and one moment twice.
    for week in [5, 0, 3, 1, 2, 4] {
      var run = MadeUpRuns.weekly(week)
      run.results = (0..<3).map { MadeUpRuns.measured($0, Double(week * 10 + $0) + 0.5) }
      run.results[0].low = 0.25
      export.add(run)
    }
    var run = MadeUpRuns.weekly(5)
    run.results = [MadeUpRuns.measured(0, 99)]
    export.add(run)
    run = MadeUpRuns.weekly(6)
    run.isQuick = true
    run.results = [MadeUpRuns.measured(0, 1e9)]
    export.add(run)
    return export.text()
  }

  @Test func `OpenMetrics has its families, series and times in order`() {
    let lines = metrics().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.suffix(2) == ["# EOF", ""])
    let families = lines.filter { $0.hasPrefix("# TYPE") }
    #expect(
      families == [
        "# TYPE tinybox_benchmark_bytes_per_second gauge",
        "# TYPE tinybox_benchmark_low_bytes_per_second gauge",
        "# TYPE tinybox_benchmark_operations_per_second gauge",
        "# TYPE tinybox_benchmark_seconds gauge",
      ])
    let samples = lines.filter { $0.hasPrefix("tinybox_benchmark_bytes_per_second{") }
    let labels =
      #"{metric="triad-0",series="memory.triad-0/node0, \"far\"\\",suite="memory"}"#
    let values = ["0.5", "10.5", "20.5", "30.5", "40.5", "99.0"]
    #expect(
      samples
        == values.enumerated().map { week, value in
          "tinybox_benchmark_bytes_per_second\(labels) \(value) \(1_600_000_000 + week * 604_800).000"
        })
    #expect(BenchmarkOpenMetrics().text() == "# EOF\n")
  }

  @Test(
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "no promtool"))
  func `promtool takes it, with every sample`() throws {
    let folder = try Folder()
    let file = folder.path.appendingPathComponent("history.txt")
    try Data(metrics().utf8).write(to: file)
    let promtool = URL(fileURLWithPath: "/usr/bin/promtool")
    let blocks = folder.path.appendingPathComponent("blocks").path
    let made = try run(
      promtool, ["tsdb", "create-blocks-from", "openmetrics", file.path, blocks])
    #expect(made.status == 0, "\(made.output)\(made.errors)")
    // The dump wants the log of a server's storage.
    try FileManager.default.createDirectory(
      atPath: blocks + "/wal", withIntermediateDirectories: true)
    let dump = try run(promtool, ["tsdb", "dump", blocks])
    #expect(dump.status == 0, "\(dump.errors)")
    let values = dump.output.split(separator: "\n")
      .filter { $0.contains("\"tinybox_benchmark_bytes_per_second\"") }
      .compactMap { $0.split(separator: " ").dropLast().last.flatMap { Double($0) } }
    #expect(values.sorted() == [0.5, 10.5, 20.5, 30.5, 40.5, 99], "\(dump.output)")
    // One sample less is found out.
    let broken = metrics().replacingOccurrences(of: "# EOF\n", with: "")
    try Data(broken.utf8).write(to: file)
    let refused = try run(
      promtool, ["tsdb", "create-blocks-from", "openmetrics", file.path, blocks])
    #expect(refused.status != 0)
  }
}

import Benchmarks
import TestMachines
import Testing

@testable import Render

@Suite struct BenchmarkTableTests {
  @Test func `a run is figures by suite against their ceilings`() {
    let lines = BenchmarkTable.render(BenchmarkRuns.box(), Style())
    #expect(
      lines.joined(separator: "\n") == """
        memory
          triad, GB/s; CPU node in rows, memory node in columns
                  0      1      2      3
            0  43.1   27.6   28.4   26.7
            1  27.6   43.1   26.7   27.6
            2  28.4   26.7   23.7!  28.4
            3  26.7   27.6   28.4   43.1
            best: ########- 84 % of 51.2 GB/s
            ! below its mark: 2-2: no known cause

          latency, ns; CPU node in rows, memory node in columns
                 0     1     2     3
            0   98   153   148   158
            1  153    98   158   153
            2  148   158   178   148
            3  158   153   148    98

        gpu
          GPU0 41:00.0 from node 0
            host to device  measured  25.4 GB/s  ±1 %  ########- 89 % of 28.7 GB/s
            device to host  measured  25.4 GB/s  ±1 %  ########- 89 % of 28.7 GB/s
          GPU1 51:00.0 from node 1
            host to device  low       13.2 GB/s  ±1 %  ####----- 46 % of 28.7 GB/s
              below its mark: pcie.link, placement.gpu
            device to host  measured  25.5 GB/s  ±1 %  ########- 89 % of 28.7 GB/s

        nvme
          nvme0
            random read      measured  812k IOPS  ±4 %  -
              did not settle
            sequential read  invalid    7.9 GB/s  ±1 %  ######### 111 % of 7.1 GB/s
              above its ceiling: the measurement or the ceiling is wrong
          skipped  sequential write (nvme0): the drive has a file system; --scratch FILE
            names a file to write to

        network
          failed  stream (eth0): iperf3: connection refused

        patterns
          not applicable  6 measurements (all to all of 6 subjects): fewer than two GPUs
            reach each other

        35 measured, 2 low, 1 invalid, 1 failed, 6 not applicable, 1 skipped.
        Run 7f3a of 2026-11-29 02:14 UTC, 17 min 42 s; started by the timer.
        AMD EPYC 7532 32-Core Processor, kernel 6.12.43+deb13-amd64, governor
          performance, BIOS L3.41, IOMMU translated, tinybox 0.13.0.
        Ceiling unknown for 12 measurements: fabric between nodes: its width and clock
          are not in the firmware's tables.
        How each ceiling comes about: --explain
        """)
  }

  @Test func `explain adds how each ceiling comes about`() {
    let lines = BenchmarkTable.render(BenchmarkRuns.box(), Style(), explain: true)
    let start = lines.firstIndex(of: "  ceilings") ?? 0
    #expect(
      lines[start...].prefix(7) == [
        "  ceilings",
        "    51.2 GB/s  4 measurements (triad of 4 subjects)",
        "      memory channels: 51.2 GB/s = 2 modules x 3200 MT/s x 8 bytes",
        "    unknown  12 measurements (triad of 12 subjects)",
        "      memory channels: 51.2 GB/s = 2 modules x 3200 MT/s x 8 bytes",
        "      fabric between nodes: unknown: its width and clock are not in the",
        "        firmware's tables",
      ])
    #expect(!lines.contains { $0.contains("--explain") })
  }

  @Test func `a run of nothing says so, and that its governor is unknown`() {
    var run = BenchmarkRuns.empty()
    run.context["processor.governor"] = nil
    run.finished = nil
    run.state = .aborted
    run.isQuick = true
    #expect(
      BenchmarkTable.render(run, Style()) == [
        "No measurement was made.",
        "Run 7f3a of 2026-11-29 02:14 UTC; it was aborted; a quick run, which is not",
        "  compared with the history; started by the timer.",
        "AMD EPYC 7532 32-Core Processor, kernel 6.12.43+deb13-amd64, BIOS L3.41, IOMMU",
        "  translated, governor unknown, tinybox 0.13.0.",
      ])
  }

  @Test func `few samples are said, and an uneven interval is written by its ends`() {
    var run = BenchmarkRuns.empty()
    var few = BenchmarkRuns.result(BenchmarkRuns.device("cpu", "one core", "all"), 3e9)
    (few.low, few.high, few.samples, few.flags) = (nil, nil, [3e9], [.fewSamples, .quick])
    var uneven = BenchmarkRuns.result(BenchmarkRuns.device("cpu", "two", "all"), 3e9)
    (uneven.low, uneven.high) = (2.9e9, 3.9e9)
    run.results = [few, uneven]
    #expect(
      Array(BenchmarkTable.render(run, Style()).prefix(5)) == [
        "cpu", "  all", "    one core  measured  3 GB/s            -",
        "      1 sample, too few for an interval",
        "    two       measured  3 GB/s  2.9..3.9  -",
      ])
    // The samples of the oldest runs are no longer kept.
    run.results[0].samples = []
    #expect(
      BenchmarkTable.render(run, Style()).dropFirst(3).first
        == "      too few samples for an interval")
  }

  @Test func `subjects with short names are compared in the rows of a metric`() {
    var run = BenchmarkRuns.empty()
    run.results = (0..<3).map {
      BenchmarkRuns.result(BenchmarkRuns.device("nvme", "read", "nvme\($0)"), 7e9)
    }
    #expect(
      Array(BenchmarkTable.render(run, Style()).prefix(3)) == [
        "nvme", "  read", "    nvme0  measured  7 GB/s  ±1 %  -",
      ])
  }

  @Test func `a wide matrix is written in blocks, with what was not measured`() {
    var run = BenchmarkRuns.empty()
    run.results = (0..<2).flatMap { row in
      (0..<16).map {
        BenchmarkRuns.result(BenchmarkRuns.memory("read", row, $0), 10e9 + Double($0))
      }
    }
    run.results[3] = BenchmarkResult(run.results[3].series, .failed, reason: "no memory left")
    let lines = BenchmarkTable.render(run, Style())
    #expect(
      lines[2] == "        0    1    2        3    4    5    6    7    8    9   10   11   12   13"
    )
    #expect(
      lines[3] == "    0  10   10   10   failed   10   10   10   10   10   10   10   10   10   10"
    )
    #expect(lines[5] == "       14   15")
    #expect(lines.contains("    0-3 failed: no memory left"))
  }

  @Test(arguments: [
    (25.4e9, "25.4 GB/s"), (999.4, "999 B/s"), (999_600, "1 MB/s"), (1e300, "1e288 TB/s"),
    (0, "0 B/s"), (1e-30, "1e-30 B/s"), (-5e9, "-5 GB/s"), (.nan, "unknown"),
    (.infinity, "unknown"),
  ])
  func `rates are in powers of ten`(_ value: Double, _ text: String) {
    #expect(FigureText.text(value, BenchmarkRuns.device("gpu", "a", "b")) == text)
  }

  @Test(arguments: [
    (98e-9, "98 ns"), (1.5e-6, "1.5 µs"), (0.25, "250 ms"), (1234, "1234 s"), (1e-12, "1e-3 ns"),
  ])
  func `times have the unit that fits`(_ value: Double, _ text: String) {
    #expect(FigureText.text(value, BenchmarkRuns.device("a", "b", "c", .seconds)) == text)
  }

  @Test func `operations of drives are IOPS`() {
    #expect(
      FigureText.text(812_000, BenchmarkRuns.device("nvme", "a", "b", .operationsPerSecond))
        == "812k IOPS")
    #expect(
      FigureText.text(2.5e9, BenchmarkRuns.device("cpu", "a", "b", .operationsPerSecond))
        == "2.5G op/s")
  }

  @Test func `the list of suites says what is missing`() {
    #expect(
      BenchmarkPlanTable.render(BenchmarkRuns.plan, Style()) == [
        "suite    measurements  full run  quick run",
        "memory              4      24 s        2 s",
        "  Memory bandwidth and latency, for each CPU node and memory node.",
        "gpu                 -         -          -",
        "  Copies between host and GPUs.",
        "  2 measurements not applicable: this machine has no GPU",
        "nvme                1      30 s        3 s",
        "  Reads and writes of drives with fio.",
        "  1 measurement skipped: the drive has a file system; --scratch FILE names a",
        "    file to write to",
        "network             -         -          -",
        "  Throughput between two addresses.",
        "  not measured: install iperf3",
        "nfs                 -         -          -",
        "  NFS in user space.",
        "  not applicable: nothing to measure here",
        "",
        "5 measurements, at most 54 s, in a quick run 5 s.",
      ])
  }

  @Test func `progress is what is measured and the time left`() {
    var progress = BenchmarkProgress(
      run: "7f3a", state: .running, measuring: "memory triad, node 0", done: 12, planned: 48,
      secondsLeft: 183.2, processID: 4)
    #expect(
      BenchmarkProgressLine.render(progress, Style())
        == "12/48 done, 3 min 4 s left: memory triad, node 0")
    progress.secondsLeft = .nan
    progress.measuring = "\u{1b}[2J" + String(repeating: "x", count: 100)
    let line = BenchmarkProgressLine.render(progress, Style())
    #expect(line.hasPrefix("12/48 done, unknown left: ?[2Jxx"))
    #expect(DisplayText.width(line) == 80)
    progress.state = .aborted
    progress.failure = "no space left on /var"
    #expect(
      BenchmarkProgressLine.render(progress, Style())
        == "12/48 done, aborted: no space left on /var")
  }
}

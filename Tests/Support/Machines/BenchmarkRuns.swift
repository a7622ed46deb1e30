package import Benchmarks
internal import TestSupport

/// Made-up runs of benchmarks and their histories.
package enum BenchmarkRuns {
  /// A result with a figure.
  package static func result(
    _ series: BenchmarkSeries, _ value: Double, spread: Double = 0.01,
    ceiling: BenchmarkCeiling? = nil,
    _ verdict: BenchmarkResult.Verdict = .measured, causes: [String] = [],
    flags: [BenchmarkResult.Flag] = []
  ) -> BenchmarkResult {
    var result = BenchmarkResult(series, verdict)
    result.value = value
    result.samples = [-2, -1, -0.5, 0, 0.5, 1, 2].map { value * (1 + $0 * spread / 2) }
    result.low = value * (1 - spread)
    result.high = value * (1 + spread)
    result.spread = spread
    result.ceiling = ceiling
    if let most = ceiling?.value {
      result.ceilingShare = series.better == .higher ? value / most : most / value
    }
    result.causes = causes
    result.flags = flags
    return result
  }

  /// A series of memory between two nodes.
  package static func memory(_ metric: String, _ cpu: Int, _ node: Int) -> BenchmarkSeries {
    let isTime = metric.hasPrefix("latency")
    return BenchmarkSeries(
      suite: "memory", metric: metric, subjectKey: "cpu\(cpu)-memory\(node)",
      subject: "CPUs of node \(cpu), memory of node \(node)",
      unit: isTime ? .seconds : .bytesPerSecond, better: isTime ? .lower : .higher,
      pair: .init(fromKind: "CPU node", from: "\(cpu)", toKind: "memory node", to: "\(node)"))
  }

  /// A series of a device.
  package static func device(
    _ suite: String, _ metric: String, _ subject: String, key: String? = nil,
    _ unit: BenchmarkSeries.Unit = .bytesPerSecond
  ) -> BenchmarkSeries {
    BenchmarkSeries(
      suite: suite, metric: metric, subjectKey: key ?? subject, subject: subject, unit: unit,
      better: unit == .seconds ? .lower : .higher)
  }

  /// The ceiling of a memory node, and that of the way to another node.
  package static let channels = BenchmarkCeiling([
    .init("memory channels", 51.2e9, "2 modules x 3200 MT/s x 8 bytes")
  ])
  package static let fabric = BenchmarkCeiling([
    .init("memory channels", 51.2e9, "2 modules x 3200 MT/s x 8 bytes"),
    .init(
      "fabric between nodes", nil, "its width and clock are not in the firmware's tables"),
  ])
  /// The ceiling of a PCIe 4.0 x16 link.
  package static let link = BenchmarkCeiling([
    .init("PCIe link", 28.7e9, "16 GT/s x 16 lanes x 128/130 x 256/(256 + 24)"),
    .init("memory channels", 51.2e9, "2 modules x 3200 MT/s x 8 bytes"),
  ])

  /// A run without results.
  package static func empty() -> BenchmarkRun {
    var run = BenchmarkRun(
      id: "7f3a", started: "2026-11-29T02:14:05Z", boot: "b", trigger: .scheduled,
      program: "0.13.0",
      isQuick: false, suites: [],
      context: [
        "board": "ROMED8-2T", "bios": "L3.41", "kernel": "6.12.43+deb13-amd64",
        "iommu": "translated",
        "processor": "AMD EPYC 7532 32-Core Processor", "processor.governor": "performance",
        "memory.modules": "8 x DDR4 3200 MT/s", "kernel.commandLine": "root=UUID=0b1c quiet",
      ])
    run.state = .done
    run.finished = "2026-11-29T02:31:47Z"
    return run
  }

  /// Four nodes with a slow way from node 3, GPUs with one below its mark, drives, and what is missing.
  package static func box() -> BenchmarkRun {
    var run = empty()
    for metric in ["triad", "latency"] {
      for cpu in 0..<4 {
        for node in 0..<4 {
          let isSlow = cpu == 2 && node == 2
          let far = isSlow ? 0.55 : cpu == node ? 1 : 0.62 + Double((cpu + node) % 3) * 0.02
          let isTime = metric == "latency"
          let result = result(
            memory(metric, cpu, node), isTime ? 98e-9 / far : 43.1e9 * far,
            ceiling: isTime ? nil : cpu == node ? channels : fabric,
            isSlow && !isTime ? .low : .measured)
          run.results.append(result)
        }
      }
    }
    for gpu in 0..<2 {
      let subject = "GPU\(gpu) \(gpu + 4)1:00.0 from node \(gpu)"
      for metric in ["host to device", "device to host"] {
        let isLow = gpu == 1 && metric == "host to device"
        var result = result(
          device("gpu", metric, subject), isLow ? 13.2e9 : 25.4e9 + Double(gpu) * 1e8,
          ceiling: link,
          isLow ? .low : .measured, causes: isLow ? ["pcie.link", "placement.gpu"] : [])
        result.context = [
          "\(gpu + 4)1:00.0 link": isLow ? "PCIe 4.0 x8" : "PCIe 4.0 x16",
          "\(gpu + 4)1:00.0 driver": "nvidia", "\(gpu + 4)1:00.0 serial": "1652222012345",
        ]
        run.results.append(result)
      }
    }
    run.results += [
      result(
        device("nvme", "random read", "nvme0", key: "S6Z1NJ0W", .operationsPerSecond), 812_000,
        spread: 0.04, flags: [.didNotSettle]),
      result(
        device("nvme", "sequential read", "nvme0", key: "S6Z1NJ0W"), 7.9e9,
        ceiling: .init([.init("PCIe link", 7.1e9, "16 GT/s x 4 lanes")]), .invalid),
      BenchmarkResult(
        device("nvme", "sequential write", "nvme0"), .skipped,
        reason: "the drive has a file system; --scratch FILE names a file to write to"),
      BenchmarkResult(
        device("network", "stream", "eth0"), .failed, reason: "iperf3: connection refused"),
    ]
    run.results += (0..<6).map {
      BenchmarkResult(
        device("patterns", "all to all", "GPU\($0)"), .notApplicable,
        reason: "fewer than two GPUs reach each other")
    }
    return run
  }

  /// A run of strange names and numbers.
  package static func hostile() -> BenchmarkRun {
    var run = box()
    run.id = "<script>alert(1)</script>"
    run.context["board"] = "\u{1b}[2J<img src=x onerror=alert(1)> & \"quoted\" '\u{202e}"
    run.context["<b>"] = "]]>-->"
    let name = "</td></title><script src=\"http://example.net/x.js\"></script>\u{1b}]0;x\u{7}"
    let values = [
      Double.nan, .infinity, -.infinity, 1e300, -1e300, 0, -0.0, .leastNonzeroMagnitude, 1.5,
    ]
    for (number, value) in values.enumerated() {
      for unit in BenchmarkSeries.Unit.allCases {
        for verdict in [BenchmarkResult.Verdict.measured, .low, .invalid] {
          var result = result(
            device(
              "hostile", "\(name) \(number)", name + String(repeating: "長い名前", count: 40), unit),
            value, ceiling: .init([.init(name, value, name)]), verdict, causes: [name],
            flags: BenchmarkResult.Flag.allCases)
          result.details = [name: name]
          result.context = [name: name]
          result.reason = name
          run.results.append(result)
        }
      }
      var pair = memory("hostile", 0, 0)
      for (from, to) in [(name, "0"), ("0", name), ("0", "0")] {
        pair.pair = .init(fromKind: name, from: "\(from) \(number)", toKind: name, to: to)
        pair.key = "\(from)\(to)\(number)"
        run.results.append(result(pair, value))
      }
    }
    var single = BenchmarkResult(device("hostile", "one sample", "x"), .measured)
    single.value = 3
    single.samples = [3]
    single.flags = [.fewSamples]
    run.results += [single, BenchmarkResult(device("hostile", "nothing", "x"), .measured)]
    run.results += BenchmarkResult.Verdict.allCases.map {
      BenchmarkResult(device(name, name, name), $0, reason: name)
    }
    return run
  }

  /// Two years of weekly figures with noise of 1.5 %, a drop of 17 % in week 70, and its changes.
  package static func history(round: Int = 0, weeks: Int = 104) -> BenchmarkHistoryDocument {
    var random = SeededGenerator(round: round)
    let series = device("gpu", "host to device", "GPU\(round) 41:00.0 from node 0")
    let points = (0..<weeks).map { week in
      let level = week < 70 ? 25.4e9 : 21.1e9
      let value = level * (1 + Double.random(in: -0.015...0.015, using: &random))
      return BenchmarkHistoryDocument.Point(
        time: time(week: week), value: value, low: value * 0.99, high: value * 1.01,
        run: "\(week)", contextChange: week == 40 ? ["driver", "kernel"] : [])
    }
    var facts = BenchmarkChange(
      series: series.key, time: time(week: 40), foundAt: time(week: 40), verdict: .contextChange,
      explanation: ["driver 570.1 → 575.2"])
    facts.acknowledged = true
    return BenchmarkHistoryDocument(
      series, points: points,
      changes: weeks <= 70
        ? []
        : [
          facts,
          BenchmarkChange(
            series: series.key, time: time(week: 70), foundAt: time(week: 71), before: 25.4e9,
            after: 21.1e9, z: 11.2, verdict: .decline, explanation: ["pcie.link"]),
        ],
      leastChange: 0.021, ceiling: 28.7e9)
  }

  /// The time of a week from 2024-11-30 on.
  private static func time(week: Int) -> String {
    var day = 334 + week * 7
    var year = 2024
    while day >= (year % 4 == 0 ? 366 : 365) {
      day -= year % 4 == 0 ? 366 : 365
      year += 1
    }
    var month = 0
    let lengths = [31, year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    while day >= lengths[month] {
      day -= lengths[month]
      month += 1
    }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(year)-\(two(month + 1))-\(two(day + 1))T02:14:05Z"
  }
}

extension BenchmarkRuns {
  /// Suites that apply, that lack a program, and that have nothing to measure.
  package static var plan: [PlannedSuite] {
    let bandwidth = (0..<4).map {
      PlannedMeasurement(memory("triad", $0, 0), seconds: 6, quickSeconds: 0.5)
    }
    let write = PlannedMeasurement(
      device("nvme", "sequential write", "nvme0"), seconds: 30, quickSeconds: 3,
      obstacle: .skipped("the drive has a file system; --scratch FILE names a file to write to"))
    let read = PlannedMeasurement(
      device("nvme", "sequential read", "nvme0"), seconds: 30, quickSeconds: 3)
    let peer = PlannedMeasurement(
      device("gpu", "peer", "GPU0"), seconds: 4, quickSeconds: 1,
      obstacle: .notApplicable("this machine has no GPU"))
    return [
      PlannedSuite(
        SuiteInfo("memory", "Memory bandwidth and latency, for each CPU node and memory node."),
        bandwidth),
      PlannedSuite(SuiteInfo("gpu", "Copies between host and GPUs."), [peer, peer]),
      PlannedSuite(
        SuiteInfo("nvme", "Reads and writes of drives with fio.", programs: ["fio"]), [read, write]),
      PlannedSuite(
        SuiteInfo("network", "Throughput between two addresses.", programs: ["iperf3"]),
        [PlannedMeasurement(device("network", "stream", "eth0"), seconds: 20, quickSeconds: 4)],
        missingPrograms: ["iperf3"]),
      PlannedSuite(SuiteInfo("nfs", "NFS in user space."), []),
    ]
  }
}

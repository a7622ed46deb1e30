import Base
import Benchmarks
import Foundation
import Inventory
import Linux
import LoadKernels
import RuntimeCatalog
import Synchronization
import TestSupport
import Testing

@testable import BenchmarkRunner

/// A hosted runtime is measured through its socket; a stand-in answers as tinygrad 0.13.0 does.
@Suite(.serialized) struct HostedRuntimeMeasurerTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "rt-\(UUID())").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private var socket: String { "\(folder)/a.sock" }

  private func plan(context: Int? = 256) -> [PlannedMeasurement] {
    let instance = RuntimeInstance(
      name: "a", model: "m", backend: "tinygrad-0.13.0", apis: [.chat], slots: 1, context: context,
      longestToken: 8, state: .ready, since: "", created: 0, onDemand: false)
    var box = BenchmarkBox(Inventory(origin: "test"), BenchmarkOptions())
    box.runtimes = [HostedRuntimeFacts(instance, gpus: [])]
    return HostedRuntimePlan.measurements(box).map { planned in
      var planned = planned
      planned.parameters["socket"] = socket
      planned.quickSeconds = 2
      return planned
    }
  }

  private func measured(
    _ waits: Bool = false, context: Int? = 256, stop: StopFlag = StopFlag()
  ) -> [Result<Observation, Failure>] {
    var options = BenchmarkOptions()
    options.isQuick = true
    options.waits = waits
    let session = MeasuringSession(
      box: BenchmarkBox(Inventory(origin: "test"), options), folder: folder, stop: stop)
    return HostedRuntimeMeasurer.measure(together: plan(context: context), session)
  }

  @Test func `times and rates come from the stream, tokens from the mended usage`() throws {
    let standIn = try TinygradStandIn(socket, answers: "slow 1")
    defer { standIn.stop() }
    let found = try measured().map { try $0.get() }
    #expect(found.map(\.samples.count) == [7, 7, 7, 7])
    #expect(found.allSatisfy { $0.samples.allSatisfy { $0 > 0 && $0.isFinite } })
    let details = found[3].details
    #expect(details["answerTokens"] == "32" && details["requests"] == "14")
    // Words and four, as the stand-in counts: the answer is not part of it.
    #expect(details["promptTokens.short"] == "25")
    let long = try #require(details["promptTokens.long"].flatMap { Int($0) })
    #expect((80...128).contains(long))
    // A rate is the tokens of its prompt over the time to its first token.
    for (rate, seconds) in zip(found[2].samples, found[1].samples) {
      #expect(abs(rate * seconds - Double(long)) < 30)
    }
    #expect(found[0].settings.contains("model") && found[0].details["model"] == "m")
    // No cache of a prefix helps: all prompts begin differently.
    #expect(Set(standIn.asked.withLock { $0 }).count == 15)
  }

  @Test func `a runtime in use is left alone`() throws {
    let standIn = try TinygradStandIn(socket, isSerial: false)
    defer { standIn.stop() }
    let client = try RawClient(path: socket)
    let results = measured()
    #expect(results.count == 4)
    for result in results {
      let failure = #expect(throws: Failure.self) { try result.get() }
      #expect(failure?.code == .busy)
      #expect(failure?.reason == "it is in use: 1 request of clients; --wait waits")
    }
    #expect(standIn.asked.withLock { $0.isEmpty })
    withExtendedLifetime(client) {}
  }

  @Test(arguments: [
    ("garbage", "the answer cannot be understood"), ("empty", "it answers without a token"),
    ("drop", "it is empty"),
  ]) func `a runtime that answers wrongly fails, with the reason`(
    _ what: String, _ reason: String
  ) throws {
    let standIn = try TinygradStandIn(socket, answers: what)
    defer { standIn.stop() }
    for result in measured() {
      let failure = #expect(throws: Failure.self) { try result.get() }
      #expect(failure?.reason.contains(reason) == true, "\(failure?.reason ?? "")")
    }
  }

  @Test func `one that hangs ends with its time, and one that is stopped at once`() throws {
    let standIn = try TinygradStandIn(socket, answers: "silent")
    defer { standIn.stop() }
    let start = Date()
    let failure = #expect(throws: Failure.self) { try measured()[0].get() }
    #expect(failure?.reason.hasPrefix("no token within ") == true)
    #expect(Date().timeIntervalSince(start) < 8)
    let stop = StopFlag()
    stop.stop()
    let stopped = Date()
    #expect(throws: Failure.self) { try measured(stop: stop)[0].get() }
    #expect(Date().timeIntervalSince(stopped) < 1)
  }

  @Test func `without a runtime behind it, the socket is named`() {
    let failure = #expect(throws: Failure.self) { try measured()[0].get() }
    #expect(failure?.reason == "there is no \(socket)")
  }
}

@Suite struct TokenStreamTests {
  private func stream(_ events: [String]) throws -> TokenStream {
    var stream = TokenStream()
    for (index, event) in events.enumerated() {
      try stream.feed(Array("data: \(event)\n\n".utf8), at: Double(index))
    }
    return stream
  }

  private func piece(_ text: String) -> String {
    #"{"choices":[{"delta":{"content":"\#(text)"},"finish_reason":null}]}"#
  }

  @Test func `the first and the last token have their moments`() throws {
    let stream = try stream([
      #"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#, piece("a"), piece("b"),
      #"{"choices":[{"delta":{},"finish_reason":"length"}]}"#,
      #"{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":2}}"#, "[DONE]", "rubbish",
    ])
    #expect(stream.first == 1 && stream.last == 2 && stream.pieces == 2 && stream.isDone)
    #expect(stream.tokens(limit: 8) == 2)
    #expect(stream.promptTokens(Backend.openAI.translation, context: 100) == 12)
    #expect(stream.promptTokens(Backend.tinygrad.translation, context: 100) == 10)
    #expect(stream.promptTokens(Backend.openAI.translation, context: 8) == nil)
  }

  @Test func `counts that cannot be do not count`() throws {
    for usage in [
      #"{"prompt_tokens":-3,"completion_tokens":99}"#, #"{"prompt_tokens":1e300}"#,
      #"{"prompt_tokens":"5","completion_tokens":9223372036854775807}"#, "{}", "null",
    ] {
      let stream = try stream([piece("a"), piece("b"), "{\"usage\":\(usage)}"])
      #expect(stream.tokens(limit: 4) == 2)
      #expect(stream.promptTokens(Backend.tinygrad.translation, context: nil) == nil)
    }
  }

  @Test func `an error in the stream is the runtime's own words`() {
    let failure = #expect(throws: Failure.self) {
      try stream([piece("a"), #"{"error":{"message":"out\u0007 of memory"}}"#])
    }
    #expect(failure?.reason == "out  of memory")
    for bad in ["x", "[]", "{", "7"] {
      #expect(throws: Failure.self) { try stream([bad]) }
    }
  }

  @Test func `a long prompt is cut to what the context holds`() throws {
    var planned = PlannedMeasurement(
      BenchmarkSeries(
        suite: "runtime", metric: "decode", subjectKey: "a", subject: "a",
        unit: .operationsPerSecond), seconds: 1, quickSeconds: 1)
    planned.parameters = ["socket": "/x", "model": "m", "backend": "openai", "context": "4096"]
    let load = try TokenLoad(planned, isQuick: false)
    #expect(load.promptTokens == 2048 && load.answerTokens == 96)
    #expect(load.longBytes(shortBytes: 100, shortTokens: 25) == 8192)
    #expect(load.longBytes(shortBytes: 100, shortTokens: 1) == 32_768)
    #expect(load.longBytes(shortBytes: 100, shortTokens: nil) == 2048)
    let prompt = try load.prompt(bytes: 8192)
    #expect((8192...8210).contains(prompt.utf8.count))
    #expect(try load.prompt() != load.prompt())
    planned.parameters["context"] = "64"
    let small = try TokenLoad(planned, isQuick: true)
    #expect(small.promptTokens == 32 && small.answerTokens == 16)
  }
}

/// `compute.py` with the tinygrad of this machine is tried in the nightly tests; here a stand-in answers.
@Suite struct ComputeMeasurerTests {
  private func planned(_ devices: [PCIAddress] = []) -> PlannedMeasurement {
    let load = ComputeLoad(.gemm, .float16, size: 4)
    return PlannedMeasurement(
      BenchmarkSeries(
        suite: "compute", metric: "gemm-float16", subjectKey: "k", subject: "s",
        unit: .operationsPerSecond), devices: devices, seconds: 1, quickSeconds: 1,
      parameters: load.parameters(dev: "CPU:X86"))
  }

  private func measure(_ script: String) throws -> Observation {
    let bench = try RunnerBench()
    let program = try bench.script("compute", script)
    return try ComputeMeasurer.measure(planned(), bench.session(), command: [program])
  }

  @Test func `operations over seconds are the samples, and the device is told by DEV`() throws {
    let found = try measure(
      """
      case "$1" in *'"load":"gemm"'*'"size":4'*) ;; *) exit 1 ;; esac
      [ "$DEV" = CPU:X86 ] && [ -d "$HOME" ] || exit 1
      echo '{"sample":0.5}'; echo '{"sample":0.25}'
      echo '{"done":{"operations":128,"bytes":0,"calls":2,"checked":16,"device":"CPU","renderer":"X"}}'
      """)
    #expect(found.samples == [256, 512])
    #expect(found.flags == [.standIn] && found.details["renderer"] == "X")
  }

  @Test func `a crash, a refusal and a missing program are failures of their own`() throws {
    let crash = #expect(throws: Failure.self) { try measure("echo no GPU >&2; exit 3") }
    #expect(crash?.reason == "it ended too early: no GPU")
    let type = #expect(throws: Failure.self) {
      try measure(#"echo '{"error":"CPU has no bfloat16","kind":"unsupported"}'; exit 1"#)
    }
    #expect(type?.code == .notFound)
    let bench = try RunnerBench()
    #expect(throws: Failure.self) {
      try ComputeMeasurer.measure(planned(), bench.session(), command: ["/nonexistent"])
    }
  }
}

private enum RealTinygrad {
  static let python = ProcessInfo.processInfo.environment["TINYBOX_TINYGRAD"]
}

/// `compute.py` with the real tinygrad: TINYBOX_TINYGRAD names a Python that has it.
@Suite(
  .enabled(
    if: Project.isNightly && RealTinygrad.python != nil,
    "nightly, with TINYBOX_TINYGRAD=/path/to/python"))
struct RealTinygradTests {
  private func run(_ file: String, _ load: ComputeLoad, dev: String = "CPU:X86") throws
    -> Observation
  {
    let bench = try RunnerBench()
    let planned = PlannedMeasurement(
      BenchmarkSeries(
        suite: "compute", metric: "m", subjectKey: "k", subject: "s", unit: .operationsPerSecond),
      seconds: 1, quickSeconds: 0.5, parameters: load.parameters(dev: dev))
    let python = try #require(RealTinygrad.python)
    return try ComputeMeasurer.measure(
      planned, bench.session(), command: [python, "-I", "-B", file])
  }

  private var program: String { Project.root.appending(path: "units/compute.py").path }

  @Test(arguments: [
    ComputeLoad(.gemm, .float32, size: 64), ComputeLoad(.gemm, .float16, size: 64),
    ComputeLoad(.gemm, .int8, size: 64), ComputeLoad(.add, .float32, size: 65_536),
    ComputeLoad(.allReduce, .float32, size: 4096, devices: 3),
  ]) func `every load is computed and compared`(_ load: ComputeLoad) throws {
    #expect(try run(program, load).samples.count >= 7)
  }

  @Test func `a result that is wrong by a hundredth is found`() throws {
    let bench = try RunnerBench()
    let text = try String(contentsOfFile: program, encoding: .utf8)
    let wrong = text.replacing(
      "dtype=sum_type).realize()", with: "dtype=sum_type).mul(1.01).realize()")
    #expect(wrong != text)
    let path = "\(bench.folder)/wrong.py"
    try Data(wrong.utf8).write(to: URL(filePath: path))
    let failure = #expect(throws: Failure.self) {
      try run(path, ComputeLoad(.gemm, .float32, size: 256))
    }
    #expect(failure?.reason.hasPrefix("wrong result: ") == true)
  }
}

@Suite struct JobMeasurerTests {
  @Test func `each new status of a job is a sample`() throws {
    let bench = try RunnerBench()
    let path = "\(bench.folder)/status.json"
    let writer = Thread {
      for step in 1...40 {
        _ = try? DurableFile.write(Array("{\"step\":\(step * 10)}".utf8), to: path)
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
    writer.start()
    Thread.sleep(forTimeInterval: 0.2)
    let found = try JobMeasurer.measure(path, bench.session(), seconds: 1)
    // 10 steps in 50 ms and a bit.
    #expect(found.samples.count >= 4)
    #expect(found.samples.allSatisfy { $0 > 10 && $0 < 400 }, "\(found.samples)")
  }

  @Test func `a link, a pipe, a long file and other text are no status`() throws {
    let bench = try RunnerBench()
    let path = "\(bench.folder)/status.json"
    let manager = FileManager.default
    func failure() -> Failure? {
      #expect(throws: Failure.self) {
        try JobMeasurer.measure(path, bench.session(), seconds: 0.15)
      }
    }
    #expect(failure()?.code == .notFound)
    let other = "\(bench.folder)/other"
    try Data(#"{"step":1}"#.utf8).write(to: URL(filePath: other))
    try manager.createSymbolicLink(atPath: path, withDestinationPath: other)
    #expect(failure()?.code == .notFound)
    try manager.removeItem(atPath: path)
    mkfifo(path, 0o600)
    #expect(failure()?.code == .notFound)
    try manager.removeItem(atPath: path)
    try Data(repeating: 0x20, count: 5000).write(to: URL(filePath: path))
    #expect(failure()?.code == .notFound)
    // The same as a file of its own is one, and stands still.
    try Data(#"{"step":1}"#.utf8).write(to: URL(filePath: path))
    #expect(failure()?.reason == "it has reported no new step within 0 s")
  }
}

import Base
import Inventory
import RuntimeCatalog
import Testing

@testable import Benchmarks

@Suite struct HostedRuntimePlanTests {
  private func instance(
    _ name: String, _ state: RuntimeInstance.State = .ready, apis: [RuntimeAPI] = [.chat]
  ) -> RuntimeInstance {
    RuntimeInstance(
      name: name, model: "m", backend: "tinygrad-0.13.0", apis: apis, slots: 1, context: 4096,
      longestToken: 8, state: state, reason: state == .failed ? "it crashed" : nil,
      since: "2026-11-30T00:00:00Z", created: 0, onDemand: false)
  }

  private func box(_ runtimes: [RuntimeInstance]) -> BenchmarkBox {
    var box = BenchmarkBox(Inventory(origin: "test"), BenchmarkOptions())
    box.runtimes = runtimes.map { HostedRuntimeFacts($0, gpus: []) }
    return box
  }

  @Test func `a ready runtime is measured in one series of requests`() {
    let rows = HostedRuntimePlan.measurements(box([instance("llama")]))
    #expect(
      rows.map(\.series.key) == [
        "runtime.first-token-short/llama", "runtime.first-token-long/llama",
        "runtime.prefill/llama", "runtime.decode/llama",
      ])
    #expect(rows.allSatisfy { $0.obstacle == nil && $0.together == "runtime llama" })
    #expect(rows.map(\.series.better) == [.lower, .lower, .higher, .higher])
    #expect(rows[0].parameters["socket"] == "/run/tinybox-runtimes/llama.sock")
    #expect(rows[0].parameters["api"] == "chat")
    #expect(rows.reduce(0) { $0 + $1.quickSeconds } == 20)
  }

  @Test func `others are left out with the reason`() {
    let rows = HostedRuntimePlan.measurements(
      box([
        instance("a", .idle), instance("b", .failed), instance("c", apis: [.transcriptions]),
        instance("d", apis: [.completions]),
      ]))
    #expect(rows.count == 16)
    #expect(rows[0].obstacle == .skipped("it is idle: the next request of a client starts it"))
    #expect(rows[4].obstacle == .skipped("it is failed: it crashed"))
    #expect(rows[8].obstacle == .notApplicable("it produces no text"))
    #expect(rows[12].obstacle == nil && rows[12].parameters["api"] == "completions")
  }

  @Test func `a job that runs has its step rate`() {
    var box = box([])
    box.jobs = [
      HostedJobFacts(RuntimeJob(name: "train", state: .ready, since: ""), gpus: []),
      HostedJobFacts(RuntimeJob(name: "old", state: .stopped, since: ""), gpus: []),
    ]
    let rows = HostedRuntimePlan.measurements(box)
    #expect(rows.map(\.series.key) == ["runtime.steps/train", "runtime.steps/old"])
    #expect(rows[0].obstacle == nil && rows[1].obstacle == .skipped("it does not run (stopped)"))
    #expect(rows[0].parameters["status"] == "/var/lib/private/tinybox-runtime/train/status.json")
  }

  @Test func `without runtimes, and where they are not known, one row says so`() {
    var box = box([])
    #expect(HostedRuntimePlan.measurements(box).count == 1)
    box.runtimesProblem = "it cannot be read"
    #expect(
      HostedRuntimePlan.measurements(box).map(\.obstacle) == [
        .skipped("the hosted runtimes are not known: it cannot be read")
      ])
  }
}

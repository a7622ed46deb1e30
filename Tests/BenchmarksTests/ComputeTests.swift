import Base
import Inventory
import TestMachines
import Testing

@testable import Benchmarks

@Suite struct ComputeReportTests {
  private let load = ComputeLoad(.gemm, .float32, size: 4)

  private func report(_ lines: String..., errors: String = "") throws -> ComputeReport {
    try ComputeReport(
      load, output: Array(lines.joined(separator: "\n").utf8), errors: Array(errors.utf8))
  }

  private func done(operations: Int = 128, calls: Int = 2, checked: Int = 16) -> String {
    #"{"done":{"operations":\#(operations),"bytes":0,"calls":\#(calls),"checked":\#(checked),"#
      + #""device":"AMD","renderer":"AMDHIPRenderer"}}"#
  }

  @Test func `samples and what was counted are read, other text is passed over`() throws {
    let report = try report(
      "a driver says hello", #"{"sample":0.5}"#, "{no json", #"{"sample":0.25}"#, done())
    #expect(report.seconds == [0.5, 0.25])
    #expect(report.device == "AMD" && report.checked == 16)
    #expect(load.amount == 128)
    #expect(ComputeLoad(.add, .float16, size: 10).amount == 60)
    #expect(ComputeLoad(.allReduce, .float32, size: 10, devices: 4).amount == 40)
  }

  @Test func `what cannot be is refused`() {
    let sample = #"{"sample":1}"#
    for lines in [
      [sample, done()], [sample, sample, done(operations: 127)],
      [sample, sample, done(checked: 0)], [#"{"sample":0}"#, sample, done()],
      [#"{"sample":-1}"#, sample, done()], [sample, sample], [done()], [],
    ] {
      #expect(throws: Failure.self) {
        try ComputeReport(load, output: Array(lines.joined(separator: "\n").utf8), errors: [])
      }
    }
  }

  @Test func `its own words are the reason, bounded and without control characters`() {
    let wrong = #expect(throws: Failure.self) {
      try report(#"{"sample":1}"#, #"{"error":"wrong result:\u001b[31m 1","kind":"wrong"}"#)
    }
    #expect(wrong?.reason == "wrong result: [31m 1" && wrong?.code == .failed)
    let missing = #expect(throws: Failure.self) {
      try report(#"{"error":"no bfloat16","kind":"unsupported"}"#)
    }
    #expect(missing?.code == .notFound)
    let crash = #expect(throws: Failure.self) {
      try report(errors: "Traceback\n" + String(repeating: "x", count: 9999))
    }
    #expect(crash?.reason.utf8.count ?? 0 < 400)
  }

  @Test func `a plan's parameters give the load again`() throws {
    for kind in ComputeLoad.Kind.allCases {
      for type in ComputeLoad.NumberType.allCases {
        let load = ComputeLoad(kind, type, size: 4096, devices: 2)
        #expect(try ComputeLoad(load.parameters(dev: "x")) == load)
      }
    }
    for (key, value) in [
      ("size", "0"), ("size", "9999999999999999999"), ("size", "2097152"), ("type", "fp4"),
      ("devices", "0"), ("load", ""),
    ] {
      var parameters = load.parameters(dev: "x")
      parameters[key] = value
      #expect(throws: Failure.self) { try ComputeLoad(parameters) }
    }
  }
}

@Suite struct ComputePlanTests {
  private func gpu(_ bus: UInt8, _ vendor: GPU.Vendor, node: Int? = nil) -> GPU {
    var gpu = GPU(
      address: PCIAddress(domain: 0, bus: bus, device: 0, function: 0), vendor: vendor)
    gpu.driver = vendor == .amd ? "amdgpu" : "nvidia"
    gpu.kfd = node.map { KFDNode(node: $0) }
    return gpu
  }

  private func rows(_ gpus: [GPU], _ change: (inout BenchmarkBox) -> Void = { _ in })
    -> [PlannedMeasurement]
  {
    var inventory = Inventory(origin: "test")
    inventory.gpus = gpus
    var box = BenchmarkBox(inventory, BenchmarkOptions())
    change(&box)
    return ComputePlan.measurements(box)
  }

  @Test func `each GPU has its products, its memory, and all have a sum`() {
    // The order of nodes is not that of addresses.
    let rows = rows([gpu(0x21, .amd, node: 3), gpu(0x81, .amd, node: 1), gpu(0x41, .amd, node: 2)])
    #expect(rows.count == 16)
    #expect(
      rows.prefix(5).map(\.series.metric) == [
        "gemm-float32", "gemm-float16", "gemm-bfloat16", "gemm-int8", "add",
      ])
    #expect(
      [0, 5, 10, 15].map { rows[$0].parameters["dev"] } == [
        "KFD:2+AMD", "KFD:0+AMD", "KFD:1+AMD", "KFD:0,1,2+AMD",
      ])
    #expect(rows[15].series.metric == "all-reduce" && rows[15].parameters["devices"] == "3")
    #expect(rows[15].devices.count == 3 && rows[0].devices.count == 1)
    #expect(rows.allSatisfy { $0.obstacle == nil })
  }

  @Test func `NVIDIA's cards have their number by address`() {
    let rows = rows([gpu(0x81, .nvidia), gpu(0x21, .nvidia)])
    #expect(rows[0].parameters["dev"] == "NVK:1+NV" && rows[5].parameters["dev"] == "NVK:0+NV")
    #expect(rows.last?.parameters["dev"] == "NVK:0,1+NV")
  }

  @Test func `without a GPU the CPUs stand in, and without tinygrad nothing is measured`() {
    let plain = rows([])
    #expect(plain.count == 5)
    #expect(plain.allSatisfy { $0.parameters["dev"] == "CPU:X86" && $0.devices.isEmpty })
    #expect(plain.allSatisfy { $0.ceiling == nil && $0.obstacle == nil })
    let without = rows([]) { $0.tinygradProblem = "tinygrad is not installed" }
    #expect(without.allSatisfy { $0.obstacle == .notApplicable("tinygrad is not installed") })
    let foreign = rows([gpu(0x21, .intel)])
    #expect(foreign.allSatisfy { $0.obstacle != nil })
  }
}

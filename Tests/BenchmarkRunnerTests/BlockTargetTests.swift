import Base
import Benchmarks
import Foundation
import KernelTree
import TestSupport
import Testing

@testable import BenchmarkRunner

/// Which block devices fio is let at.
@Suite(.serialized) struct BlockTargetTests {
  /// A block device of this machine that has data: it is only read.
  private static var device: String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/block")) ?? []
    return names.sorted().first { name in
      let size = try? String(contentsOfFile: "/sys/class/block/\(name)/size", encoding: .utf8)
      let sectors = Int(size?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "") ?? 0
      return ["vd", "sd", "nvme"].contains { name.hasPrefix($0) } && sectors > 1 << 16
        && FileHandle(forReadingAtPath: "/dev/\(name)") != nil
    }
  }

  private func tree(_ name: String, number: String? = nil, serial: String? = nil) -> KernelTree {
    var builder = MemoryTreeBuilder()
    if let number { builder.file("/sys/class/block/\(name)/dev", number) }
    if let serial { builder.file("/sys/class/block/\(name)/device/serial", serial + "   ") }
    return builder.tree()
  }

  @Test(
    .enabled(
      if: device != nil && RunnerBench.has("fio"), "needs fio and a disk that may be read"))
  func aDeviceIsRead() throws {
    let bench = try RunnerBench()
    let name = try #require(Self.device)
    let load = FioParameters(
      .device, .randomRead, blockBytes: 4096, depth: 4,
      targets: [.init(name, cpus: nil, memoryNode: nil)])
    let observation = try NVMeMeasurer.measure(
      bench.planned(load, .operationsPerSecond), bench.session())
    #expect(observation.samples.allSatisfy { $0 > 0 })
    #expect(observation.details["command"]?.contains("--readonly") == true)
    #expect(observation.details["bytesWritten"] == nil)
    // The node is there, and of another device than the kernel's.
    let failure = #expect(throws: Failure.self) {
      try BlockTarget.path(of: name, tree(name, number: "1:1"))
    }
    #expect(failure?.reason.hasSuffix("and \(name) is 1:1") == true)
    #expect(failure?.code == .conflict)
  }

  @Test func aNodeHasToBeABlockDevice() throws {
    let null = #expect(throws: Failure.self) {
      try BlockTarget.path(of: "null", tree("null", number: "1:3"))
    }
    #expect(null?.reason == "it is no block device, and null is 1:3")
    #expect(throws: Failure.self) {
      try BlockTarget.path(of: "x", in: "/nowhere", tree("x", number: "1:3"))
    }
    #expect(throws: Failure.self) { try BlockTarget.path(of: "", tree("")) }
  }

  @Test func onlyTheNamedSerialIsOverwritten() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/disk"
    try Data(count: 2 << 20).write(to: URL(fileURLWithPath: path))
    func check(_ serial: String?, _ own: String?) throws {
      try BlockTarget.checkOverwritable(
        "d", path, serial: serial, bench.session(), tree("d", serial: own))
    }
    try check("S1", "S1")
    for (serial, own) in [("S1", "S2"), (nil, "S1"), ("", ""), ("S1", nil)] {
      let failure = #expect(throws: Failure.self) { try check(serial, own) }
      #expect(failure?.code == .notPermitted)
    }
  }

  @Test func aSerialThatTwoHaveIsNoConsent() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/disk"
    try Data(count: 2 << 20).write(to: URL(fileURLWithPath: path))
    func check(hidden: String) throws {
      var builder = MemoryTreeBuilder()
      for name in ["d", "e"] { builder.file("/sys/class/block/\(name)/device/serial", "S1  ") }
      builder.file("/sys/class/block/e/hidden", hidden)
      try BlockTarget.checkOverwritable("d", path, serial: "S1", bench.session(), builder.tree())
    }
    // The path of a multipath drive is the same drive.
    try check(hidden: "1")
    let failure = #expect(throws: Failure.self) { try check(hidden: "0") }
    #expect(failure?.reason == "e has the same serial number")
    #expect(failure?.code == .notPermitted)
  }

  @Test func whatCannotBeReadIsNotOverwritten() throws {
    let bench = try RunnerBench()
    // blkid finds nothing on it, as on an empty drive.
    let failure = #expect(throws: Failure.self) {
      try BlockTarget.checkOverwritable(
        "d", bench.scratch, serial: "S1", bench.session(), tree("d", serial: "S1"))
    }
    #expect(failure?.errno == .EISDIR)
    #expect(failure?.code == .notPermitted)
  }

  @Test(.enabled(if: RunnerBench.has("mkswap"), "mkswap is not installed"))
  func whatCarriesASignatureIsNotOverwritten() throws {
    let bench = try RunnerBench()
    let path = "\(bench.scratch)/disk"
    try Data(count: 2 << 20).write(to: URL(fileURLWithPath: path))
    try shell("PATH=$PATH:/sbin:/usr/sbin; chmod 600 '\(path)'; mkswap '\(path)'")
    let failure = #expect(throws: Failure.self) {
      try BlockTarget.checkOverwritable(
        "d", path, serial: "S1", bench.session(), tree("d", serial: "S1"))
    }
    #expect(failure?.reason.contains("swap") == true)
  }
}

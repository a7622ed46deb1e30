import Base
import Foundation
import Statistics
import TestSupport
import Testing

/// What placement is for, on the machine that runs the tests: NFS servers and jobs in user space, each pair on
/// one CPU, against crossed CPUs. In the file system of the virtual box, which has the servers; without QEMU.
///
/// This is CPU locality. A machine with several nodes adds the cost of the way between them.
@Suite(
  .enabled(
    if: VirtualBox.isWanted && Project.isNightly
      && ProcessInfo.processInfo.activeProcessorCount > 1,
    "make nightly measures, with root and two CPUs"),
  .serialized)
struct LocalityTests {
  @Test func `crossed CPUs are worse, and the same CPUs again are not`() throws {
    let crossed = try trial("same", "crossed")
    #expect(crossed.verdict == .worse, "\(crossed)")
    #expect((crossed.high ?? .infinity) < 1, "\(crossed)")
    // One trial of fifty without a difference says gain or worse; two in turn do not.
    var control = try trial("same", "same")
    if control.verdict != .noGainShown { control = try trial("same", "same") }
    #expect(control.verdict == .noGainShown, "\(control)")
  }

  /// Pairs in the order ABBA until there is a verdict.
  private func trial(_ without: String, _ with: String) throws -> PairedTrial.Result {
    let image =
      ProcessInfo.processInfo.environment["TINYBOX_VM_DIR"].map { URL(fileURLWithPath: $0) }
      ?? Project.root.appendingPathComponent("out/vm")
    // Not below /tmp, which may be a tmpfs: the servers export none.
    let folder = Project.root.appendingPathComponent(".build/locality-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let allowed = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      .firstMatch(of: /Cpus_allowed_list:\s*(\S+)/).flatMap { NumberSet(list: String($0.1)) }
    let cpus = (allowed ?? NumberSet()).numbers.prefix(2).map { "\($0)" }

    var pairs: [PairedTrial.Pair] = []
    var result = PairedTrial.evaluate(pairs)
    while let look = result.nextLook {
      while pairs.count < look {
        let isFirst = PairedTrial.startsWithChange(pair: pairs.count)
        let words = isFirst ? [with, without] : [without, with]
        let rates = try rates(words, cpus, image, folder)
        pairs.append(
          PairedTrial.Pair(without: rates[isFirst ? 1 : 0], with: rates[isFirst ? 0 : 1]))
      }
      result = PairedTrial.evaluate(pairs)
    }
    func figure(_ value: Double?) -> String { value.map { "\(($0 * 100).rounded() / 100)" } ?? "-" }
    print(
      "locality: \(with) over \(without) CPUs: \(result.verdict), ratio \(figure(result.ratio))",
      "(\(figure(result.low)) to \(figure(result.high))), \(result.pairs) pairs")
    return result
  }

  /// Bytes a second for each word. On a busy machine a job may get no time at all: once more then.
  private func rates(
    _ words: [String], _ cpus: [String], _ image: URL, _ folder: URL
  ) throws -> [Double] {
    var complaint = ""
    for _ in 0..<3 {
      let finished = try run(
        URL(fileURLWithPath: "/bin/bash"),
        [
          Project.tests.appendingPathComponent("EndToEndTests/Guest/locality").path,
          image.appendingPathComponent("rootfs").path, folder.path,
        ] + cpus + words)
      let rates = finished.output.split(separator: "\n").compactMap { Double($0) }
      if finished.status == 0, rates.count == words.count { return rates }
      complaint = "\(finished.output) \(finished.errors)"
    }
    throw BoxError("locality: \(complaint)")
  }
}

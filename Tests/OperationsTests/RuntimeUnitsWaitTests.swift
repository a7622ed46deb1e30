import Foundation
import Runtimes
import TestSupport
import Testing

@testable import Operations

@Suite struct RuntimeUnitsWaitTests {
  /// A `start` right after an `add` came before tinyboxd had made the units, and failed.
  @Test func `units that are made a moment later are waited for`() throws {
    let root = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = root.path + "\(RuntimeUnit.DropIn.folder)/\(RuntimeUnit.service("a")).d"
    let runtimes = RuntimeOperations(root: root.path)
    #expect(!runtimes.hasUnits("a", within: 0))
    // A thread of its own: the pool of tasks may be taken by other tests.
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.2)
      try? FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try? Data("[Service]\n".utf8).write(
        to: URL(fileURLWithPath: "\(folder)/\(RuntimeUnit.DropIn.file)"))
    }
    #expect(runtimes.hasUnits("a", within: 30))
    #expect(runtimes.hasUnits("a", within: 0))
  }
}

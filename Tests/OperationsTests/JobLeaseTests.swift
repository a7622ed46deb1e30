import Base
import Foundation
import Linux
import TestSupport
import Testing

@testable import Operations

@Suite struct JobLeaseTests {
  /// `runtime start` and `restart` of a job look before they stop or start anything.
  @Test func `a job is started while its GPUs are free or its own, and no other way`() throws {
    let root = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = root.path + "/leases"
    let gpus = ["0000:01:00.0", "0000:02:00.0"].compactMap { PCIAddress($0) }
    func check() throws { try RuntimeOperations.checkFree(gpus, for: "train", leases: folder) }
    #expect(gpus.count == 2)
    try check()
    for (holder, isRefused) in [("runtime train", false), ("benchmark nvme", true)] {
      guard case .taken(let lease) = try DeviceLease.take(gpus[1], for: holder, folder: folder)
      else {
        Issue.record("the lease is not free")
        return
      }
      if isRefused {
        #expect {
          try check()
        } throws: { error in
          let failure = error as? Failure
          return failure?.code == .busy
            && failure?.description
              == "start the job 'train': GPU 0000:02:00.0 is used by benchmark nvme"
        }
      } else {
        try check()
      }
      withExtendedLifetime(lease) {}
    }
    try check()
  }
}

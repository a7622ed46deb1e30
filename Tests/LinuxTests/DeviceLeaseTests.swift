import Base
import Foundation
import TestSupport
import Testing

@testable import Linux

/// Who holds a device, and who may have it next.
@Suite struct DeviceLeaseTests {
  private static let device = PCIAddress(domain: 0, bus: 1, device: 0, function: 0)

  @Test func `the name of a holder goes with it`() throws {
    let folder = try Project.temporaryFolder()
    defer { removeFolder(folder.path) }
    let path = "\(folder.path)/\(Self.device)"
    var attempt: DeviceLease.Attempt? = try DeviceLease.take(
      Self.device, for: "one", folder: folder.path)
    guard case .taken = attempt else {
      Issue.record("nobody held it")
      return
    }
    #expect(try StampedFile.read(path, limit: 4096).bytes.isEmpty == false)
    // Who does not get it leaves the name alone.
    guard
      case .held(let holder) = try DeviceLease.take(Self.device, for: "two", folder: folder.path)
    else {
      Issue.record("it is held")
      return
    }
    #expect(holder?.name == "one")
    #expect(DeviceLease.holder(of: Self.device, folder: folder.path)?.name == "one")
    attempt = nil
    #expect(try StampedFile.read(path, limit: 4096).bytes == [])
  }

  @Test func `a kept lease stays held without its process, and the next one takes it over`() throws
  {
    let folder = try Project.temporaryFolder()
    defer { removeFolder(folder.path) }
    func held() -> String? { DeviceLease.holder(of: Self.device, folder: folder.path)?.name }
    func take() throws -> DeviceLease? {
      guard
        case .taken(let lease) = try DeviceLease.take(
          Self.device, for: "runtime a", folder: folder.path)
      else { return nil }
      return lease
    }
    var lease = try take()
    // What systemd has of it: the same open file.
    let copy = dup(try #require(lease).descriptor)
    lease?.keep()
    lease = nil
    #expect(held() == "runtime a")
    #expect(try take() == nil)
    var adopted = DeviceLease.adopt(copy, of: Self.device, folder: folder.path)
    #expect(adopted != nil && held() == "runtime a")
    #expect(
      DeviceLease.holder(of: Self.device, folder: folder.path)?.processID == Int(getpid()))
    // Given up, it is free, whoever has a copy.
    let second = dup(try #require(adopted).descriptor)
    defer { close(second) }
    adopted?.giveUp()
    adopted = nil
    #expect(held() == nil)
    // A descriptor that does not hold the device any more, and one of another file.
    lease = try take()
    #expect(lease != nil)
    #expect(DeviceLease.adopt(dup(second), of: Self.device, folder: folder.path) == nil)
    let other = open("\(folder.path)/other", O_RDWR | O_CREAT, 0o600)
    #expect(DeviceLease.adopt(other, of: Self.device, folder: folder.path) == nil)
    #expect(fcntl(other, F_GETFD) == -1)
    #expect(held() == "runtime a")
  }

  @Test func `a device has a name that systemd takes, and is known by it`() {
    let name = DeviceLease.keptName(Self.device)
    #expect(name == "lease-0000_01_00.0")
    #expect(DeviceLease.device(keptAs: name) == Self.device)
    for other in ["tinyboxd.socket", "lease-", "lease-x", "0000_01_00.0", "unknown"] {
      #expect(DeviceLease.device(keptAs: other) == nil)
    }
  }

  @Test func `who only looks keeps nobody from taking it`() throws {
    let folder = try Project.temporaryFolder()
    defer { removeFolder(folder.path) }
    // The lock of one who looks, held a while.
    let looking = open("\(folder.path)/\(Self.device)", O_RDWR | O_CREAT, 0o600)
    defer { close(looking) }
    #expect(flock(looking, LOCK_SH | LOCK_NB) == 0)
    Thread.detachNewThread {
      Clock.sleep(seconds: 0.1)
      flock(looking, LOCK_UN)
    }
    guard case .taken = try DeviceLease.take(Self.device, for: "one", folder: folder.path) else {
      Issue.record("nobody held it")
      return
    }
  }
}

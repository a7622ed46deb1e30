import Glibc
import Linux
import Systemd
import TestSupport
import Testing

private let hasLibrary = dlopen(DeviceMonitor.library, RTLD_NOW) != nil
/// Whether network devices can be made in a namespace of their own, out of everybody's way.
private let canMakeDevices =
  (try? shell("unshare -n ip link add tbx0 type veth peer name tbx1")) != nil

/// Gives the calling thread, and what it starts, a network namespace of its own.
private func leaveNetwork() throws {
  // unshare(2) is not in Glibc's Swift module.
  typealias Unshare = @convention(c) (Int32) -> Int32
  guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "unshare"),
    // CLONE_NEWNET
    unsafeBitCast(symbol, to: Unshare.self)(0x4000_0000) == 0
  else { throw Failed(step: "unshare") }
}

@Suite(.enabled(if: hasLibrary, "there is no \(DeviceMonitor.library)")) struct DeviceMonitorTests {
  /// What is told until it is enough, or until nothing more comes for a minute.
  private static func gather(
    _ monitor: DeviceMonitor, until isEnough: ([DeviceNotice]) -> Bool
  ) throws -> [DeviceNotice] {
    var found: [DeviceNotice] = []
    repeat {
      while let notice = try monitor.next() { found.append(notice) }
    } while try !isEnough(found) && isReadable(monitor.descriptor)
    return found
  }

  private static func event(_ action: String, _ name: String) -> DeviceNotice {
    .event(
      DeviceEvent(
        action: action, subsystem: "net", sysname: name,
        syspath: "/sys/devices/virtual/net/\(name)"))
  }

  @Test(.enabled(if: canMakeDevices, "needs root, ip and veth devices"))
  func `devices of the subsystems asked for are told`() throws {
    let found = try onThread { () -> [DeviceNotice] in
      try leaveNetwork()
      let monitor = try DeviceMonitor(subsystems: ["net"], source: .kernel)
      guard try monitor.next() == nil else { throw Failed(step: "an event before any") }
      try shell("ip link add tbx0 type veth peer name tbx1 && ip link del tbx0")
      return try Self.gather(monitor) { found in
        ["tbx0", "tbx1"].allSatisfy { found.contains(Self.event("remove", $0)) }
      }
    }
    // Each has queues as well: another subsystem, which was not asked for.
    #expect(
      found.allSatisfy {
        if case .event(let event) = $0 { event.subsystem == "net" } else { false }
      })
    for name in ["tbx0", "tbx1"] {
      let added = try #require(found.firstIndex(of: Self.event("add", name)))
      let removed = try #require(found.firstIndex(of: Self.event("remove", name)))
      #expect(added < removed)
    }
  }

  @Test(.enabled(if: canMakeDevices, "needs root, ip and veth devices"))
  func `events that were lost are told`() throws {
    let found = try onThread { () -> [DeviceNotice] in
      try leaveNetwork()
      let monitor = try DeviceMonitor(subsystems: ["net"], source: .kernel, bufferSize: 4096)
      try shell(
        "for i in 1 2 3 4 5 6 7 8 9; do ip link add tbx0 type veth peer name tbx1 && "
          + "ip link del tbx0; done")
      let lost = try Self.gather(monitor) { $0.contains(.overrun) }
      // After the overrun it goes on.
      try shell("ip link add after0 type veth peer name after1")
      return try lost + Self.gather(monitor) { $0.contains(Self.event("add", "after0")) }
    }
    let overrun = try #require(found.firstIndex(of: DeviceNotice.overrun))
    #expect(
      found[overrun...].contains {
        if case .event(let event) = $0 { event.sysname == "after0" } else { false }
      })
  }

  @Test func `where udev does not run the kernel tells, and says so`() throws {
    let monitor = try DeviceMonitor(subsystems: ["pci", "nvme"])
    let isRunning = access(DeviceMonitor.udevControl, F_OK) == 0
    #expect(monitor.source == (isRunning ? .udev : .kernel))
    #expect(monitor.descriptor >= 0)
  }

  @Test func `a missing library is the loader's own words`() {
    do throws(LibraryError) {
      _ = try DeviceMonitor(subsystems: [], library: "libnosuch.so.1")
      Issue.record("it was opened")
    } catch {
      #expect(error.description.contains("libnosuch.so.1"))
    }
    // A library that is another one.
    #expect(throws: LibraryError.self) {
      _ = try DeviceMonitor(subsystems: [], library: "libc.so.6")
    }
  }
}

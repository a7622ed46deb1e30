internal import Base
package import KernelTree

/// Which processes hold the device nodes of accelerators open.
///
/// One pass over `/proc/PID/fd`, shared by all that ask. Root sees every process; an ordinary
/// user sees only their own, and `denied` says so.
public struct DeviceHolders: Hashable, Sendable {
  /// Device nodes and driver lock files each process holds open, by process id.
  public var devicesByPID: [Int: Set<String>] = [:]
  /// Whether the files of some process could not be seen.
  public var denied = false
  /// Whether there was no process to look at, as in a recording without `/proc/PID`.
  public var unlisted = false

  /// Nobody holds anything.
  package init() {}

  /// The name under which a recording keeps the answer.
  static let probe = "processes/devices"

  /// Looks at every process, if the machine has a device node worth asking for.
  ///
  /// Live, the answer alone is recorded, not the open files of every process. A recording without
  /// an answer is looked at file by file, as far as it has `/proc/PID/fd`.
  /// - Parameter force: look although no accelerator has a device node.
  package static func scan(_ tree: KernelTree, force: Bool = false) -> DeviceHolders {
    guard force || hasCandidates(tree) else { return DeviceHolders() }
    do throws(ReadFailure) {
      let answer = try tree.probe(probe) { () throws(ReadFailure) in look(.live).encoded }
      return DeviceHolders(parsing: answer)
    } catch {
      return look(tree)
    }
  }

  /// The processes that hold a device node, in order.
  package func processes(holding device: String) -> [Int] {
    devicesByPID.filter { $0.value.contains(device) }.keys.sorted()
  }

  static func hasCandidates(_ tree: KernelTree) -> Bool {
    tree.exists("/dev/kfd") || tree.exists("/dev/nvidiactl")
      // A BMC's display has a card but no render node.
      || tree.namesIfPresent("/dev/dri").contains { $0.hasPrefix("renderD") }
  }

  /// Whether an open file shows who uses an accelerator: its device node, the group or device of a
  /// user space driver, or the lock file of one (`am_0000:21:00.0.lock`).
  static func isWanted(_ target: String) -> Bool {
    if target.hasPrefix("/dev/") {
      let name = target.dropFirst(5)
      return name == "kfd" || name.hasPrefix("dri/") || name.hasPrefix("nvidia")
        || name.hasPrefix("vfio/") || name.hasPrefix("accel/") || name.hasPrefix("infiniband/")
    }
    return target.hasSuffix(".lock") && lockedAddress(target) != nil
  }

  /// The GPU that a lock file of a user space driver is about.
  static func lockedAddress(_ path: String) -> PCIAddress? {
    guard let name = path.split(separator: "/").last, name.hasSuffix(".lock"),
      name.hasPrefix("am_") || name.hasPrefix("nv_")
    else { return nil }
    return PCIAddress(name.dropFirst(3).dropLast(5))
  }

  /// The pass itself.
  static func look(_ tree: KernelTree) -> DeviceHolders {
    var holders = DeviceHolders()
    let kernelThreads = kernelThreads(tree)
    // This program opens device nodes itself, by way of the vendors' libraries.
    let own = (try? tree.linkName("/proc/self")).flatMap { Int($0) }
    holders.unlisted = true
    for name in (try? tree.source.entries("/proc")) ?? [] {
      guard let first = name.utf8.first, first >= 0x31, first <= 0x39, let pid = Int(name),
        pid != own, !kernelThreads.contains(pid)
      else { continue }
      holders.unlisted = false
      let folder = "/proc/" + name + "/fd"
      let files: [String]
      do throws(ReadFailure) {
        files = try tree.source.entries(folder)
      } catch {
        // A process that ended meanwhile holds nothing.
        if error.cause == .permissionDenied { holders.denied = true }
        continue
      }
      for file in files {
        guard let target = try? tree.source.linkTarget(folder + "/" + file), isWanted(target)
        else { continue }
        holders.devicesByPID[pid, default: []].insert(target)
      }
    }
    return holders
  }

  /// Kernel threads hold no files: a third of all processes that need no look.
  static func kernelThreads(_ tree: KernelTree) -> Set<Int> {
    guard tree.textIfPresent("/proc/2/comm") == "kthreadd",
      let children = try? tree.bytes("/proc/2/task/2/children")
    else { return [] }
    return Set(ASCII.fields(children[...]).compactMap(ASCII.decimal) + [2])
  }

  var encoded: [UInt8] {
    var text = AnswerText()
    if denied { text.add("denied", "1") }
    if unlisted { text.add("unlisted", "1") }
    for (pid, devices) in devicesByPID.sorted(by: { $0.key < $1.key }) {
      for device in devices.sorted() { text.add("\(pid)", device) }
    }
    return text.bytes
  }

  init(parsing answer: [UInt8]) {
    for line in AnswerText.lines(answer) {
      if line.key == "denied" { denied = true }
      if line.key == "unlisted" { unlisted = true }
      if let pid = Int(line.key), pid > 0 { devicesByPID[pid, default: []].insert(line.value) }
    }
  }
}

extension CollectionContext {
  /// Which processes hold which device nodes, looked up once.
  package mutating func deviceHolders(force: Bool = false) -> DeviceHolders {
    if let known = knownDeviceHolders { return known }
    let found = DeviceHolders.scan(tree, force: force)
    knownDeviceHolders = found
    return found
  }
}

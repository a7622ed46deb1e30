internal import Base
internal import KernelTree
internal import Linux

/// Lock files of user space GPU drivers, and who holds them.
///
/// tinygrad takes flock(2) on `am_ADDRESS.lock` or `nv_ADDRESS.lock` in the system's folder for
/// temporary files. The file outlives its process, the lock does not. A service with a `TMPDIR` or
/// `PrivateTmp=` of its own has its files where no other program looks for them. tinybox looks
/// where process 1 does, whatever sandbox is around it.
enum RuntimeLockFinder {
  private static let folders = ["/tmp", "/var/tmp", "/dev/shm"]
  /// The name under which a recording keeps the answer.
  static let probe = "runtime-locks"

  /// The locks; nil, with the reason noted, when the folder could not be read.
  static func find(_ reader: inout FactReader) -> [RuntimeLock]? {
    do throws(ReadFailure) {
      let answer = try reader.tree.probe(probe) { () throws(ReadFailure) in try look(.live) }
      reader.note("runtimeLocks", source: probe)
      return parse(answer)
    } catch {
      reader.note("runtimeLocks", error, expected: true)
      return nil
    }
  }

  /// `lock PATH`, then `holder PID`, `ended PID` or `unknown` about it, a line each.
  private static func look(_ tree: KernelTree) throws(ReadFailure) -> [UInt8] {
    var paths: [String] = []
    for folder in folders {
      do throws(ReadFailure) {
        // Sorted afterwards: such a folder can hold thousands of other names.
        let names = try tree.source.entries(HostPaths.path(folder)).filter {
          $0.hasSuffix(".lock") && DeviceHolders.lockedAddress($0) != nil
        }
        paths += names.sorted().map { folder + "/" + $0 }
      } catch {
        // A box without one of them has no lock there; only the first is where locks are.
        if folder == folders[0] || error.cause != .notFound { throw error }
      }
    }
    var text = AnswerText()
    text.add("looked", "1")
    if paths.isEmpty { return text.bytes }
    let held = (try? tree.bytes("/proc/locks")).map(FileLocks.holders)
    for path in paths {
      text.add("lock", path)
      guard let held, let name = try? FileLocks.name(HostPaths.path(path)) else {
        text.add("unknown", "1")
        continue
      }
      for pid in held[name] ?? [] {
        text.add(FileLocks.isAlive(pid) ? "holder" : "ended", pid)
      }
    }
    return text.bytes
  }

  private static func parse(_ answer: [UInt8]) -> [RuntimeLock] {
    var locks: [RuntimeLock] = []
    for line in AnswerText.lines(answer) {
      if line.key == "lock" {
        locks.append(
          RuntimeLock(
            path: line.value, gpu: DeviceHolders.lockedAddress(line.value), holders: [],
            holdersKnown: true))
        continue
      }
      guard let last = locks.indices.last else { continue }
      switch line.key {
      case "unknown": locks[last].holdersKnown = false
      case "holder", "ended":
        guard let pid = Int(line.value), pid > 0 else { continue }
        locks[last].holders.append(pid)
        locks[last].holdersAlive = locks[last].holdersAlive != false && line.key == "holder"
      default: break
      }
    }
    return locks.sorted { NaturalOrder.precedes($0.path, $1.path) }
  }
}

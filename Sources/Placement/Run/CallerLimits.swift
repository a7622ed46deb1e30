public import Base
package import KernelTree

/// The CPUs and memory nodes that a program may use, and so what it can have a container use.
///
/// Its control group limits it, of version 1, 2 or a mixture of both, and an affinity that somebody
/// gave it (sched_setaffinity(2)). An affinity that process 1 has too is no limit of its own: it is
/// the machine's, or that of the container around both, whose control group shows it.
public struct CallerLimits: Hashable, Sendable {
  /// CPUs it may use; nil where nothing limits it.
  public var cpus: NumberSet?
  /// Memory nodes it may use; nil where nothing limits it.
  public var memoryNodes: NumberSet?
  /// The files that limit it.
  public var sources: [String] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// No limits.
  package init() {}

  /// Those of this process.
  package static func read(_ tree: KernelTree) -> CallerLimits {
    var limits = CallerLimits()
    limits.readStatus(tree)
    limits.readGroup(tree)
    return limits
  }

  private mutating func limit(cpus: NumberSet?, memoryNodes: NumberSet?, _ source: String) {
    if cpus == nil, memoryNodes == nil { return }
    if let cpus { self.cpus = self.cpus?.intersection(cpus) ?? cpus }
    if let memoryNodes {
      self.memoryNodes = self.memoryNodes?.intersection(memoryNodes) ?? memoryNodes
    }
    sources.append(source)
  }

  // MARK: the process (proc_pid_status(5))

  private mutating func readStatus(_ tree: KernelTree) {
    let path = "/proc/self/status"
    let text: String
    do throws(ReadFailure) {
      text = try tree.text(path)
    } catch {
      unknown.append(UnknownFact(fact: "cpus", path: path, reason: error.reason))
      return
    }
    // Hidden from ordinary users by hidepid=; then this process's own counts.
    let first = tree.textIfPresent("/proc/1/status")
    func own(_ key: String) -> NumberSet? {
      let ours = CallerLimits.list(key, in: text)
      return ours == first.flatMap { CallerLimits.list(key, in: $0) } ? nil : ours
    }
    limit(cpus: own("Cpus_allowed_list"), memoryNodes: own("Mems_allowed_list"), path)
  }

  private static func list(_ key: String, in text: String) -> NumberSet? {
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(key + ":") {
      return NumberSet(list: Array(line.utf8.dropFirst(key.utf8.count + 1))[...])
    }
    return nil
  }

  // MARK: the control group (cgroups(7), cpuset(7))

  private mutating func readGroup(_ tree: KernelTree) {
    let path = "/proc/self/cgroup"
    let text: String
    do throws(ReadFailure) {
      text = try tree.text(path)
    } catch {
      unknown.append(UnknownFact(fact: "cpus", path: path, reason: error.reason))
      return
    }
    for line in text.split(whereSeparator: \.isNewline) {
      // `ID:CONTROLLERS:PATH`; the path may hold colons.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let folders = CallerLimits.folders(parts[2])
      if parts[0] == "0", parts[1].isEmpty {
        readGroup(
          tree, "/sys/fs/cgroup", folders, cpus: ["cpuset.cpus.effective"],
          memory: ["cpuset.mems.effective"])
      } else if parts[1].split(separator: ",").contains("cpuset") {
        // Version 1 has what is in effect since Linux 3.17; before it what is set is in effect.
        readGroup(
          tree, "/sys/fs/cgroup/cpuset", folders, cpus: ["cpuset.effective_cpus", "cpuset.cpus"],
          memory: ["cpuset.effective_mems", "cpuset.mems"])
      }
    }
  }

  /// The path of a group and of those above it, the nearest first. One that leads out of what a
  /// container sees (`/../x`), or that only its host has, leaves those that are there.
  private static func folders(_ path: Substring) -> [String] {
    var names = path.split(separator: "/")
    if names.contains("..") { names = [] }
    return (0...names.count).reversed().map { count in
      names.prefix(count).map { "/" + $0 }.joined()
    }
  }

  /// The nearest group with the files has what is in effect for those below it too.
  private mutating func readGroup(
    _ tree: KernelTree, _ root: String, _ folders: [String], cpus: [String], memory: [String]
  ) {
    func nearest(_ files: [String]) -> (set: NumberSet, path: String)? {
      for folder in folders {
        for file in files {
          let path = root + folder + "/" + file
          if let text = tree.textIfPresent(path), let set = NumberSet(list: text), !set.isEmpty {
            return (set, path)
          }
        }
      }
      return nil
    }
    let (own, nodes) = (nearest(cpus), nearest(memory))
    if let own { limit(cpus: own.set, memoryNodes: nil, own.path) }
    if let nodes { limit(cpus: nil, memoryNodes: nodes.set, nodes.path) }
  }
}

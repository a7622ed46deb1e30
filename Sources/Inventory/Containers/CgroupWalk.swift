internal import Base
internal import KernelTree

/// Walks the unified hierarchy as far as slices and containers reach.
struct CgroupWalk {
  /// A container's group and its processes.
  struct Found {
    /// The container, without what its engine knows.
    var container: Container
    var processes: [Int]
  }

  private let tree: KernelTree
  /// Slices, by path.
  private(set) var slices: [ControlGroup] = []
  /// Containers, in the order of the walk.
  private(set) var containers: [Found] = []
  /// Folders that could not be listed.
  private(set) var unknown: [UnknownFact] = []
  private var visited = 0

  /// Root of the hierarchy.
  static let root = "/sys/fs/cgroup"
  /// Deeper than systemd nests slices, and a bound on a damaged recording.
  private static let maximumDepth = 12
  /// Groups looked at: a node of Kubernetes has some hundred.
  private static let maximumGroups = 16_384

  /// Walks the whole hierarchy.
  init(_ tree: KernelTree) {
    self.tree = tree
    descend("", name: "", depth: 0)
  }

  private mutating func descend(_ path: String, name: String, depth: Int) {
    guard let names = list(path, depth: depth) else { return }
    if name.hasSuffix(".slice") { slices.append(read(path, names)) }
    for child in names where !CgroupNames.isFile(child) {
      let below = path + "/" + child
      if let (engine, id) = CgroupNames.container(child, below: name) {
        contain(below, engine, id, depth: depth + 1)
      } else if CgroupNames.mayHoldContainers(child) {
        descend(below, name: child, depth: depth + 1)
      }
    }
  }

  private mutating func contain(
    _ path: String, _ engine: Container.Engine, _ id: String, depth: Int
  ) {
    var group = ControlGroup(path: path)
    var processes: [Int] = []
    if let names = list(path, depth: depth) {
      group = read(path, names)
      var reader = FactReader(tree, base: CgroupWalk.root + path)
      if collect(path, names, &processes, &reader, depth: depth) {
        group.processCount = processes.count
      }
      group.unknown += reader.unknown
    }
    containers.append(
      Found(container: Container(id: id, engine: engine, group: group), processes: processes))
  }

  /// Process ids of a group and of all below: podman puts them into `container`, and an init
  /// system inside makes groups of its own.
  /// - Returns: false when any of them could not be read.
  private mutating func collect(
    _ path: String, _ names: [String], _ processes: inout [Int], _ reader: inout FactReader,
    depth: Int
  ) -> Bool {
    let fact = "processCount"
    let file = CgroupWalk.root + path + "/cgroup.procs"
    guard let text = reader.bytes(fact, file, expected: true, limit: 16 << 20) else { return false }
    for field in ASCII.fields(text[...]) {
      guard let id = ASCII.decimal(field), id >= 0 else {
        reader.note(fact, path: file, unknown: "cannot understand a process id")
        return false
      }
      // Process 0 lives outside this pid namespace: it counts, and cannot be looked up.
      processes.append(id)
    }
    for child in names where !CgroupNames.isFile(child) {
      let below = path + "/" + child
      guard let inner = list(below, depth: depth + 1) else {
        // A group that ended meanwhile has no processes left.
        if tree.exists(CgroupWalk.root + below) { return false }
        continue
      }
      if !collect(below, inner, &processes, &reader, depth: depth + 1) { return false }
    }
    return true
  }

  /// Names in a group; nil when it is gone, cannot be listed or lies too deep.
  private mutating func list(_ path: String, depth: Int) -> [String]? {
    visited += 1
    let folder = CgroupWalk.root + path
    guard depth <= CgroupWalk.maximumDepth, visited <= CgroupWalk.maximumGroups else {
      unknown.append(UnknownFact(fact: "slices", path: folder, reason: "too many groups"))
      return nil
    }
    do throws(ReadFailure) {
      // The kernel has no links here, and a recording's could lead round in circles.
      if try tree.status(folder).kind != .directory { return nil }
      return try tree.names(folder)
    } catch {
      if error.cause != .notFound {
        unknown.append(UnknownFact(fact: "slices", path: folder, reason: error.reason))
      }
      return nil
    }
  }

  /// What a group grants. Files exist only where their controller is on.
  private func read(_ path: String, _ names: [String]) -> ControlGroup {
    var group = ControlGroup(path: path)
    var reader = FactReader(tree, base: CgroupWalk.root + path)
    let files = Set(names)
    func list(_ fact: String, _ file: String) -> NumberSet? {
      files.contains(file) ? reader.list(fact, file) : nil
    }
    group.cpus = list("cpus", "cpuset.cpus")
    group.effectiveCPUs = list("effectiveCPUs", "cpuset.cpus.effective")
    group.memoryNodes = list("memoryNodes", "cpuset.mems")
    group.effectiveMemoryNodes = list("effectiveMemoryNodes", "cpuset.mems.effective")
    if files.contains("pids.current") {
      group.taskCount = reader.decimal("taskCount", "pids.current")
    }
    if files.contains("memory.numa_stat"),
      let bytes = reader.parsed("memoryByNode", "memory.numa_stat", CgroupWalk.memoryByNode)
    {
      group.memoryByNode = bytes
    }
    group.unknown = reader.unknown
    return group
  }

  /// Bytes on each node from `memory.numa_stat`: `anon N0=4096 N1=0`, and `file` the same. Nodes
  /// without any are left out. Nil for a malformed text.
  static func memoryByNode(_ text: ArraySlice<UInt8>) -> [Int: Int]? {
    var sums: [Int: Int] = [:]
    var hasAny = false
    for line in ASCII.lines(Array(text)) {
      let fields = ASCII.fields(line)
      guard let key = fields.first,
        key.elementsEqual("anon".utf8) || key.elementsEqual("file".utf8)
      else { continue }
      hasAny = true
      for field in fields.dropFirst() {
        let pair = field.split(separator: 0x3d, maxSplits: 1)
        guard pair.count == 2, pair[0].first == 0x4e,
          let node = ASCII.decimal(pair[0].dropFirst()), node >= 0,
          let bytes = ASCII.decimal(pair[1]), bytes >= 0
        else { return nil }
        let (sum, overflow) = (sums[node] ?? 0).addingReportingOverflow(bytes)
        if overflow { return nil }
        sums[node] = sum
      }
    }
    return hasAny ? sums.filter { $0.value > 0 } : nil
  }
}

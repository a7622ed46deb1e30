internal import Base
internal import KernelTree

/// Gathers the processes that hold each GPU from all sources.
struct GPUProcesses {
  private var found: [[Int: GPU.GPUProcess]]

  /// No process holds any of `count` GPUs.
  init(count: Int) { found = Array(repeating: [:], count: count) }

  /// A process that holds a GPU. A driver's report counts for more than an open file.
  mutating func add(_ pid: Int, gpu: Int, evidence: String, memoryBytes: Int? = nil) {
    guard found.indices.contains(gpu) else { return }
    guard var known = found[gpu][pid] else {
      found[gpu][pid] = GPU.GPUProcess(
        pid: pid, name: nil, memoryBytes: memoryBytes, evidence: evidence)
      return
    }
    if known.evidence.hasPrefix("/"), !evidence.hasPrefix("/") { known.evidence = evidence }
    if let bytes = memoryBytes {
      // Partitions of one card, or contexts of several kinds. A context is listed once a kind
      // with all the memory of its process.
      if evidence == "kfd" {
        let (sum, overflow) = (known.memoryBytes ?? 0).addingReportingOverflow(bytes)
        known.memoryBytes = overflow ? known.memoryBytes : sum
      } else {
        known.memoryBytes = max(known.memoryBytes ?? 0, bytes)
      }
    }
    found[gpu][pid] = known
  }

  /// Processes that KFD knows, with the video memory of each.
  /// - Parameter gpuIDs: GPU of each `gpu_id`; partitions of a card share a GPU.
  mutating func addKFD(_ tree: KernelTree, gpuIDs: [Int: Int]) {
    if gpuIDs.isEmpty { return }
    let base = "/sys/class/kfd/kfd/proc"
    for name in tree.namesIfPresent(base) {
      guard let pid = Int(name) else { continue }
      for file in tree.namesIfPresent(base + "/" + name) where file.hasPrefix("vram_") {
        guard let id = Int(file.dropFirst(5)), let gpu = gpuIDs[id] else { continue }
        let bytes = (try? tree.bytes("\(base)/\(name)/\(file)")).flatMap { ASCII.decimal($0[...]) }
        add(pid, gpu: gpu, evidence: "kfd", memoryBytes: bytes.flatMap { $0 >= 0 ? $0 : nil })
      }
    }
  }

  /// Processes with an open device node or lock file.
  /// - Parameter devices: GPUs of each device node.
  mutating func addHolders(
    _ holders: DeviceHolders, devices: [String: [Int]], addresses: [PCIAddress: Int]
  ) {
    for (pid, open) in holders.devicesByPID {
      // Sorted, so that the same file is named each time.
      for path in open.sorted().reversed() {
        if let address = DeviceHolders.lockedAddress(path), let gpu = addresses[address] {
          add(pid, gpu: gpu, evidence: path)
        }
        for gpu in devices[path] ?? [] { add(pid, gpu: gpu, evidence: path) }
      }
    }
  }

  /// The processes of each GPU, by number, with the name of each.
  func named(_ tree: KernelTree) -> [[GPU.GPUProcess]] {
    var names: [Int: String] = [:]
    for pid in Set(found.flatMap(\.keys)) {
      names[pid] = tree.textIfPresent("/proc/\(pid)/comm")
    }
    return found.map { processes in
      processes.values.sorted { $0.pid < $1.pid }.map { process in
        var process = process
        process.name = names[process.pid]
        return process
      }
    }
  }
}

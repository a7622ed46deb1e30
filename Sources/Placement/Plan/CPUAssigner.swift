internal import Base
internal import Inventory

/// The CPUs of one node in the order in which they take queues: a thread of every core first,
/// second threads only afterwards. Remembers where the last device ended, so that queues of
/// different devices do not all start at the first core.
struct CPUAssigner {
  /// x86 has 256 vectors a CPU; the kernel keeps the first 32 and some at the top, and needs room
  /// for timers, other drivers and CPUs that go offline.
  static let vectorBudget = 160

  /// CPUs that may be used.
  let allowed: NumberSet
  /// The allowed threads of each core, cores in the order of their first thread.
  private let cores: [[Int]]
  /// Index into `cores` of each allowed CPU.
  private let coreOf: [Int: Int]
  private let siblings: Policy.Siblings
  /// The core the next device starts at.
  private var start = 0
  /// Vectors each CPU has been given.
  private var load: [Int: Int]
  private var isFull = false

  /// - Parameters:
  ///   - cpus: online CPUs of the node.
  ///   - excluded: CPUs that take nothing.
  ///   - cores: every core of the machine that has CPUs of this node, in order.
  ///   - load: vectors that CPUs have already and keep.
  init(
    cpus: NumberSet, excluded: NumberSet, cores: [Processors.Core], siblings: Policy.Siblings,
    load: [Int: Int]
  ) {
    allowed = cpus.subtracting(excluded)
    self.siblings = siblings
    self.load = load
    var threads: [[Int]] = []
    var known = NumberSet()
    for core in cores {
      let own = core.cpus.intersection(cpus)
      known.formUnion(own)
      // A first thread that is excluded leaves its siblings: they alone take queues on this core.
      let usable = own.intersection(allowed).numbers
      if !usable.isEmpty { threads.append(usable) }
    }
    // A CPU whose core is not known counts as a core.
    threads += allowed.subtracting(known).numbers.map { [$0] }
    threads.sort { $0[0] < $1[0] }
    var coreOf: [Int: Int] = [:]
    for (index, core) in threads.enumerated() {
      for cpu in core { coreOf[cpu] = index }
    }
    self.cores = threads
    self.coreOf = coreOf
  }

  /// Cores that can serve a queue.
  var coreCount: Int { cores.count }

  /// CPUs for so many queues of one device, one each; nil for those the node has no vectors for.
  mutating func take(_ count: Int) -> [Int?] {
    guard !cores.isEmpty, count > 0 else { return Array(repeating: nil, count: count) }
    let order = order(count)
    var assigner: [Int?] = []
    assigner.reserveCapacity(count)
    for index in 0..<count {
      var assign: Int?
      let wish = order[index % order.count]
      if !isFull {
        assign = load[wish, default: 0] < CPUAssigner.vectorBudget ? wish : leastLoaded()
      }
      if let assign { load[assign, default: 0] += 1 } else { isFull = true }
      assigner.append(assign)
    }
    start = (start + count) % cores.count
    return assigner
  }

  /// One more vector for a CPU that was taken.
  mutating func add(to cpu: Int) { load[cpu, default: 0] += 1 }

  /// The threads of a core among the allowed ones.
  func threads(of cpu: Int) -> [Int] { coreOf[cpu].map { cores[$0] } ?? [cpu] }

  /// So many CPUs, or all of them: first threads from `start` on, then second ones.
  private func order(_ count: Int) -> [Int] {
    var order: [Int] = []
    let layers = siblings == .never ? 1 : cores.reduce(1) { max($0, $1.count) }
    for layer in 0..<layers {
      for step in 0..<cores.count {
        if order.count == count { return order }
        let threads = cores[(start + step) % cores.count]
        if layer < threads.count { order.append(threads[layer]) }
      }
    }
    return order
  }

  private func leastLoaded() -> Int? {
    let assigner = siblings == .never ? cores.map { $0[0] } : cores.flatMap { $0 }
    guard let best = assigner.min(by: { (load[$0, default: 0], $0) < (load[$1, default: 0], $1) })
    else { return nil }
    return load[best, default: 0] < CPUAssigner.vectorBudget ? best : nil
  }
}

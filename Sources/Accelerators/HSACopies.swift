internal import Base
internal import CAccelerators
package import Linux

/// Copies with AMD's HSA runtime: by GPUs, or by CPUs in their place.
@safe
package final class HSACopies: CopyLibrary {
  /// Which agents are devices.
  package enum Kind: Sendable {
    /// GPUs.
    case gpus
    /// CPUs in place of GPUs: the runtime copies with the processor then, through the same calls.
    case cpus
  }

  private let hsa: HSA
  private let calls: tbx_hsa_copies
  private let ticksPerSecond: Double
  /// The agent that host memory belongs to.
  private let host: HSA.Agent
  private let agents: [HSA.Agent]
  private let pools: [HSA.Pool?]
  package let devices: [CopyDevice]
  package private(set) var isAbandoned = false
  private var allocated: [UInt] = []
  private var locked: [HostMemory] = []

  /// Starts the runtime and lists its agents.
  package init(library: String = HSA.library, _ kind: Kind) throws(LibraryError) {
    hsa = try HSA.open(library: library)
    calls = try unsafe LibraryLoader.load(library, tbx_hsa_copies_open)
    var frequency: UInt64 = 0
    try unsafe hsa.check(
      "hsa_system_get_info",
      calls.hsa_system_get_info(HSA_SYSTEM_INFO_TIMESTAMP_FREQUENCY, &frequency))
    guard frequency > 0 else {
      throw .status(call: "hsa_system_get_info", code: 0, meaning: "no frequency of its clock")
    }
    ticksPerSecond = Double(frequency)
    let all = try hsa.agents()
    var cpus: [HSA.Agent] = []
    var found: [(agent: HSA.Agent, pool: HSA.Pool?, device: CopyDevice)] = []
    for agent in all {
      guard let type = try hsa.deviceType(agent) else { continue }
      if type == .cpu { cpus.append(agent) }
      guard type == (kind == .gpus ? .gpu : .cpu) else { continue }
      // Coarse grained video memory; of a CPU, memory that is not kept for arguments of kernels.
      let pool = try hsa.pools(agent).first { pool in
        pool.segment == 0 && (kind == .gpus ? pool.flags & 4 != 0 : pool.flags & 1 == 0)
      }
      found.append((agent, pool, try HSACopies.device(agent, type, hsa)))
    }
    guard let host = cpus.first else {
      throw .status(call: "hsa_iterate_agents", code: 0, meaning: "no CPU agent")
    }
    self.host = host
    agents = found.map(\.agent)
    pools = found.map(\.pool)
    devices = found.map(\.device)
    // Before the first copy: the runtime takes the times of those after it (hsa_ext_amd.h).
    try hsa.check(
      "hsa_amd_profiling_async_copy_enable", calls.hsa_amd_profiling_async_copy_enable(true))
  }

  deinit {
    for address in allocated {
      _ = unsafe calls.hsa_amd_memory_pool_free(UnsafeMutableRawPointer(bitPattern: address))
    }
    for memory in locked { _ = unsafe calls.hsa_amd_memory_unlock(memory.address) }
  }

  private static func device(
    _ agent: HSA.Agent, _ type: HSA.DeviceType, _ hsa: borrowing HSA
  ) throws(LibraryError) -> CopyDevice {
    let name = try hsa.name(agent)
    if type == .cpu {
      return CopyDevice(
        name: name, address: nil, node: Int(try hsa.number(agent, HSA_AGENT_INFO_NODE)))
    }
    let location = try hsa.location(agent)
    // A runtime older than this attribute knows one domain.
    let domain = (try? hsa.domain(agent)) ?? 0
    return CopyDevice(
      name: name,
      address: PCIAddress(
        domain: UInt32(clamping: domain), bus: UInt8(location >> 8 & 0xff),
        device: UInt8(location >> 3 & 0x1f), function: UInt8(location & 7)), node: nil)
  }

  package func allocate(
    _ device: Int, bytes: Int, peers: [Int]
  ) throws(CopyError) -> CopyBuffer {
    guard let pool = pools[device] else {
      throw .noAccess("\(devices[device].name) has no memory that can be allocated")
    }
    var address: UnsafeMutableRawPointer?
    try check(
      "hsa_amd_memory_pool_allocate",
      unsafe calls.hsa_amd_memory_pool_allocate(
        hsa_amd_memory_pool_t(handle: pool.handle), bytes, 0, &address))
    guard let address = unsafe address else {
      throw .library(
        .status(call: "hsa_amd_memory_pool_allocate", code: 0, meaning: "no address"))
    }
    allocated.append(UInt(bitPattern: address))
    for peer in peers where peer != device {
      let access = try asCopyError { () throws(LibraryError) in
        try hsa.poolAccess(agents[peer], pool)
      }
      if access == 0 {
        throw .noAccess(
          "\(text(peer)) may not access the memory of \(text(device)), the HSA runtime reports")
      }
    }
    let users = Set([device] + peers).sorted().map { hsa_agent_t(handle: agents[$0].handle) }
    try check(
      "hsa_amd_agents_allow_access",
      unsafe calls.hsa_amd_agents_allow_access(UInt32(users.count), users, nil, address))
    return CopyBuffer(device: device, address: UInt(bitPattern: address), bytes: bytes)
  }

  package func lock(_ memory: HostMemory, devices: [Int]) throws(CopyError) -> CopyBuffer {
    var users = devices.map { hsa_agent_t(handle: agents[$0].handle) }
    var address: UnsafeMutableRawPointer?
    let count = Int32(users.count)
    try check(
      "hsa_amd_memory_lock",
      unsafe calls.hsa_amd_memory_lock(memory.address, memory.bytes, &users, count, &address))
    locked.append(memory)
    return unsafe CopyBuffer(
      device: nil, address: UInt(bitPattern: address ?? memory.address), bytes: memory.bytes)
  }

  package func copy(
    _ lanes: [CopyLane], _ limit: CopyLimit
  ) throws(CopyError) -> [[CopyInterval]] {
    var signals: [[hsa_signal_t]] = lanes.map { _ in [] }
    let start = Clock.seconds()
    do throws(CopyError) {
      for index in 0..<(lanes.map(\.count).max() ?? 0) {
        for (place, lane) in lanes.enumerated() where index < lane.count {
          let signal = try signal()
          do throws(CopyError) {
            try begin(lane, after: signals[place].last, signal)
          } catch {
            _ = calls.hsa_signal_destroy(signal)
            throw error
          }
          signals[place].append(signal)
        }
      }
      for signal in signals.joined() { try wait(signal, limit, since: start) }
    } catch {
      settle(signals)
      throw error
    }
    defer { for signal in signals.joined() { _ = calls.hsa_signal_destroy(signal) } }
    let wall = Clock.seconds() - start
    var times: [[CopyInterval]] = []
    for lane in signals {
      var intervals: [CopyInterval] = []
      for signal in lane { intervals.append(try time(signal, wallSeconds: wall)) }
      times.append(intervals)
    }
    return times
  }

  /// A signal that a copy sets to 0 at its end.
  private func signal() throws(CopyError) -> hsa_signal_t {
    var signal = hsa_signal_t()
    try check("hsa_signal_create", unsafe calls.hsa_signal_create(1, 0, nil, &signal))
    return signal
  }

  /// Starts one copy, once the one before it on its lane has ended.
  private func begin(
    _ lane: CopyLane, after previous: hsa_signal_t?, _ signal: hsa_signal_t
  ) throws(CopyError) {
    var from = hsa_agent_t(handle: (lane.from.device.map { agents[$0] } ?? host).handle)
    let to = hsa_agent_t(handle: (lane.to.device.map { agents[$0] } ?? host).handle)
    // The runtime copies with the source's engines; those of the destination, where it stands for both.
    if lane.from.device != nil, lane.worker == lane.to.device { from = to }
    let target = unsafe UnsafeMutableRawPointer(bitPattern: lane.to.address)
    let source = unsafe UnsafeRawPointer(bitPattern: lane.from.address)
    let bytes = lane.to.bytes
    let status: hsa_status_t
    if var previous {
      status = unsafe calls.hsa_amd_memory_async_copy(
        target, to, source, from, bytes, 1, &previous, signal)
    } else {
      // An array without elements has an address, which the runtime refuses beside a count of 0.
      status = unsafe calls.hsa_amd_memory_async_copy(
        target, to, source, from, bytes, 0, nil, signal)
    }
    try check("hsa_amd_memory_async_copy", status)
  }

  private func wait(
    _ signal: hsa_signal_t, _ limit: CopyLimit, since start: Double
  ) throws(CopyError) {
    try limit.wait(since: start) { () throws(CopyError) in
      let value = value(signal)
      // The runtime sets a negative value where the copy failed (hsa_ext_amd.h).
      if value < 0 {
        throw .library(
          .status(
            call: "hsa_amd_memory_async_copy", code: Int(value), meaning: "the copy failed"))
      }
      return value == 0
    }
  }

  /// The value of a signal once it is below 1, or after 20 ms.
  private func value(_ signal: hsa_signal_t) -> Int64 {
    let ticks = UInt64(ticksPerSecond * 0.02)
    return Int64(
      calls.hsa_signal_wait_scacquire(
        signal, HSA_SIGNAL_CONDITION_LT, 1, ticks, HSA_WAIT_STATE_BLOCKED))
  }

  /// Waits a little for what was started before a failure. Where it does not end, everything stays as it
  /// is for the life of the process: a copy cannot be called back, and it may still write.
  private func settle(_ signals: [[hsa_signal_t]]) {
    let all = signals.joined()
    let end = Clock.seconds() + CopyLimit.graceSeconds
    while all.contains(where: { value($0) > 0 }) {
      if Clock.seconds() >= end {
        isAbandoned = true
        unsafe _ = Unmanaged.passRetained(self)
        return
      }
    }
    for signal in all { _ = calls.hsa_signal_destroy(signal) }
  }

  private func time(
    _ signal: hsa_signal_t, wallSeconds: Double
  ) throws(CopyError) -> CopyInterval {
    var time = hsa_amd_profiling_async_copy_time_t()
    try check(
      "hsa_amd_profiling_get_async_copy_time",
      unsafe calls.hsa_amd_profiling_get_async_copy_time(signal, &time))
    return try .checked(
      start: Double(time.start) / ticksPerSecond, end: Double(time.end) / ticksPerSecond,
      wallSeconds: wallSeconds)
  }

  private func text(_ device: Int) -> String {
    devices[device].address.map(\.short) ?? devices[device].name
  }

  private func check(_ call: String, _ status: hsa_status_t) throws(CopyError) {
    try asCopyError { () throws(LibraryError) in try hsa.check(call, status) }
  }
}

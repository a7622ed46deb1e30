internal import CAccelerators
internal import Glibc
package import Linux

/// A session with AMD's HSA runtime, opened at run time. Closing it shuts the runtime down.
///
/// The runtime lists what it may use: device control groups hide GPUs, and so does a runtime older
/// than the GPU, without an error.
@safe
package struct HSA: ~Copyable {
  /// The name under which ROCm and Debian install it.
  package static let library = "libhsa-runtime64.so.1"

  let table: tbx_hsa

  private init(adopting table: tbx_hsa) { self.table = table }

  deinit { _ = table.hsa_shut_down() }

  /// Loads the library and starts the runtime.
  /// - Parameter library: a name for the loader, or a path.
  package static func open(library: String = HSA.library) throws(LibraryError) -> HSA {
    let table = try unsafe LibraryLoader.load(library, tbx_hsa_open)
    // It hides and renumbers GPUs; an inventory is of what is there.
    if unsafe getenv("ROCR_VISIBLE_DEVICES") != nil { unsafe unsetenv("ROCR_VISIBLE_DEVICES") }
    let status = table.hsa_init()
    if status == HSA_STATUS_ERROR_OUT_OF_RESOURCES {
      // What it answers without a usable /dev/kfd; its own text is about memory.
      throw .status(
        call: "hsa_init", code: Int(status.rawValue), meaning: "no accelerator it can open")
    }
    guard status == HSA_STATUS_SUCCESS else {
      throw failure("hsa_init", status, table)
    }
    return HSA(adopting: table)
  }

  /// Why this process may not use `/dev/kfd`, or nil when it may. The runtime does not report it.
  package static func accessFailure() -> LibraryError? {
    if unsafe access("/dev/kfd", R_OK | W_OK) == 0 { return nil }
    let number = errno
    return unsafe .status(
      call: "/dev/kfd", code: Int(number), meaning: String(cString: strerror(number)))
  }

  /// An agent: a CPU or a GPU that runs kernels. Belongs to the session that listed it.
  package struct Agent: Hashable {
    let handle: UInt64
  }

  /// What an agent is.
  package enum DeviceType: UInt32, Sendable { case cpu = 0, gpu, dsp, aie }

  /// A memory pool of an agent.
  package struct Pool: Hashable, Sendable {
    /// Segment: 0 global, 1 read-only, 2 private, 3 group.
    package var segment: Int
    /// Flags of a global pool: 1 kernel arguments, 2 fine grained, 4 coarse grained.
    package var flags: Int
    /// Size in bytes.
    package var sizeBytes: Int
    let handle: UInt64
  }

  /// Every agent, in the runtime's order.
  package func agents() throws(LibraryError) -> [Agent] {
    var handles: [UInt64] = []
    let status = unsafe withUnsafeMutablePointer(to: &handles) { handles in
      unsafe table.hsa_iterate_agents(
        { agent, state in
          unsafe state?.assumingMemoryBound(to: [UInt64].self).pointee.append(agent.handle)
          return HSA_STATUS_SUCCESS
        }, handles)
    }
    try check("hsa_iterate_agents", status)
    return handles.map { Agent(handle: $0) }
  }

  /// Name of the agent: `gfx1100`, or the CPU's.
  package func name(_ agent: Agent) throws(LibraryError) -> String {
    try text(agent, HSA_AGENT_INFO_NAME)
  }

  /// Product name, from the driver.
  package func productName(_ agent: Agent) throws(LibraryError) -> String {
    try text(agent, tbx_hsa_amd_attribute(HSA_AMD_AGENT_INFO_PRODUCT_NAME))
  }

  /// CPU or GPU; nil for a kind newer than this program.
  package func deviceType(_ agent: Agent) throws(LibraryError) -> DeviceType? {
    DeviceType(rawValue: try number(agent, HSA_AGENT_INFO_DEVICE))
  }

  package func computeUnits(_ agent: Agent) throws(LibraryError) -> Int {
    Int(try number(agent, tbx_hsa_amd_attribute(HSA_AMD_AGENT_INFO_COMPUTE_UNIT_COUNT)))
  }

  /// Number of the KFD node.
  package func driverNode(_ agent: Agent) throws(LibraryError) -> Int {
    Int(try number(agent, tbx_hsa_amd_attribute(HSA_AMD_AGENT_INFO_DRIVER_NODE_ID)))
  }

  /// Bus, device and function as KFD's `location_id` has them, with a partition's number in the
  /// lowest bits.
  package func location(_ agent: Agent) throws(LibraryError) -> Int {
    Int(try number(agent, tbx_hsa_amd_attribute(HSA_AMD_AGENT_INFO_BDFID)))
  }

  /// PCI domain.
  package func domain(_ agent: Agent) throws(LibraryError) -> Int {
    Int(try number(agent, tbx_hsa_amd_attribute(HSA_AMD_AGENT_INFO_DOMAIN)))
  }

  /// The memory pools of an agent.
  package func pools(_ agent: Agent) throws(LibraryError) -> [Pool] {
    guard let iterate = unsafe table.hsa_amd_agent_iterate_memory_pools,
      let ask = unsafe table.hsa_amd_memory_pool_get_info
    else {
      throw .noCall("hsa_amd_agent_iterate_memory_pools")
    }
    var handles: [UInt64] = []
    let status = unsafe withUnsafeMutablePointer(to: &handles) { handles in
      unsafe iterate(
        hsa_agent_t(handle: agent.handle),
        { pool, state in
          unsafe state?.assumingMemoryBound(to: [UInt64].self).pointee.append(pool.handle)
          return HSA_STATUS_SUCCESS
        }, handles)
    }
    try check("hsa_amd_agent_iterate_memory_pools", status)
    var pools: [Pool] = []
    for handle in handles {
      let pool = hsa_amd_memory_pool_t(handle: handle)
      var segment: UInt32 = 0
      var flags: UInt32 = 0
      var size = 0
      let call = "hsa_amd_memory_pool_get_info"
      try unsafe check(call, ask(pool, HSA_AMD_MEMORY_POOL_INFO_SEGMENT, &segment))
      // Only the global segment has flags.
      if segment == 0 {
        try unsafe check(call, ask(pool, HSA_AMD_MEMORY_POOL_INFO_GLOBAL_FLAGS, &flags))
      }
      try unsafe check(call, ask(pool, HSA_AMD_MEMORY_POOL_INFO_SIZE, &size))
      pools.append(
        Pool(segment: Int(segment), flags: Int(flags), sizeBytes: size, handle: handle))
    }
    return pools
  }

  /// Whether an agent may access a pool: 0 never, 1 by default, 2 after asking
  /// (hsa_amd_memory_pool_access_t).
  package func poolAccess(_ agent: Agent, _ pool: Pool) throws(LibraryError) -> Int {
    let call = "hsa_amd_agent_memory_pool_get_info"
    guard let ask = unsafe table.hsa_amd_agent_memory_pool_get_info else { throw .noCall(call) }
    var access: UInt32 = 0
    let status = unsafe ask(
      hsa_agent_t(handle: agent.handle), hsa_amd_memory_pool_t(handle: pool.handle),
      HSA_AMD_AGENT_MEMORY_POOL_INFO_ACCESS, &access)
    try check(call, status)
    return Int(access)
  }

  func number(_ agent: Agent, _ attribute: hsa_agent_info_t) throws(LibraryError) -> UInt32 {
    // Eight bytes, in case an attribute is wider than its documentation.
    var value: UInt64 = 0
    let status = unsafe table.hsa_agent_get_info(
      hsa_agent_t(handle: agent.handle), attribute, &value)
    try check("hsa_agent_get_info", status)
    return UInt32(truncatingIfNeeded: value)
  }

  private func text(_ agent: Agent, _ attribute: hsa_agent_info_t) throws(LibraryError) -> String {
    // Both texts are documented as 64 bytes.
    var buffer = [CChar](repeating: 0, count: 256)
    let status = unsafe table.hsa_agent_get_info(
      hsa_agent_t(handle: agent.handle), attribute, &buffer)
    try check("hsa_agent_get_info", status)
    return LibraryLoader.text(buffer)
  }

  func check(_ call: String, _ status: hsa_status_t) throws(LibraryError) {
    if status != HSA_STATUS_SUCCESS { throw HSA.failure(call, status, table) }
  }

  private static func failure(_ call: String, _ status: hsa_status_t, _ table: tbx_hsa)
    -> LibraryError
  {
    // An attribute the library does not know.
    if call == "hsa_agent_get_info" && status == HSA_STATUS_ERROR_INVALID_ARGUMENT {
      return .notSupported(call: call)
    }
    var words: UnsafePointer<CChar>?
    if let explain = unsafe table.hsa_status_string,
      unsafe explain(status, &words) == HSA_STATUS_SUCCESS,
      let words = unsafe words
    {
      return unsafe .status(call: call, code: Int(status.rawValue), meaning: String(cString: words))
    }
    return .status(call: call, code: Int(status.rawValue), meaning: "error")
  }
}

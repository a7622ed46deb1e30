internal import CAccelerators
package import Linux

/// A session with NVIDIA's management library, opened at run time. Closing it ends the session.
///
/// Any thread may call: the library is thread-safe (NVML API Reference). Every call checks its
/// return code: what a card does not have is `notSupported`, what an old library does not have is
/// `noCall`, and all else carries the library's answer.
@safe
package struct NVML: ~Copyable, @unchecked Sendable {
  /// The name under which the driver installs it.
  package static let library = "libnvidia-ml.so.1"

  let table: tbx_nvml

  private init(adopting table: tbx_nvml) { self.table = table }

  deinit { _ = table.nvmlShutdown() }

  /// Loads the library and starts a session.
  /// - Parameter library: a name for the loader, or a path.
  package static func open(library: String = NVML.library) throws(LibraryError) -> NVML {
    let table = try unsafe LibraryLoader.load(library, tbx_nvml_open)
    try check("nvmlInit_v2", table.nvmlInit_v2())
    return NVML(adopting: table)
  }

  /// A GPU of the session. Its handle is the library's and ends with the session.
  @safe
  package struct Device {
    let handle: nvmlDevice_t
  }

  /// Which clock.
  package enum Clock: UInt32, Sendable { case graphics = 0, multiprocessor, memory, video }
  /// Which temperature limit.
  package enum Threshold: UInt32, Sendable { case shutdown = 0, slowdown, memoryMaximum, maximum }
  /// Which memory errors.
  package enum ErrorKind: UInt32, Sendable { case corrected = 0, uncorrected }
  /// Since when errors are counted: the driver's load, or the life of the card.
  package enum ErrorCounter: UInt32, Sendable { case volatile = 0, aggregate }
  /// What a process does on the GPU.
  package enum ProcessKind: Sendable { case compute, graphics }

  /// A process with a context on a GPU.
  package struct Process: Hashable, Sendable {
    /// Process id, in the caller's name space.
    package var pid: Int
    /// Memory it holds, bytes; nil when the driver does not say.
    package var memoryBytes: Int?
  }

  /// How many GPUs the driver drives, with those the caller may not use.
  package func deviceCount() throws(LibraryError) -> Int {
    unsafe Int(
      try value("nvmlDeviceGetCount_v2", UInt32(0)) { unsafe table.nvmlDeviceGetCount_v2($0) })
  }

  /// A GPU by the library's index, which no other list shares.
  package func device(_ index: Int) throws(LibraryError) -> Device {
    let call = "nvmlDeviceGetHandleByIndex_v2"
    let handle = try unsafe value(call, nvmlDevice_t?.none) {
      unsafe table.nvmlDeviceGetHandleByIndex_v2(UInt32(clamping: index), $0)
    }
    guard let handle = unsafe handle else {
      throw .status(call: call, code: 0, meaning: "no handle")
    }
    return unsafe Device(handle: handle)
  }

  /// PCI address as the library writes it: `00000000:41:00.0`.
  package func busID(_ device: Device) throws(LibraryError) -> String {
    let info = try unsafe value("nvmlDeviceGetPciInfo_v3", nvmlPciInfo_t()) {
      unsafe table.nvmlDeviceGetPciInfo_v3(device.handle, $0)
    }
    return NVML.busID(info)
  }

  static func busID(_ info: nvmlPciInfo_t) -> String {
    let bytes = unsafe withUnsafeBytes(of: info.busId) { unsafe Array($0) }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Version of the driver.
  package func driverVersion() throws(LibraryError) -> String {
    try unsafe text("nvmlSystemGetDriverVersion") {
      unsafe table.nvmlSystemGetDriverVersion?($0, $1)
    }
  }

  /// Product name.
  package func name(_ device: Device) throws(LibraryError) -> String {
    try unsafe text("nvmlDeviceGetName") { unsafe table.nvmlDeviceGetName?(device.handle, $0, $1) }
  }

  /// UUID, `GPU-...`.
  package func uuid(_ device: Device) throws(LibraryError) -> String {
    try unsafe text("nvmlDeviceGetUUID") { unsafe table.nvmlDeviceGetUUID?(device.handle, $0, $1) }
  }

  /// Version of the card's firmware.
  package func vbios(_ device: Device) throws(LibraryError) -> String {
    try unsafe text("nvmlDeviceGetVbiosVersion") {
      unsafe table.nvmlDeviceGetVbiosVersion?(device.handle, $0, $1)
    }
  }

  /// Video memory in bytes, and how much of it is in use. Libraries since driver 510 leave the
  /// driver's own reserve out of the latter, as `nvidia-smi` does.
  package func memory(_ device: Device) throws(LibraryError) -> (total: UInt64, used: UInt64) {
    if unsafe table.nvmlDeviceGetMemoryInfo_v2 != nil {
      var ask = nvmlMemory_v2_t()
      ask.version = structVersion(ask, 2)
      do throws(LibraryError) {
        let memory = try unsafe value("nvmlDeviceGetMemoryInfo_v2", ask) {
          unsafe table.nvmlDeviceGetMemoryInfo_v2?(device.handle, $0)
        }
        return (memory.total, memory.used)
      } catch .notSupported {
        // Fall through to the call that every card has.
      }
    }
    let memory = try unsafe value("nvmlDeviceGetMemoryInfo", nvmlMemory_t()) {
      unsafe table.nvmlDeviceGetMemoryInfo?(device.handle, $0)
    }
    return (memory.total, memory.used)
  }

  /// Size of the BAR through which the host sees video memory, bytes.
  package func bar1Bytes(_ device: Device) throws(LibraryError) -> UInt64 {
    try unsafe value("nvmlDeviceGetBAR1MemoryInfo", nvmlBAR1Memory_t()) {
      unsafe table.nvmlDeviceGetBAR1MemoryInfo?(device.handle, $0)
    }.bar1Total
  }

  /// Power drawn, milliwatts.
  package func power(_ device: Device) throws(LibraryError) -> UInt32 {
    try unsafe value("nvmlDeviceGetPowerUsage", UInt32(0)) {
      unsafe table.nvmlDeviceGetPowerUsage?(device.handle, $0)
    }
  }

  /// Power cap in force, milliwatts.
  package func powerLimit(_ device: Device) throws(LibraryError) -> UInt32 {
    try unsafe value("nvmlDeviceGetPowerManagementLimit", UInt32(0)) {
      unsafe table.nvmlDeviceGetPowerManagementLimit?(device.handle, $0)
    }
  }

  /// Power cap the card has by itself, milliwatts.
  package func powerDefault(_ device: Device) throws(LibraryError) -> UInt32 {
    try unsafe value("nvmlDeviceGetPowerManagementDefaultLimit", UInt32(0)) {
      unsafe table.nvmlDeviceGetPowerManagementDefaultLimit?(device.handle, $0)
    }
  }

  /// Lowest and highest power cap, milliwatts.
  package func powerRange(_ device: Device) throws(LibraryError) -> (low: UInt32, high: UInt32) {
    var high: UInt32 = 0
    let low = try unsafe value("nvmlDeviceGetPowerManagementLimitConstraints", UInt32(0)) {
      unsafe table.nvmlDeviceGetPowerManagementLimitConstraints?(device.handle, $0, &high)
    }
    return (low, high)
  }

  /// Temperature of the GPU, degrees Celsius.
  package func temperature(_ device: Device) throws(LibraryError) -> Int {
    let first: LibraryError
    do throws(LibraryError) {
      return unsafe Int(
        try value("nvmlDeviceGetTemperature", UInt32(0)) {
          unsafe table.nvmlDeviceGetTemperature?(device.handle, 0, $0)
        })
    } catch { first = error }
    // Deprecated in favour of this one, which older libraries do not have.
    guard unsafe table.nvmlDeviceGetTemperatureV != nil else { throw first }
    var ask = nvmlTemperature_t()
    ask.version = structVersion(ask, 1)
    return unsafe Int(
      try value("nvmlDeviceGetTemperatureV", ask) {
        unsafe table.nvmlDeviceGetTemperatureV?(device.handle, $0)
      }.temperature)
  }

  /// A temperature limit, degrees Celsius.
  package func threshold(_ device: Device, _ which: Threshold) throws(LibraryError) -> Int {
    unsafe Int(
      try value("nvmlDeviceGetTemperatureThreshold", UInt32(0)) {
        unsafe table.nvmlDeviceGetTemperatureThreshold?(device.handle, which.rawValue, $0)
      })
  }

  /// A clock, MHz.
  package func clock(_ device: Device, _ which: Clock) throws(LibraryError) -> Int {
    unsafe Int(
      try value("nvmlDeviceGetClockInfo", UInt32(0)) {
        unsafe table.nvmlDeviceGetClockInfo?(device.handle, which.rawValue, $0)
      })
  }

  /// Share of time that kernels ran and that memory was read or written, percent.
  package func utilization(
    _ device: Device
  ) throws(LibraryError) -> (gpu: UInt32, memory: UInt32) {
    let percent = try unsafe value("nvmlDeviceGetUtilizationRates", nvmlUtilization_t()) {
      unsafe table.nvmlDeviceGetUtilizationRates?(device.handle, $0)
    }
    return (percent.gpu, percent.memory)
  }

  /// Whether error correction is on.
  package func isECCOn(_ device: Device) throws(LibraryError) -> Bool {
    var pending: UInt32 = 0
    return try unsafe value("nvmlDeviceGetEccMode", UInt32(0)) {
      unsafe table.nvmlDeviceGetEccMode?(device.handle, $0, &pending)
    } == 1
  }

  /// Memory errors counted.
  package func eccErrors(
    _ device: Device, _ kind: ErrorKind, _ counter: ErrorCounter
  ) throws(LibraryError) -> UInt64 {
    try unsafe value("nvmlDeviceGetTotalEccErrors", UInt64(0)) {
      unsafe table.nvmlDeviceGetTotalEccErrors?(device.handle, kind.rawValue, counter.rawValue, $0)
    }
  }

  /// Why the clocks are below what they could be: a bit for each reason.
  package func throttleReasons(_ device: Device) throws(LibraryError) -> UInt64 {
    // The same call under two names; the second is deprecated.
    if unsafe table.nvmlDeviceGetCurrentClocksEventReasons != nil {
      return try unsafe value("nvmlDeviceGetCurrentClocksEventReasons", UInt64(0)) {
        unsafe table.nvmlDeviceGetCurrentClocksEventReasons?(device.handle, $0)
      }
    }
    return try unsafe value("nvmlDeviceGetCurrentClocksThrottleReasons", UInt64(0)) {
      unsafe table.nvmlDeviceGetCurrentClocksThrottleReasons?(device.handle, $0)
    }
  }

  /// PCIe replays.
  package func replays(_ device: Device) throws(LibraryError) -> UInt32 {
    try unsafe value("nvmlDeviceGetPcieReplayCounter", UInt32(0)) {
      unsafe table.nvmlDeviceGetPcieReplayCounter?(device.handle, $0)
    }
  }

  /// Compute capability: 8 and 9 are sm_89.
  package func capability(_ device: Device) throws(LibraryError) -> (major: Int, minor: Int) {
    var minor: Int32 = 0
    let major = try unsafe value("nvmlDeviceGetCudaComputeCapability", Int32(0)) {
      unsafe table.nvmlDeviceGetCudaComputeCapability?(device.handle, $0, &minor)
    }
    return (Int(major), Int(minor))
  }

  /// A capability of two GPUs, NVML_P2P_CAPS_INDEX_*.
  package enum PeerCapability: UInt32, Sendable { case read = 0, write, nvlink }

  /// Whether one GPU has a capability with another's memory, NVML_P2P_STATUS_*: 0 yes, 1 not with
  /// this chipset, 2 not with this GPU, 3 not with this topology, 4 disabled by registry key, 5
  /// not supported, 6 unknown.
  package func peerStatus(
    _ from: Device, _ to: Device, _ capability: PeerCapability
  ) throws(LibraryError) -> Int {
    unsafe Int(
      try value("nvmlDeviceGetP2PStatus", UInt32(0)) {
        unsafe table.nvmlDeviceGetP2PStatus?(from.handle, to.handle, capability.rawValue, $0)
      })
  }

  /// The processes with a context of a kind.
  package func processes(
    _ device: Device, _ kind: ProcessKind
  ) throws(LibraryError) -> [Process] {
    let call: String
    let ask:
      (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<nvmlProcessInfo_t>?) -> nvmlReturn_t?
    switch (
      kind, unsafe table.nvmlDeviceGetComputeRunningProcesses_v3 != nil,
      unsafe table.nvmlDeviceGetGraphicsRunningProcesses_v3 != nil
    ) {
    case (.compute, true, _):
      call = "nvmlDeviceGetComputeRunningProcesses_v3"
      unsafe ask = { [table] in
        unsafe table.nvmlDeviceGetComputeRunningProcesses_v3?(device.handle, $0, $1)
      }
    case (.compute, false, _):
      call = "nvmlDeviceGetComputeRunningProcesses_v2"
      unsafe ask = { [table] in
        unsafe table.nvmlDeviceGetComputeRunningProcesses_v2?(device.handle, $0, $1)
      }
    case (.graphics, _, true):
      call = "nvmlDeviceGetGraphicsRunningProcesses_v3"
      unsafe ask = { [table] in
        unsafe table.nvmlDeviceGetGraphicsRunningProcesses_v3?(device.handle, $0, $1)
      }
    case (.graphics, _, false):
      call = "nvmlDeviceGetGraphicsRunningProcesses_v2"
      unsafe ask = { [table] in
        unsafe table.nvmlDeviceGetGraphicsRunningProcesses_v2?(device.handle, $0, $1)
      }
    }
    var room: UInt32 = 64
    for _ in 0..<4 {
      // Twice the room that the call is given: some releases of driver 535 write longer records
      // than this call's name stands for.
      var list = [nvmlProcessInfo_t](repeating: nvmlProcessInfo_t(), count: Int(room) * 2)
      var count = room
      let code = unsafe list.withUnsafeMutableBufferPointer { list in
        unsafe ask(&count, list.baseAddress)
      }
      if code == NVML.insufficientSize, count <= 1 << 16 {
        // Processes may start between the two calls.
        room = max(count, room) + 16
        continue
      }
      guard let code else { throw .noCall(call) }
      try NVML.check(call, code)
      let found = list.prefix(Int(min(count, room)))
      // In that longer layout every second pid lands on another field.
      if found.contains(where: { $0.pid == 0 || $0.pid > 1 << 22 }) {
        throw .status(call: call, code: 0, meaning: "records of another layout than documented")
      }
      return found.map { Process(pid: Int($0.pid), memoryBytes: Int(exactly: $0.usedGpuMemory)) }
    }
    throw .status(call: call, code: 7, meaning: "more processes at each call")
  }
}

internal import Base
internal import CAccelerators
package import Linux

/// Copies with NVIDIA's CUDA driver. Only GPUs that are used get a context.
@safe
package final class CUDACopies: CopyLibrary {
  /// The name under which the driver installs it.
  package static let library = "libcuda.so.1"

  private let cuda: CUDA
  private let handles: [CUdevice]
  package let devices: [CopyDevice]
  package private(set) var isAbandoned = false
  private var contexts: [Int: Context] = [:]
  private var allocated: [(device: Int, address: CUdeviceptr)] = []
  private var locked: [HostMemory] = []

  /// A context of a GPU.
  @safe
  private struct Context {
    let handle: CUcontext
  }

  /// Starts the driver and lists its GPUs.
  package init(library: String = CUDACopies.library) throws(LibraryError) {
    let cuda = try CUDA(library: library)
    var count: Int32 = 0
    try unsafe cuda.check("cuDeviceGetCount", cuda.table.cuDeviceGetCount(&count))
    var handles: [CUdevice] = []
    var devices: [CopyDevice] = []
    for ordinal in 0..<max(0, count) {
      var handle: CUdevice = 0
      try unsafe cuda.check("cuDeviceGet", cuda.table.cuDeviceGet(&handle, ordinal))
      handles.append(handle)
      devices.append(
        CopyDevice(
          name: cuda.name(handle) ?? "GPU", address: PCIAddress(try cuda.address(handle)), node: nil
        ))
    }
    self.cuda = cuda
    self.handles = handles
    self.devices = devices
  }

  deinit {
    for (device, address) in allocated where (try? use(device)) != nil {
      _ = cuda.table.cuMemFree_v2(address)
    }
    for memory in locked { _ = unsafe cuda.table.cuMemHostUnregister(memory.address) }
    _ = cuda.table.cuCtxSetCurrent(nil)
    for device in contexts.keys { _ = cuda.table.cuDevicePrimaryCtxRelease_v2(handles[device]) }
  }

  /// Makes a GPU's context the current one of this thread.
  private func use(_ device: Int) throws(CopyError) {
    let context = try context(device)
    try check("cuCtxSetCurrent", unsafe cuda.table.cuCtxSetCurrent(context.handle))
  }

  private func context(_ device: Int) throws(CopyError) -> Context {
    if let context = contexts[device] { return context }
    var handle: CUcontext?
    try check(
      "cuDevicePrimaryCtxRetain",
      unsafe cuda.table.cuDevicePrimaryCtxRetain(&handle, handles[device]))
    guard let handle = unsafe handle else {
      throw .library(.status(call: "cuDevicePrimaryCtxRetain", code: 0, meaning: "no context"))
    }
    let context = unsafe Context(handle: handle)
    contexts[device] = context
    return context
  }

  package func allocate(
    _ device: Int, bytes: Int, peers: [Int]
  ) throws(CopyError) -> CopyBuffer {
    for peer in peers where peer != device { try enable(peer, device) }
    try use(device)
    var address: CUdeviceptr = 0
    try check("cuMemAlloc_v2", unsafe cuda.table.cuMemAlloc_v2(&address, bytes))
    allocated.append((device, address))
    return CopyBuffer(device: device, address: UInt(address), bytes: bytes)
  }

  /// Lets a GPU use the memory of another. Without it the driver copies through host memory, and that is
  /// no figure of a peer copy.
  private func enable(_ device: Int, _ owner: Int) throws(CopyError) {
    var canAccess: Int32 = 0
    try check(
      "cuDeviceCanAccessPeer",
      unsafe cuda.table.cuDeviceCanAccessPeer(&canAccess, handles[device], handles[owner]))
    guard canAccess != 0 else {
      throw .noAccess(
        "\(text(device)) may not access the memory of \(text(owner)), the CUDA driver reports")
    }
    let peer = try context(owner)
    try use(device)
    let code = unsafe cuda.table.cuCtxEnablePeerAccess(peer.handle, 0)
    if code != CUDA.peerAccessAlreadyEnabled { try check("cuCtxEnablePeerAccess", code) }
  }

  package func lock(_ memory: HostMemory, devices: [Int]) throws(CopyError) -> CopyBuffer {
    if let device = devices.first { try use(device) }
    try check(
      "cuMemHostRegister_v2",
      unsafe cuda.table.cuMemHostRegister_v2(memory.address, memory.bytes, CUDA.portable))
    locked.append(memory)
    return unsafe CopyBuffer(
      device: nil, address: UInt(bitPattern: memory.address), bytes: memory.bytes)
  }

  package func copy(
    _ lanes: [CopyLane], _ limit: CopyLimit
  ) throws(CopyError) -> [[CopyInterval]] {
    var running: [CUDALane] = []
    do throws(CopyError) {
      return try run(lanes, limit, &running)
    } catch {
      if !settle(running) {
        // For the life of the process: a copy cannot be called back, and it may still write.
        isAbandoned = true
        unsafe _ = Unmanaged.passRetained(self)
        for lane in running { unsafe _ = Unmanaged.passRetained(lane) }
      }
      throw error
    }
  }

  private func run(
    _ lanes: [CopyLane], _ limit: CopyLimit, _ running: inout [CUDALane]
  ) throws(CopyError) -> [[CopyInterval]] {
    var anchors: [CUDAAnchor] = []
    for lane in lanes {
      guard let worker = lane.worker else { throw .noAccess("no GPU takes part in the copy") }
      try use(worker)
      // One a GPU would do; one a lane costs some 30 us more and needs no table.
      anchors.append(try CUDAAnchor(cuda, limit))
      running.append(try CUDALane(cuda, worker: worker, count: lane.count))
    }
    let start = Clock.seconds()
    for index in 0..<(lanes.map(\.count).max() ?? 0) {
      for (lane, state) in zip(lanes, running) where index < lane.count {
        try use(state.worker)
        if index == 0 { try state.record(0) }
        try begin(lane, state)
        try state.record(index + 1)
      }
    }
    for state in running {
      try limit.wait(since: start) { () throws(CopyError) in
        try use(state.worker)
        return try state.hasEnded()
      }
    }
    let wall = Clock.seconds() - start
    var times: [[CopyInterval]] = []
    for (state, anchor) in zip(running, anchors) {
      try use(state.worker)
      times.append(try state.intervals(anchor, wallSeconds: wall))
    }
    return times
  }

  private func begin(_ lane: CopyLane, _ state: CUDALane) throws(CopyError) {
    let from = CUdeviceptr(lane.from.address)
    let to = CUdeviceptr(lane.to.address)
    let bytes = lane.to.bytes
    switch (lane.from.device, lane.to.device) {
    case (nil, _):
      try check(
        "cuMemcpyHtoDAsync_v2",
        unsafe cuda.table.cuMemcpyHtoDAsync_v2(
          to, UnsafeRawPointer(bitPattern: lane.from.address), bytes, state.stream))
    case (_, nil):
      try check(
        "cuMemcpyDtoHAsync_v2",
        unsafe cuda.table.cuMemcpyDtoHAsync_v2(
          UnsafeMutableRawPointer(bitPattern: lane.to.address), from, bytes, state.stream))
    case (let source?, let destination?) where source == destination:
      try check(
        "cuMemcpyDtoDAsync_v2",
        unsafe cuda.table.cuMemcpyDtoDAsync_v2(to, from, bytes, state.stream))
    case (let source?, let destination?):
      let sourceContext = try context(source)
      let destinationContext = try context(destination)
      try check(
        "cuMemcpyPeerAsync",
        unsafe cuda.table.cuMemcpyPeerAsync(
          to, destinationContext.handle, from, sourceContext.handle, bytes, state.stream))
    }
  }

  /// Waits a little for what was started before a failure. Where it does not end, or the context is broken
  /// (it then stays so for the process), nothing is known of what the GPU still writes to.
  private func settle(_ running: [CUDALane]) -> Bool {
    let end = Clock.seconds() + CopyLimit.graceSeconds
    for state in running {
      while true {
        guard (try? use(state.worker)) != nil, let hasEnded = try? state.hasEnded() else {
          return false
        }
        if hasEnded { break }
        if Clock.seconds() >= end { return false }
      }
    }
    return true
  }

  private func text(_ device: Int) -> String {
    devices[device].address.map(\.short) ?? devices[device].name
  }

  private func check(_ call: String, _ code: CUresult) throws(CopyError) {
    try asCopyError { () throws(LibraryError) in try cuda.check(call, code) }
  }
}

internal import CAccelerators
internal import Glibc
internal import Linux

/// NVIDIA's CUDA driver API, opened at run time.
@safe
struct CUDA: @unchecked Sendable {
  let table: tbx_cuda

  /// CUDA_ERROR_NOT_READY.
  static let notReady: CUresult = 600
  /// CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED.
  static let peerAccessAlreadyEnabled: CUresult = 704
  /// CUDA_ERROR_NO_DEVICE.
  static let noDevice: CUresult = 100
  /// CU_STREAM_NON_BLOCKING: the stream does not wait for the default one.
  static let nonBlocking: UInt32 = 1
  /// CU_MEMHOSTREGISTER_PORTABLE: locked for every context.
  static let portable: UInt32 = 1

  /// Loads the library and starts the driver.
  /// - Parameter library: a name for the loader, or a path.
  init(library: String) throws(LibraryError) {
    table = try unsafe LibraryLoader.load(library, tbx_cuda_open)
    // They hide and renumber GPUs; a measurement names its GPU by PCI address.
    for name in ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"]
    where unsafe getenv(name) != nil { unsafe unsetenv(name) }
    try check("cuInit", table.cuInit(0))
  }

  /// Throws the driver's error.
  func check(_ call: String, _ code: CUresult) throws(LibraryError) {
    if code == 0 { return }
    throw .status(call: call, code: Int(code), meaning: text(code))
  }

  private func text(_ code: CUresult) -> String {
    var words: UnsafePointer<CChar>?
    if let explain = unsafe table.cuGetErrorString, unsafe explain(code, &words) == 0,
      let words = unsafe words
    {
      return unsafe String(cString: words)
    }
    return "error"
  }

  /// The PCI address of a GPU as the driver writes it: `0000:41:00.0`.
  func address(_ device: CUdevice) throws(LibraryError) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let size = Int32(buffer.count)
    try unsafe check(
      "cuDeviceGetPCIBusId", table.cuDeviceGetPCIBusId(&buffer, size, device))
    return LibraryLoader.text(buffer)
  }

  /// The name of a GPU.
  func name(_ device: CUdevice) -> String? {
    var buffer = [CChar](repeating: 0, count: 256)
    let size = Int32(buffer.count)
    guard let ask = unsafe table.cuDeviceGetName, unsafe ask(&buffer, size, device) == 0 else {
      return nil
    }
    return LibraryLoader.text(buffer)
  }
}

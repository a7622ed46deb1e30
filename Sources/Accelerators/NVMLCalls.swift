internal import CAccelerators
internal import Linux

/// How the library is called, and what its codes mean.
extension NVML {
  static let insufficientSize: nvmlReturn_t = 7

  /// The size of a structure and its version, as the library wants them in its first field.
  func structVersion<Value>(_ value: Value, _ version: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: MemoryLayout<Value>.size) | version << 24
  }

  func value<Value>(
    _ call: String, _ initial: Value, _ ask: (UnsafeMutablePointer<Value>) -> nvmlReturn_t?
  ) throws(LibraryError) -> Value {
    var value = initial
    guard let code = unsafe withUnsafeMutablePointer(to: &value, { unsafe ask($0) }) else {
      throw .noCall(call)
    }
    try NVML.check(call, code)
    return value
  }

  func text(
    _ call: String, _ ask: (UnsafeMutablePointer<CChar>?, UInt32) -> nvmlReturn_t?
  ) throws(LibraryError) -> String {
    // The longest, a name, is 96 bytes.
    var buffer = [CChar](repeating: 0, count: 256)
    let code = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
      unsafe ask(buffer.baseAddress, UInt32(buffer.count))
    }
    guard let code else { throw .noCall(call) }
    try NVML.check(call, code)
    return LibraryLoader.text(buffer)
  }

  static func check(_ call: String, _ code: nvmlReturn_t) throws(LibraryError) {
    if code == 0 { return }
    // NOT_SUPPORTED.
    if code == 3 { throw .notSupported(call: call) }
    throw .status(call: call, code: Int(code), meaning: meanings[code] ?? "error")
  }

  /// nvmlReturn_t. Written here, because the library's own texts need a call that may be missing.
  private static let meanings: [nvmlReturn_t: String] = [
    1: "not initialised", 2: "invalid argument", 4: "no permission", 6: "not found",
    7: "insufficient size", 8: "external power cable not attached", 9: "driver not loaded",
    10: "timed out", 11: "interrupt problem", 12: "library not found",
    13: "function not found", 14: "infoROM corrupted", 15: "GPU fell off the bus",
    16: "GPU needs a reset", 17: "blocked by the operating system or a control group",
    18: "driver and library have different versions", 19: "in use", 20: "out of memory",
    21: "no data", 23: "out of resources", 24: "frequency not supported",
    25: "version of argument not known", 26: "deprecated", 27: "not ready", 28: "no GPU found",
    29: "invalid state", 999: "unknown error in the driver",
  ]
}

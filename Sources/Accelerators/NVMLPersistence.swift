internal import CAccelerators
package import Linux

/// The persistence mode of one card by its PCI address, read and set by NVIDIA's library.
package enum NVMLPersistence {
  /// Whether it is on.
  /// - Parameter address: as sysfs writes it, `0000:41:00.0`.
  /// - Throws: the library's answer; code 6 when it does not list the card.
  package static func read(
    _ address: String, library: String = NVML.library
  ) throws(LibraryError) -> Bool {
    let nvml = try NVML.open(library: library)
    return try nvml.isPersistent(try nvml.device(at: address))
  }

  /// Turns it on or off. Root only; lost when the driver is unloaded.
  package static func set(
    _ isOn: Bool, _ address: String, library: String = NVML.library
  ) throws(LibraryError) {
    let nvml = try NVML.open(library: library)
    try nvml.setPersistent(try nvml.device(at: address), isOn)
  }
}

extension NVML {
  /// NVML_FEATURE_ENABLED.
  private static let enabled: UInt32 = 1

  /// Whether the driver keeps a card initialised while nobody uses it.
  package func isPersistent(_ device: Device) throws(LibraryError) -> Bool {
    let call = "nvmlDeviceGetPersistenceMode"
    let mode = try unsafe value(call, UInt32(0)) {
      unsafe table.nvmlDeviceGetPersistenceMode?(device.handle, $0)
    }
    guard mode <= NVML.enabled else {
      throw .status(call: call, code: 0, meaning: "a mode of \(mode), which is neither on nor off")
    }
    return mode == NVML.enabled
  }

  /// Turns it on or off.
  func setPersistent(_ device: Device, _ isOn: Bool) throws(LibraryError) {
    let call = "nvmlDeviceSetPersistenceMode"
    guard let set = unsafe table.nvmlDeviceSetPersistenceMode else { throw .noCall(call) }
    try NVML.check(call, unsafe set(device.handle, isOn ? NVML.enabled : 0))
  }
}

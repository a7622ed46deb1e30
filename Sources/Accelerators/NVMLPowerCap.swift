internal import CAccelerators
package import Linux

/// The power cap of one card by its PCI address, read and set by NVIDIA's library.
package enum NVMLPowerCap {
  /// The cap in force, milliwatts.
  /// - Parameter address: as sysfs writes it, `0000:41:00.0`.
  /// - Throws: the library's answer; code 6 when it does not list the card.
  package static func read(
    _ address: String, library: String = NVML.library
  ) throws(LibraryError) -> UInt32 {
    let nvml = try NVML.open(library: library)
    return try nvml.powerLimit(try nvml.device(at: address))
  }

  /// Sets the cap, milliwatts. Root only; lost when the driver is unloaded or nobody holds the card.
  package static func set(
    _ milliwatts: UInt32, _ address: String, library: String = NVML.library
  ) throws(LibraryError) {
    let nvml = try NVML.open(library: library)
    try nvml.setPowerLimit(try nvml.device(at: address), milliwatts)
  }
}

extension NVML {
  /// The card at a PCI address.
  func device(at address: String) throws(LibraryError) -> Device {
    for index in 0..<min(try deviceCount(), 1024) {
      // A card that fell off the bus answers nothing; it may not hide the others.
      guard let device = try? device(index), let found = try? busID(device) else { continue }
      // The library writes the domain with eight digits: 00000000:41:00.0.
      if found.lowercased().hasSuffix(address.lowercased()) { return device }
    }
    throw .status(
      call: "nvmlDeviceGetPciInfo_v3", code: 6, meaning: "the driver has no GPU at \(address)")
  }

  /// Sets the power cap, milliwatts.
  func setPowerLimit(_ device: Device, _ milliwatts: UInt32) throws(LibraryError) {
    let call = "nvmlDeviceSetPowerManagementLimit"
    guard let set = unsafe table.nvmlDeviceSetPowerManagementLimit else { throw .noCall(call) }
    try NVML.check(call, unsafe set(device.handle, milliwatts))
  }
}

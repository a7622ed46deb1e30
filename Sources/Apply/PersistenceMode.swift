internal import Accelerators
internal import Base
internal import Linux
package import Placement

/// The persistence mode of an NVIDIA GPU, by NVIDIA's library: with it the driver keeps the GPU initialised while
/// nobody uses it, so that the next use begins in a moment and what was set of it, such as its power cap, stays.
package struct PersistenceMode {
  private let device: PCIAddress
  private let library: String

  /// The mode of a knob's device.
  /// - Parameter library: a name for the loader, or a path.
  package init(_ knob: Knob, library: String = NVML.library) throws(KnobFailure) {
    guard let device = knob.device else { throw KnobFailure(reason: "it names no device") }
    self.device = device
    self.library = library
  }

  /// The mode in force, `on` or `off`.
  package func read() throws(KnobFailure) -> [UInt8] {
    let isOn = try asking { () throws(LibraryError) in
      try NVMLPersistence.read("\(device)", library: library)
    }
    return Array(Knob.text(isPersistent: isOn).utf8)
  }

  /// Sets the mode.
  package func write(_ value: String) throws(KnobFailure) {
    guard let isOn = [true, false].first(where: { Knob.text(isPersistent: $0) == value }) else {
      throw KnobFailure(reason: "'\(value)' is no persistence mode: it is on or off")
    }
    try asking { () throws(LibraryError) in
      try NVMLPersistence.set(isOn, "\(device)", library: library)
    }
  }

  private func asking<Value>(
    _ body: () throws(LibraryError) -> Value
  ) throws(KnobFailure) -> Value {
    do throws(LibraryError) {
      return try body()
    } catch {
      throw KnobFailure(reason: error.description)
    }
  }
}

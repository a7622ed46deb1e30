internal import Accelerators
internal import Base
package import KernelTree
internal import Linux
package import Placement

/// The power cap of a GPU: the file `power1_cap` of its hwmon folder (kernel: Documentation/gpu/amdgpu/thermal.rst),
/// or NVIDIA's library where the driver has no such file.
package struct PowerCap {
  private let device: PCIAddress
  private let kernel: KernelTree
  private let library: String
  private let root: String

  /// The cap of a knob's device.
  /// - Parameters:
  ///   - library: a name for the loader, or a path.
  ///   - root: where `kernel` lies; empty for the running machine.
  package init(
    _ knob: Knob, _ kernel: KernelTree, library: String = NVML.library, root: String = ""
  ) throws(KnobFailure) {
    guard let device = knob.device else { throw KnobFailure(reason: "it names no device") }
    self.device = device
    self.kernel = kernel
    self.library = library
    self.root = root
  }

  /// The file, where there is one: its number changes whenever the driver is loaded.
  private var file: String? {
    let folder = "/sys/bus/pci/devices/\(device)/hwmon"
    return kernel.namesIfPresent(folder).sorted().map { "\(folder)/\($0)/power1_cap" }
      .first { kernel.exists($0) }
  }

  /// The cap in force, watts as text.
  package func read() throws(KnobFailure) -> [UInt8] {
    if let file {
      let text: String
      do throws(ReadFailure) {
        text = try kernel.text(file)
      } catch {
        throw KnobFailure(errno: error.cause.errno, reason: error.reason)
      }
      guard let microwatts = Int(text), 0...1_000_000_000_000 ~= microwatts else {
        throw KnobFailure(reason: "\(file) holds no power")
      }
      return Array(Knob.text(milliwatts: (microwatts + 500) / 1000).utf8)
    }
    let milliwatts = try asking { () throws(LibraryError) in
      try NVMLPowerCap.read("\(device)", library: library)
    }
    return Array(Knob.text(milliwatts: Int(milliwatts)).utf8)
  }

  /// Sets the cap.
  package func write(_ value: String) throws(KnobFailure) {
    guard let milliwatts = Knob.milliwatts(value) else {
      throw KnobFailure(reason: "'\(value)' is no power in watts")
    }
    if let file {
      do throws(Errno) {
        try KernelFileWriter.write("\(milliwatts * 1000)", to: root + file)
      } catch {
        throw KnobFailure(errno: error, reason: "\(error) (errno \(error.number))")
      }
      return
    }
    try asking { () throws(LibraryError) in
      try NVMLPowerCap.set(UInt32(milliwatts), "\(device)", library: library)
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

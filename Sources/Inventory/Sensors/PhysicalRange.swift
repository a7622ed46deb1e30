internal import Base

/// What a reading of one kind can be, by physics or by the widest part that is made. Every reading
/// of a sensor is compared with its range before it becomes a fact: a driver passes on whatever the
/// device answers, and a device that is asleep, resetting or half gone answers zeros or all ones.
///
/// The ranges are wide on purpose. What is outside is no reading; what is inside may still be
/// wrong.
public struct PhysicalRange: Hashable, Sendable {
  /// The kind in words.
  public let name: String
  /// The unit that both ends are in.
  public let unit: String
  /// The lowest and the highest value.
  public let values: ClosedRange<Double>
  /// Where the ends come from.
  public let source: String

  private init(
    _ name: String, _ unit: String, _ values: ClosedRange<Double>, source: String
  ) {
    self.name = name
    self.unit = unit
    self.values = values
    self.source = source
  }

  /// Temperature of a chip, a module or a drive.
  public static let temperature = PhysicalRange(
    "temperature", "°C", -55...150,
    source: """
      JEDEC JESD22-A104 and AEC-Q100 grade 0: parts are rated to 150 °C at most, to -55 °C at \
      least. NVM Express Base Specification, log page 02h: 0 K is not reported, which \
      drivers/nvme/host/hwmon.c hands on as -273150. Two bytes of ones are 65262 °C there.
      """)
  /// Speed of a fan.
  public static let fan = PhysicalRange(
    "fan speed", "rpm", 0...50_000,
    source: """
      The fastest fans made for servers (40 mm, two rotors) turn 38,000 times a minute. amdgpu \
      hands on 65535, all ones of a register, while a card resets.
      """)
  /// Power of one device.
  public static let power = PhysicalRange(
    "power", "W", 0...5_000,
    source: """
      OCP Accelerator Module 2.0: 1,500 W a module; twice that is announced. All ones of 32 bits \
      are 4,294,967 W in NVML's milliwatts and 4,295 W in the microwatts of hwmon: see \
      `isAllOnes`.
      """)
  /// Voltage of a rail.
  public static let voltage = PhysicalRange(
    "voltage", "V", 0...60,
    source: "OCP Open Rack V3: 48 V nominal, 60 V at most; everything behind it is less")
  /// Clock of a GPU or its memory.
  public static let clock = PhysicalRange(
    "clock", "Hz", 0...30e9,
    source: """
      NVML counts a memory clock once a transfer pair: 14,001 MHz with GDDR7 of 28 Gb/s, and JEDEC \
      JESD239 has room for 48 Gb/s
      """)
  /// Clock of a processor core.
  public static let processorClock = PhysicalRange(
    "processor clock", "Hz", 1e6...10e9,
    source: "the highest clock ever measured, under liquid helium, is 9.1 GHz")
  /// A share of something.
  public static let percent = PhysicalRange(
    "share", "%", 0...100,
    source: "kernel: amdgpu gpu_busy_percent; NVML nvmlUtilization_t; NVMe log page 02h, byte 3")
  /// Rate of a network link.
  public static let bitRate = PhysicalRange(
    "rate", "Mb/s", 1...10_000_000,
    source: "IEEE P802.3dj: 1.6 Tb/s a port; a bond of several is more")
  /// Rate of a memory module.
  public static let transferRate = PhysicalRange(
    "rate", "MT/s", 10...40_000,
    source: "JEDEC: SDR SDRAM 66 MT/s to DDR6 and HBM4, below 20,000 MT/s a pin")

  /// All kinds.
  public static let all = [
    temperature, fan, power, voltage, clock, processorClock, percent, bitRate, transferRate,
  ]

  /// Whether a value may be a reading.
  package func contains(_ value: Double) -> Bool { value.isFinite && values.contains(value) }

  /// Why a value is no reading, with what the device or the driver wrote; nil for one that is.
  package func refusal(of value: Double, raw: String) -> String? {
    if contains(value), !PhysicalRange.isAllOnes(raw) { return nil }
    let low = Units.decimal(values.lowerBound, places: 0)
    let high = Units.decimal(values.upperBound, places: 0)
    return "'\(raw.prefix(40))' is no \(name) (\(low) to \(high) \(unit))"
  }

  /// Whether a number is all ones of 32 or 64 bits: what a register reads that does not answer, and
  /// NVML_VALUE_NOT_AVAILABLE. All ones of 16 bits are 65.535 °C in a file of thousandths.
  static func isAllOnes(_ raw: String) -> Bool {
    ["4294967295", "18446744073709551615"].contains(raw)
  }

  /// How much a counter grew between two looks. A counter that ran backwards was set to zero in
  /// between, by a reset or because the device was plugged anew: what it counted is not known.
  static func growth(from before: Int, to now: Int) -> Int? {
    let (grown, overflow) = now.subtractingReportingOverflow(before)
    return overflow || grown < 0 ? nil : grown
  }
}

internal import Accelerators
internal import Base
internal import KernelTree
internal import Linux

/// The SMART / health information log: 512 bytes (NVM Express Base Specification, log page 02h).
enum SMARTLog {
  /// The probe's answer: one line, `smart` and the log in hexadecimal.
  static func ask(_ path: String) throws(ReadFailure) -> [UInt8] {
    do throws(NVMeAdmin.Failure) {
      return encode(try NVMeAdmin.smartLog(path))
    } catch {
      switch error {
      case .call(let failure): throw ReadFailure(path: path, errno: failure)
      case .refused(let status): return Array("refused 0x\(String(status, radix: 16))\n".utf8)
      }
    }
  }

  /// The log as the probe's text.
  static func encode(_ log: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    var text = Array("smart ".utf8)
    for byte in log { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return text + [0x0a]
  }

  /// A probe's text: a log, or why there is none.
  enum Answer: Equatable {
    case log([UInt8])
    case none(String)
  }

  /// Reads the probe's text.
  static func decode(_ text: [UInt8]) -> Answer {
    let fields = ASCII.fields(text[...])
    guard fields.count == 2 else { return .none("cannot understand the answer") }
    let key = String(decoding: fields[0], as: UTF8.self)
    if key == "refused" {
      return .none("the drive refused: status \(String(decoding: fields[1], as: UTF8.self))")
    }
    var log: [UInt8] = []
    var high: UInt8?
    for byte in fields[1] {
      guard let digit = ASCII.hexDigit(byte) else { return .none("cannot understand the answer") }
      if let top = high {
        log.append(top << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    guard key == "smart", high == nil else { return .none("cannot understand the answer") }
    return .log(log)
  }

  /// The facts of a log. Nil when it is short, or all its bytes are the same: a drive that left
  /// the bus answers all ones, and one whose firmware hangs all zeros.
  static func health(_ log: [UInt8]) -> NVMeController.Health? {
    guard log.count >= 512, let first = log.first, log.contains(where: { $0 != first })
    else { return nil }
    func value(_ reading: Field?) -> Double? {
      reading.flatMap { $0.range.contains($0.value) ? $0.value : nil }
    }
    // Data units are thousands of 512 bytes, whatever the block size.
    let unit = 512_000.0
    return NVMeController.Health(
      criticalWarning: Int(log[0]),
      temperatureCelsius: value(temperature(log)),
      availableSpare: value(spare(log)).map { $0 / 100 },
      spareThreshold: value(threshold(log)).map { $0 / 100 },
      lifeUsed: Double(log[5]) / 100, bytesRead: counter(log, 32) * unit,
      bytesWritten: counter(log, 48) * unit, powerOnHours: counter(log, 128),
      powerCycles: counter(log, 112), unsafeShutdowns: counter(log, 144),
      mediaErrors: counter(log, 160), errorLogEntries: counter(log, 176))
  }

  /// Notes the readings of a log that are impossible.
  static func noteRefusals(_ log: [UInt8], _ reader: inout FactReader, path: String) {
    guard log.count >= 512 else { return }
    for reading in [temperature(log), spare(log), threshold(log)].compactMap({ $0 }) {
      _ = reader.accept(
        reading.range, reading.value, raw: "\(reading.raw)", reading.fact, path: path)
    }
  }

  /// A field of the log that is compared with its range.
  private struct Field {
    var fact: String
    var range: PhysicalRange
    var raw: Int
    var value: Double
  }

  /// The composite temperature, in kelvins; 0 where the drive reports none.
  private static func temperature(_ log: [UInt8]) -> Field? {
    let kelvin = Int(log[1]) | Int(log[2]) << 8
    if kelvin == 0 { return nil }
    return Field(
      fact: "health.temperatureCelsius", range: .temperature, raw: kelvin,
      value: Double(kelvin) - 273)
  }

  private static func spare(_ log: [UInt8]) -> Field? {
    Field(
      fact: "health.availableSpare", range: .percent, raw: Int(log[3]), value: Double(log[3]))
  }

  private static func threshold(_ log: [UInt8]) -> Field? {
    Field(
      fact: "health.spareThreshold", range: .percent, raw: Int(log[4]), value: Double(log[4]))
  }

  /// A 128-bit little-endian counter. Exact up to 2^53.
  private static func counter(_ log: [UInt8], _ offset: Int) -> Double {
    var low: UInt64 = 0
    var high: UInt64 = 0
    for index in (0..<8).reversed() {
      low = low << 8 | UInt64(log[offset + index])
      high = high << 8 | UInt64(log[offset + 8 + index])
    }
    return Double(high) * 0x1p64 + Double(low)
  }
}

internal import Base
internal import KernelTree

/// Readings of sensors, compared with their physical range. A value outside is unknown, with what
/// was written and where.
extension FactReader {
  /// A reading from a file with a decimal number.
  /// - Parameter scale: how many of the file's units make one of the range's: 1000 for thousandths.
  mutating func reading(
    _ range: PhysicalRange, _ fact: String, _ file: String, per scale: Double = 1
  ) -> Double? {
    guard let raw = decimal(fact, file) else { return nil }
    return accept(range, Double(raw) / scale, raw: "\(raw)", fact, path: path(file))
  }

  /// A limit from a file with a decimal number. Drivers write 0 or less where there is none.
  mutating func limit(
    _ range: PhysicalRange, _ fact: String, _ file: String, per scale: Double = 1
  ) -> Double? {
    // The fact comes from the file of the reading, where there is one, and not from its limit's.
    let source = sources?[fact]
    defer { if let source { note(fact, source: source) } }
    guard let raw = decimal(fact, file), raw > 0 else { return nil }
    return accept(range, Double(raw) / scale, raw: "\(raw)", fact, path: path(file))
  }

  /// A value that was read elsewhere, in the unit of its range.
  mutating func accept(
    _ range: PhysicalRange, _ value: Double, raw: String, _ fact: String, path: String
  ) -> Double? {
    guard let refusal = range.refusal(of: value, raw: raw) else { return value }
    forget(fact)
    note(fact, path: path, unknown: refusal)
    return nil
  }

  /// A counter from a file. All ones are no count: the register did not answer.
  mutating func counter(_ fact: String, _ file: String) -> Int? {
    guard let raw = decimal(fact, file) else { return nil }
    if raw >= 0, !PhysicalRange.isAllOnes("\(raw)") { return raw }
    forget(fact)
    note(fact, path: path(file), unknown: "'\(raw)' is no count: the counter does not answer")
    return nil
  }
}

extension KernelTree {
  /// A reading of one of many objects, in whole units of its range.
  func reading(
    _ range: PhysicalRange, _ path: String, times factor: Int
  ) -> AttributeReading<Int> {
    switch attribute(path, ASCII.decimal) {
    case .missing: return .missing
    case .failed(let reason): return .failed(reason)
    case .value(let raw):
      let (value, overflow) = raw.multipliedReportingOverflow(by: factor)
      let asDouble = Double(raw) * Double(factor)
      if let refusal = range.refusal(of: asDouble, raw: "\(raw)") { return .failed(refusal) }
      return overflow ? .failed("'\(raw)' is too large") : .value(value)
    }
  }
}

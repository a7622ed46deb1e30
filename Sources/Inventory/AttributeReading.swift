internal import Base
internal import KernelTree

/// The result of reading one attribute of one of many objects.
enum AttributeReading<Value> {
  /// It exists and is well formed.
  case value(Value)
  /// There is no such file.
  case missing
  /// It could not be read or is malformed, for this reason.
  case failed(String)

  /// The value, or nil.
  var value: Value? {
    if case .value(let value) = self { value } else { nil }
  }
}

extension KernelTree {
  /// Reads and parses one attribute. A nil from `parse` is a failure, and so is a file without a
  /// line where one of blanks means something (`mayBeBlank`).
  func attribute<Value>(
    _ path: String, mayBeBlank: Bool = false, _ parse: (ArraySlice<UInt8>) -> Value?
  ) -> AttributeReading<Value> {
    do throws(ReadFailure) {
      let content = try bytes(path)
      let text = ASCII.trimmed(content[...])
      let isDamaged = mayBeBlank && text.isEmpty && content.last != 0x0a
      if !isDamaged, let value = parse(text) { return .value(value) }
      return .failed("cannot understand '\(String(decoding: text.prefix(40), as: UTF8.self))'")
    } catch {
      return error.cause == .notFound ? .missing : .failed(error.reason)
    }
  }
}

/// Parsers of the short texts that attributes hold. Nil for a malformed text.
enum AttributeText {
  /// A name such as a governor's: letters, digits and `_ - + .`.
  static func word(_ text: ArraySlice<UInt8>) -> String? {
    guard !text.isEmpty, text.count <= 40, text.allSatisfy(isWordByte) else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  /// A text of printable ASCII, at most 64 bytes.
  static func printable(_ text: ArraySlice<UInt8>) -> String? {
    guard !text.isEmpty, text.count <= 64, text.allSatisfy({ $0 >= 0x20 && $0 < 0x7f })
    else { return nil }
    return String(decoding: text, as: UTF8.self)
  }

  /// A decimal number that is not negative.
  static func count(_ text: ArraySlice<UInt8>) -> Int? {
    ASCII.decimal(text).flatMap { $0 < 0 ? nil : $0 }
  }

  /// A decimal number times a factor, when it fits and is not negative.
  static func count(_ text: ArraySlice<UInt8>, times factor: Int) -> Int? {
    guard let number = count(text) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  /// `0` or `1`.
  static func bit(_ text: ArraySlice<UInt8>) -> Bool? {
    switch ASCII.decimal(text) {
    case 0: false
    case 1: true
    default: nil
    }
  }

  /// The word in brackets of `always [madvise] never`.
  static func choice(_ text: ArraySlice<UInt8>) -> String? {
    guard let open = text.firstIndex(of: 0x5b), let close = text.lastIndex(of: 0x5d),
      open < close
    else { return nil }
    return word(text[(open + 1)..<close])
  }

  /// A number with a fraction, such as `12345.67`; never infinite, never negative.
  static func fraction(_ text: ArraySlice<UInt8>) -> Double? {
    guard !text.isEmpty, text.count <= 24,
      text.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2e })
    else { return nil }
    return Double(String(decoding: text, as: UTF8.self))
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x2d, 0x2b, 0x2e: true
    default: false
    }
  }
}

extension FactReader {
  /// A list of numbers in the kernel's format. Where the kernel means the empty set it writes an
  /// empty line: a file without a byte is damaged. `(null)`, printed for a set never made, is the
  /// empty set.
  mutating func numberSet(_ fact: String, _ file: String, mayBeEmpty: Bool) -> NumberSet? {
    guard let content = bytes(fact, file) else { return nil }
    let trimmed = ASCII.trimmed(content[...])
    if mayBeEmpty, trimmed.elementsEqual("(null)".utf8) { return NumberSet() }
    if !trimmed.isEmpty || (mayBeEmpty && content.last == 0x0a),
      let set = NumberSet(list: trimmed)
    {
      return set
    }
    forget(fact)
    let shown = String(decoding: trimmed.prefix(40), as: UTF8.self)
    note(fact, path: path(file), unknown: "cannot understand '\(shown)'")
    return nil
  }

  /// A decimal number that is not negative.
  mutating func count(_ fact: String, _ file: String) -> Int? {
    parsed(fact, file, AttributeText.count)
  }

  /// A decimal number times a factor that is not negative.
  mutating func count(_ fact: String, _ file: String, times factor: Int) -> Int? {
    parsed(fact, file) { AttributeText.count($0, times: factor) }
  }

  /// Takes over where the facts of a part came from; their names get the part's name in front.
  mutating func adoptSources(of other: FactReader, as part: String) {
    for (fact, path) in other.sources ?? [:] { note("\(part).\(fact)", source: path) }
  }
}

/// Failures of attributes of many numbered objects, reported once for each reason: 1,024 CPUs whose
/// topology may not be read are one line, not 1,024.
struct GroupedFailures {
  private struct Key: Hashable {
    var file: String
    var reason: String
  }

  /// The path of an object without its number, such as `/sys/devices/system/cpu/cpu`.
  let prefix: String
  private var numbers: [Key: [Int]] = [:]

  init(prefix: String) { self.prefix = prefix }

  var isEmpty: Bool { numbers.isEmpty }

  /// Adds a failure of `file` of object `number`.
  mutating func add(_ number: Int, _ file: String, _ reason: String) {
    numbers[Key(file: file, reason: reason), default: []].append(number)
  }

  /// The value of a reading; a failure is added, a missing file is not.
  mutating func value<Value>(
    of reading: AttributeReading<Value>, _ number: Int, _ file: String
  ) -> Value? {
    if case .failed(let reason) = reading { add(number, file, reason) }
    return reading.value
  }

  /// Notes all of them as reasons why `fact` is not known.
  func note(_ fact: String, in reader: inout FactReader) {
    let sorted = numbers.sorted { ($0.key.file, $0.key.reason) < ($1.key.file, $1.key.reason) }
    for (key, numbers) in sorted {
      let set = NumberSet(numbers)
      let name = set.count == 1 ? "\(set)" : "{\(set)}"
      reader.note(fact, path: "\(prefix)\(name)/\(key.file)", unknown: key.reason)
    }
  }
}

/// A set of CPU, node or interrupt numbers, in the kernel's list format both ways (`0-3,8`).
///
/// Kept as sorted, disjoint, non-adjacent ranges: a box of 1,024 CPUs in one node costs one range.
///
/// Every member lies in `0...highest`: so no sum or mask of a set can overflow, and no list can
/// take up the memory, whatever number a process or a file gave.
public struct NumberSet: Hashable, Sendable {
  /// Sorted, disjoint and not touching each other.
  public private(set) var ranges: [ClosedRange<Int>]

  /// The highest number there can be. The kernel's NR_CPUS ends at 8,192; interrupts and
  /// nodes lie below a million. A list that names more is damaged, not large.
  public static let highest = (1 << 20) - 1

  /// The empty set.
  package init() { ranges = [] }

  /// Whether there can be such a number: numbers from outside are compared with this where they are
  /// decoded.
  package static func isPossible(_ number: Int) -> Bool { (0...highest).contains(number) }

  /// The set of some numbers, in any order. Impossible ones are left out.
  package init(_ numbers: some Sequence<Int>) {
    self.init()
    for number in numbers.sorted() where NumberSet.isPossible(number) {
      if let last = ranges.last, number <= last.upperBound + 1 {
        if number > last.upperBound {
          ranges[ranges.count - 1] = last.lowerBound...number
        }
      } else {
        ranges.append(number...number)
      }
    }
  }

  /// Parses the kernel's list format, such as `0-3,8,16-19`; an empty text is the empty set.
  /// Strides of the kernel command line (`0-63:2/4`) are understood: the first 2 of every 4.
  /// - Returns: nil for anything else, numbers out of order, or above `highest`.
  package init?(list text: ArraySlice<UInt8>) {
    var found = NumberSet()
    let trimmed = ASCII.trimmed(text)
    if !trimmed.isEmpty {
      for part in trimmed.split(separator: 0x2c, omittingEmptySubsequences: false) {
        guard let range = NumberSet.parse(part) else { return nil }
        found.formUnion(range)
      }
    }
    self = found
  }

  /// Parses the kernel's list format.
  package init?(list text: String) { self.init(list: Array(text.utf8)[...]) }

  /// Parses the kernel's mask format: hexadecimal groups of 32 bits, most significant first.
  /// - Returns: nil for anything else.
  package init?(mask text: ArraySlice<UInt8>) {
    let groups = ASCII.trimmed(text).split(separator: 0x2c, omittingEmptySubsequences: false)
    guard !groups.isEmpty, groups.count * 32 <= NumberSet.highest else { return nil }
    var numbers: [Int] = []
    for (index, group) in groups.reversed().enumerated() {
      guard group.count <= 8, let bits = ASCII.hexadecimal(group) else { return nil }
      for bit in 0..<32 where bits >> UInt64(bit) & 1 == 1 { numbers.append(index * 32 + bit) }
    }
    self.init(numbers)
  }

  private static func parse(_ part: ArraySlice<UInt8>) -> NumberSet? {
    let strided = part.split(separator: 0x3a, omittingEmptySubsequences: false)
    let ends = strided[0].split(separator: 0x2d, omittingEmptySubsequences: false)
    guard strided.count <= 2, ends.count <= 2, let first = ends.first.flatMap(ASCII.decimal),
      let last = ends.last.flatMap(ASCII.decimal), first >= 0, first <= last, last <= highest
    else { return nil }
    if strided.count == 1 { return NumberSet(range: first...last) }
    let stride = strided[1].split(separator: 0x2f, omittingEmptySubsequences: false)
    guard stride.count == 2, let used = ASCII.decimal(stride[0]),
      let group = ASCII.decimal(stride[1]), used > 0, group >= used
    else { return nil }
    return NumberSet((first...last).filter { ($0 - first) % group < used })
  }

  /// The numbers of one range. Impossible ones are left out.
  package init(range: ClosedRange<Int>) {
    let possible = 0...NumberSet.highest
    ranges = range.overlaps(possible) ? [range.clamped(to: possible)] : []
  }

  /// How many numbers.
  public var count: Int { ranges.reduce(0) { $0 + $1.count } }
  /// Whether there is none.
  public var isEmpty: Bool { ranges.isEmpty }
  /// The lowest number.
  public var first: Int? { ranges.first?.lowerBound }
  /// The highest number.
  public var last: Int? { ranges.last?.upperBound }
  /// All numbers in order.
  public var numbers: [Int] { ranges.flatMap { Array($0) } }

  /// Whether a number is in the set.
  package func contains(_ number: Int) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(number)
  }

  /// Adds the numbers of another set.
  package mutating func formUnion(_ other: NumberSet) {
    if other.isEmpty { return }
    if let last = ranges.last, let first = other.ranges.first,
      last.upperBound + 1 < first.lowerBound
    {
      ranges += other.ranges
      return
    }
    var merged: [ClosedRange<Int>] = []
    for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    ranges = merged
  }

  /// The numbers of both sets.
  package func union(_ other: NumberSet) -> NumberSet {
    var result = self
    result.formUnion(other)
    return result
  }

  /// The numbers in both sets.
  package func intersection(_ other: NumberSet) -> NumberSet {
    var result = NumberSet()
    var i = 0
    var j = 0
    while i < ranges.count, j < other.ranges.count {
      let low = max(ranges[i].lowerBound, other.ranges[j].lowerBound)
      let high = min(ranges[i].upperBound, other.ranges[j].upperBound)
      if low <= high { result.ranges.append(low...high) }
      if ranges[i].upperBound < other.ranges[j].upperBound { i += 1 } else { j += 1 }
    }
    return result
  }

  /// The numbers of this set that the other lacks.
  package func subtracting(_ other: NumberSet) -> NumberSet {
    var result = NumberSet()
    var j = 0
    for range in ranges {
      var low = range.lowerBound
      while j < other.ranges.count, other.ranges[j].upperBound < low { j += 1 }
      var k = j
      while k < other.ranges.count, other.ranges[k].lowerBound <= range.upperBound {
        if other.ranges[k].lowerBound > low {
          result.ranges.append(low...(other.ranges[k].lowerBound - 1))
        }
        low = other.ranges[k].upperBound + 1
        k += 1
      }
      if low <= range.upperBound { result.ranges.append(low...range.upperBound) }
    }
    return result
  }

  /// Whether every number is in the other set. The empty set is.
  package func isSubset(of other: NumberSet) -> Bool { subtracting(other).isEmpty }
}

extension NumberSet: CustomStringConvertible {
  /// The kernel's list format; the empty set is an empty text.
  public var description: String {
    ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}

extension NumberSet {
  /// The kernel's mask format: hexadecimal groups of 32 bits, the most significant first.
  public var mask: String {
    guard let last else { return "0" }
    var words = [UInt32](repeating: 0, count: last / 32 + 1)
    for number in numbers { words[number / 32] |= 1 << UInt32(number % 32) }
    return words.reversed().map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ",")
  }
}

extension NumberSet: Codable, JSONFormProviding {
  package static var jsonForm: JSONForm {
    .text(
      name: "set", pattern: "^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$",
      meaning:
        "A set of CPU, node or interrupt numbers in the kernel's list format; the empty text "
        + "is the empty set.", example: "0-3,8")
  }

  /// From the list format.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let set = NumberSet(list: text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no list of numbers such as 0-3,8")
    }
    self = set
  }

  /// As the list format.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

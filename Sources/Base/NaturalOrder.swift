/// The order in which people count: `cpu2` before `cpu10`.
public enum NaturalOrder {
  /// Whether `a` comes before `b`, with runs of decimal digits compared as numbers.
  package static func precedes(_ a: String, _ b: String) -> Bool {
    compare(Array(a.utf8), Array(b.utf8)) < 0
  }

  private static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var i = 0
    var j = 0
    while i < a.count, j < b.count {
      if isDigit(a[i]), isDigit(b[j]) {
        let left = run(a, &i)
        let right = run(b, &j)
        // Without leading zeros the longer run is the larger number.
        if left.count != right.count { return left.count - right.count }
        for (x, y) in zip(left, right) where x != y { return Int(x) - Int(y) }
      } else {
        if a[i] != b[j] { return Int(a[i]) - Int(b[j]) }
        i += 1
        j += 1
      }
    }
    let rest = (a.count - i) - (b.count - j)
    if rest != 0 { return rest }
    // `cpu01` and `cpu1` are different names: keep the order total.
    return a.count - b.count
  }

  private static func run(_ text: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
    let start = index
    while index < text.count, isDigit(text[index]) { index += 1 }
    return text[start..<index].drop { $0 == 0x30 }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

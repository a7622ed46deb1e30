/// Numbers in findings. Inventories may hold any number a file can claim: nothing here overflows.
enum Amounts {
  /// A sum that stops at the largest number there is.
  static func sum(_ numbers: some Sequence<Int>) -> Int {
    numbers.reduce(0) { total, number in
      let (sum, overflow) = total.addingReportingOverflow(number)
      return overflow ? (number > 0 ? .max : .min) : sum
    }
  }

  /// A number with one decimal, which is left out when it is 0.
  static func oneDecimal(_ value: Double) -> String {
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() && abs(tenths) < 1e15 ? "\(Int(tenths))" : "\(tenths)"
  }

  /// `16 GiB`.
  static func gibibytes(_ bytes: Double) -> String { "\(oneDecimal(bytes / 1_073_741_824)) GiB" }

  /// `16 GiB`.
  static func gibibytes(_ bytes: Int) -> String { gibibytes(Double(bytes)) }

  /// `75 %`.
  static func percent(_ part: Double, of whole: Double) -> String {
    whole > 0 ? "\(oneDecimal((part / whole * 100).rounded())) %" : "an unknown part"
  }

  /// `75 %`.
  static func percent(_ part: Int, of whole: Int) -> String {
    percent(Double(part), of: Double(whole))
  }

  /// `1 socket`, `2 sockets`.
  static func count(_ number: Int, _ word: String) -> String {
    "\(number) \(word)\(number == 1 ? "" : "s")"
  }
}

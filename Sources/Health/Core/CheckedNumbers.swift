/// Arithmetic on numbers that a file may claim, however large.
enum CheckedNumbers {
  /// A sum that stops at the largest number there is.
  static func sum(_ numbers: some Sequence<Int>) -> Int {
    numbers.reduce(0) { total, number in
      let (sum, overflow) = total.addingReportingOverflow(number)
      return overflow ? (number > 0 ? .max : .min) : sum
    }
  }
}

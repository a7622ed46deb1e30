extension Route {
  /// Holds the parameters of a request against the table.
  /// - Throws: the problem with the first one that is unknown or has a value it does not take.
  public func check(_ query: [(name: String, value: String)]) throws(Problem) {
    for (name, value) in query {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        let known = parameters.map(\.name).joined(separator: ", ")
        throw Problem(
          400, "use parameter '\(name)'", cause: "\(path) has no such parameter",
          hint: known.isEmpty ? nil : "it takes \(known)")
      }
      switch parameter.kind {
      case .text:
        if value.isEmpty { throw Problem(400, "use parameter '\(name)'", cause: "it is empty") }
      case .integer(let range):
        guard let number = Int(value), range.contains(number), !value.hasPrefix("+") else {
          throw Problem(
            400, "use parameter '\(name)'",
            cause: "'\(value)' is no number from \(range.lowerBound) to \(range.upperBound)")
        }
      case .word(let words):
        if !words.contains(value) {
          throw Problem(
            400, "use parameter '\(name)'",
            cause: "'\(value)' is none of \(words.joined(separator: ", "))")
        }
      }
    }
  }
}

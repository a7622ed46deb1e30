/// A request to an endpoint, with the values of the endpoint's parameters.
public struct Call: Sendable {
  private let values: [String: String]
  private let header: @Sendable (String) -> String?

  init(values: [String: String], header: @escaping @Sendable (String) -> String?) {
    self.values = values
    self.header = header
  }

  /// The value of a parameter; nil when the request has none.
  package func text(_ parameter: Parameter) -> String? { values[parameter.name] }

  /// The value of a number; nil when the request has none.
  package func integer(_ parameter: Parameter) -> Int? {
    values[parameter.name].flatMap { Int($0) }
  }

  /// The value of a name in braces, which every request has.
  package func segment(_ parameter: Parameter) -> String { values[parameter.name] ?? "" }

  /// The value of a header field.
  package func header(_ name: String) -> String? { header(name) }
}

/// What a list of endpoints has for a request.
public enum Match<Service: Sendable>: Sendable {
  /// An endpoint, with the values of the braces of its path.
  case endpoint(Endpoint<Service>, segments: [String: String])
  /// The path is known, and takes only these methods.
  case wrongMethod([Method])
  /// There is no such path.
  case notFound
}

extension Array {
  /// Finds the endpoint of a request.
  /// - Parameter segments: the path's segments, percent-decoded.
  package func match<Service>(
    method: String, segments: [String]
  ) -> Match<Service> where Element == Endpoint<Service> {
    var allowed: [Method] = []
    for endpoint in self {
      guard let values = endpoint.pattern.values(segments) else { continue }
      if endpoint.method.rawValue == method { return .endpoint(endpoint, segments: values) }
      allowed.append(endpoint.method)
    }
    return allowed.isEmpty ? .notFound : .wrongMethod(allowed)
  }
}

extension Endpoint {
  /// Checks the parameters of a request against those of the endpoint.
  /// - Parameters:
  ///   - segments: values of the braces of its path.
  ///   - query: percent-decoded, in its order. Of one that is there twice the first counts.
  /// - Throws: the problem with the first one that is unknown or has a value it does not take.
  package func call(
    segments: [String: String], query: [(name: String, value: String)],
    header: @escaping @Sendable (String) -> String?
  ) throws(Problem) -> Call {
    var values = segments
    let known = parameters.filter { !segmentNames.contains($0.name) }
    for (name, value) in query {
      guard let parameter = known.first(where: { $0.name == name }) else {
        throw Problem(
          400, "use parameter '\(name)'", cause: "\(path) has no such parameter",
          hint: known.isEmpty
            ? nil : "it takes \(known.map(\.name).joined(separator: ", "))")
      }
      try parameter.check(value)
      if values[name] == nil { values[name] = value }
    }
    return Call(values: values, header: header)
  }
}

/// The JSON body of a request, with the model it is for.
package struct RequestBody: Sendable {
  /// Members that are not null.
  package private(set) var json: JSONValue
  /// The model, as the client named it.
  package let model: String

  /// Reads a body.
  /// - Throws: 400 with OpenAI's shape.
  package init(_ bytes: [UInt8]) throws(APIError) {
    guard !bytes.isEmpty else {
      throw .invalid("The request has no body; it must be a JSON object.")
    }
    let value: JSONValue
    do throws(JSONParser.Problem) {
      value = try JSONParser.parse(bytes)
    } catch {
      throw .invalid("The body is not valid JSON: \(error).", code: "invalid_json")
    }
    guard case .object(let members) = value else {
      throw .invalid("The body must be a JSON object, not \(value.kind).")
    }
    // `"temperature": null` means the default, as if it were not there.
    json = .object(members.filter { !$0.value.isNull })
    guard let named = json["model"] else {
      throw .invalid(
        "You must provide a model.", param: "model", code: "missing_required_parameter")
    }
    guard let model = named.string else { throw RequestBody.wrongType("model", "a string", named) }
    guard !model.isEmpty else { throw .invalid("'model' is empty.", param: "model") }
    self.model = model
  }

  /// The member of a name; nil when it is missing or null.
  package subscript(name: String) -> JSONValue? { json[name] }

  /// Sets or removes a member of what goes to the runtime.
  package mutating func set(_ name: String, _ value: JSONValue?) { json.set(name, value) }

  static func wrongType(_ param: String, _ expected: String, _ found: JSONValue) -> APIError {
    .invalid(
      "'\(param)' must be \(expected), not \(found.kind).", param: param, code: "invalid_type")
  }

  func boolean(_ name: String) throws(APIError) -> Bool? {
    guard let value = json[name] else { return nil }
    guard let flag = value.boolean else { throw RequestBody.wrongType(name, "a boolean", value) }
    return flag
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(APIError) -> Int? {
    guard let value = json[name] else { return nil }
    guard value.number != nil else { throw RequestBody.wrongType(name, "an integer", value) }
    guard let number = value.integer else {
      throw .invalid("'\(name)' must be an integer.", param: name, code: "invalid_type")
    }
    guard range.contains(number) else {
      let limit =
        number < range.lowerBound
        ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
      throw .invalid("'\(name)' must be \(limit).", param: name, code: "invalid_value")
    }
    return number
  }

  func number(_ name: String, _ range: ClosedRange<Double>) throws(APIError) -> Double? {
    guard let value = json[name] else { return nil }
    guard case .number = value else { throw RequestBody.wrongType(name, "a number", value) }
    guard let number = value.number, range.contains(number) else {
      throw .invalid(
        "'\(name)' must be from \(range.lowerBound) to \(range.upperBound).", param: name,
        code: "invalid_value")
    }
    return number
  }

  func object(_ name: String) throws(APIError) -> JSONValue? {
    guard let value = json[name] else { return nil }
    guard value.members != nil else { throw RequestBody.wrongType(name, "an object", value) }
    return value
  }

  func list(_ name: String) throws(APIError) -> [JSONValue]? {
    guard let value = json[name] else { return nil }
    guard let items = value.array else { throw RequestBody.wrongType(name, "an array", value) }
    return items
  }

  /// `stop`: a string or some of them.
  func stops() throws(APIError) -> [String] {
    guard let value = json["stop"] else { return [] }
    if let text = value.string { return try checked([text]) }
    guard let items = value.array else {
      throw RequestBody.wrongType("stop", "a string or an array of strings", value)
    }
    var texts: [String] = []
    for item in items {
      guard let text = item.string else {
        throw RequestBody.wrongType("stop", "a string or an array of strings", item)
      }
      texts.append(text)
    }
    return try checked(texts)
  }

  /// Stop strings of a request. The interface allows 4; the length has no documented limit.
  private static let mostStops = 4
  private static let longestStop = 1000

  private func checked(_ stops: [String]) throws(APIError) -> [String] {
    guard stops.count <= RequestBody.mostStops else {
      throw .invalid(
        "'stop' has more than 4 strings.", param: "stop", code: "array_above_max_length")
    }
    guard stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= RequestBody.longestStop }) else {
      throw .invalid(
        "A string of 'stop' is empty or longer than 1000 bytes.", param: "stop",
        code: "invalid_value")
    }
    return stops
  }
}

internal import Base

/// JSON Schemas (2020-12, as OpenAPI 3.1 has them) of the types that become JSON.
///
/// As Swift encodes them: an optional property is absent when it is nil, every other one is always
/// there; an enum is its raw value; a dictionary is an object, with the digits as key where its keys
/// are integers.
struct OpenAPISchemas {
  let types: DocumentedTypes

  /// The schemas of the roots and of all that they use, by name.
  func schemas(_ roots: [String]) throws(Failure) -> JSONNode {
    var entries: [JSONNode.Entry] = []
    for (_, type) in try types.closure(roots) {
      entries.append(JSONNode.Entry(key: type.name, value: try schema(type)))
    }
    return .object(entries.sorted { $0.key < $1.key })
  }

  /// The reference to a schema.
  static func reference(_ name: String) -> JSONNode {
    ["$ref": "#/components/schemas/\(name)"]
  }

  private func schema(_ type: DocumentedType) throws(Failure) -> JSONNode {
    switch type.form {
    case .own(.text(_, let pattern, let meaning, let example)):
      return [
        "type": "string", "pattern": .text(pattern), "description": .text(meaning),
        "examples": [.text(example)],
      ]
    case .own(.mixed):
      throw Failure("describe \(type.name)", because: "values of several types have no schema")
    case .own(.words(let words)):
      return [
        "type": "string", "enum": .list(words.map(JSONNode.text)), "description": .text(type.doc),
      ]
    case .words(let words):
      let told = words.filter { !$0.doc.isEmpty }.map { "- `\($0.value)`: \($0.doc)" }
      let description = ([type.doc + (told.isEmpty ? "" : "\n")] + told).joined(separator: "\n")
      return [
        "type": "string", "enum": .list(words.map { .text($0.value) }),
        "description": .text(description),
      ]
    case .keys(let keys):
      var properties: [JSONNode.Entry] = []
      for key in keys {
        properties.append(JSONNode.Entry(key: key.name, value: try property(key)))
      }
      return [
        "type": "object", "description": .text(type.doc), "properties": .object(properties),
        "required": .list(keys.filter { !$0.isOptional }.map { .text($0.name) }),
        "additionalProperties": false,
      ]
    }
  }

  private func property(_ key: DocumentedType.Key) throws(Failure) -> JSONNode {
    var schema = try use(key.type)
    if let constant = key.constant { schema["const"] = .text(constant) }
    // How doc comments name a time.
    if key.doc.contains("RFC 3339") { schema = OpenAPISchemas.time }
    if !key.doc.isEmpty { schema["description"] = .text(key.doc) }
    return schema
  }

  /// The schema of a use of a type.
  private func use(_ type: JSONType) throws(Failure) -> JSONNode {
    switch type {
    case .text: return ["type": "string"]
    case .flag: return ["type": "boolean"]
    case .number: return ["type": "number", "format": "double"]
    case .integer(let bits, isSigned: true): return ["type": "integer", "format": "int\(bits)"]
    case .integer(let bits, isSigned: false):
      return [
        "type": "integer", "minimum": 0, "maximum": .number("\(UInt64.max >> (64 - bits))"),
      ]
    case .list(let element): return ["type": "array", "items": try use(element)]
    case .map(let hasNumbersAsKeys, let value):
      var schema: JSONNode = ["type": "object", "additionalProperties": try use(value)]
      if hasNumbersAsKeys { schema["propertyNames"] = ["pattern": "^-?[0-9]+$"] }
      return schema
    case .named(let identifier): return OpenAPISchemas.reference(try types.type(identifier).name)
    }
  }

  private static let time: JSONNode = [
    "type": "string", "format": "date-time",
    "pattern": #"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"#,
  ]
}

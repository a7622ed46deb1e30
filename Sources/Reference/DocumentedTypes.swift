internal import Base

/// The types of some modules that become JSON: what the compiler knows of them, and what only the
/// program does.
struct DocumentedTypes {
  private var symbols: [String: SymbolGraph.Symbol] = [:]
  private var members: [String: [SymbolGraph.Symbol]] = [:]
  private var encodable: Set<String> = []

  init(_ graphs: [SymbolGraph]) {
    for symbol in graphs.flatMap(\.symbols) { symbols[symbol.identifier.precise] = symbol }
    for relationship in graphs.flatMap(\.relationships) {
      switch (relationship.kind, relationship.target) {
      case ("memberOf", let type):
        if let member = symbols[relationship.source] { members[type, default: []].append(member) }
      case ("conformsTo", "s:SE"): encodable.insert(relationship.source)
      default: break
      }
    }
  }

  /// Some types and all that they are made of, each before its parts and in the order of its first
  /// mention.
  func closure(_ roots: [String]) throws(Failure) -> [(id: String, type: DocumentedType)] {
    var found: [(id: String, type: DocumentedType)] = []
    var seen: Set<String> = []
    var open = Array(roots.reversed())
    while let next = open.popLast() {
      if !seen.insert(next).inserted { continue }
      let type = try type(next)
      if found.contains(where: { $0.type.name == type.name }) {
        throw Failure("document \(type.name)", because: "another type has the same name")
      }
      found.append((next, type))
      open += type.parts.reversed()
    }
    return found
  }

  func type(_ identifier: String) throws(Failure) -> DocumentedType {
    guard let symbol = symbols[identifier] else {
      throw Failure(
        "document type \(identifier)", because: "no symbol graph has it",
        hint: "name its module in scripts/symbol-graphs")
    }
    guard encodable.contains(identifier), let runtime = RuntimeType(identifier) else {
      throw failure(symbol, "it is private, or not Encodable, or not in this program")
    }
    var type = DocumentedType(name: symbol.name, doc: symbol.doc, form: .words([]))
    if let form = runtime.jsonForm {
      type.form = .own(form)
      return type
    }
    // The compiler's own is not in the graph.
    if (members[identifier] ?? []).contains(where: { $0.pathComponents.last == "encode(to:)" }) {
      throw failure(symbol, "it encodes itself and does not say what (JSONFormProviding)")
    }
    if symbol.kind.identifier == "swift.enum" {
      type.form = .words(try words(symbol, runtime))
    } else {
      type.form = .keys(try keys(symbol, runtime))
    }
    return type
  }

  /// The members of a kind, in the order of the source.
  private func members(
    _ symbol: SymbolGraph.Symbol, _ kind: String
  ) -> [SymbolGraph.Symbol] {
    (members[symbol.identifier.precise] ?? []).filter { $0.kind.identifier == kind }
      .sorted { one, other in
        guard let location = one.location else { return other.location != nil }
        return other.location.map { location < $0 } ?? false
      }
  }

  private func words(
    _ symbol: SymbolGraph.Symbol, _ runtime: RuntimeType
  ) throws(Failure) -> [DocumentedType.Word] {
    let cases = members(symbol, "swift.enum.case")
    let values = try texts(cases, symbol, runtime)
    return zip(cases, values).map { each, value in
      DocumentedType.Word(value: value, doc: each.doc == symbol.doc ? "" : each.doc)
    }
  }

  /// What the cases of an enum are in JSON.
  private func texts(
    _ cases: [SymbolGraph.Symbol], _ symbol: SymbolGraph.Symbol, _ runtime: RuntimeType
  ) throws(Failure) -> [String] {
    guard let values = runtime.rawValues(cases.map { $0.pathComponents.last ?? "" }) else {
      throw failure(
        symbol, "its texts are not known: its raw values are none, or it is not CaseIterable")
    }
    return values
  }

  private func keys(
    _ symbol: SymbolGraph.Symbol, _ runtime: RuntimeType
  ) throws(Failure) -> [DocumentedType.Key] {
    let renamed = try codingKeys(symbol)
    var keys: [DocumentedType.Key] = []
    for property in members(symbol, "swift.property") {
      guard let (type, isOptional) = try TypeReader.read(property) else { continue }
      let name = property.pathComponents.last ?? ""
      var key = DocumentedType.Key(
        name: name, type: type, isOptional: isOptional, doc: property.doc)
      if let renamed {
        guard let text = renamed[name] else { continue }
        key.name = text
      }
      if property.location == nil {
        throw failure(property, "it is private, so its comment is not in the build")
      }
      if name == "schema" {
        guard let schema = runtime.schema else {
          throw failure(property, "the type does not say what it is (VersionedDocument)")
        }
        key.constant = schema
      }
      keys.append(key)
    }
    return keys
  }

  /// The texts of a type's own `CodingKeys`, by the names of properties; nil when it has none.
  private func codingKeys(_ symbol: SymbolGraph.Symbol) throws(Failure) -> [String: String]? {
    let owned = members(symbol, "swift.enum").first { $0.pathComponents.last == "CodingKeys" }
    guard let owned else { return nil }
    guard let runtime = RuntimeType(owned.identifier.precise) else {
      throw failure(owned, "it is private, so its texts are not known")
    }
    let cases = members(owned, "swift.enum.case")
    let names = cases.map { $0.pathComponents.last ?? "" }
    return Dictionary(uniqueKeysWithValues: zip(names, try texts(cases, owned, runtime)))
  }

  private func failure(_ symbol: SymbolGraph.Symbol, _ reason: String) -> Failure {
    Failure("document \(symbol.name)", because: reason)
  }
}

internal import Base

/// A type as the program itself knows it, for what no declaration says: raw values, names of keys, and
/// what a type says of its own JSON.
struct RuntimeType {
  let type: any Any.Type

  /// The type of an identifier in a symbol graph; nil for one that is not in this program.
  init?(_ identifier: String) {
    // The identifier is the mangled name of the type with another prefix.
    guard identifier.hasPrefix("s:"), let type = _typeByName(String(identifier.dropFirst(2))) else {
      return nil
    }
    self.type = type
  }

  /// The identifier of a type in symbol graphs.
  static func identifier(_ type: any Any.Type) throws(Failure) -> String {
    guard let name = _mangledTypeName(type) else {
      throw Failure("document \(type)", because: "it has no name")
    }
    return "s:" + name
  }

  /// What the type says it becomes; nil when it does not.
  var jsonForm: JSONForm? { (type as? any JSONFormProviding.Type)?.jsonForm }

  /// What `schema` of the type says; nil when it has none.
  var schema: String? { (type as? any VersionedDocument.Type)?.currentSchema }

  /// The raw values of an enum's cases, in their order; nil when they are no texts, or cannot be known.
  /// - Parameter cases: names of all cases in the order of the source.
  func rawValues(_ cases: [String]) -> [String]? {
    guard let type = type as? any RawRepresentable.Type else { return nil }
    return RuntimeType.rawValues(cases, type)
  }

  private static func rawValues<Enum: RawRepresentable>(
    _ cases: [String], _ type: Enum.Type
  ) -> [String]? {
    // The compiler lists cases in the order of the source; a list by hand may have another.
    if let type = type as? any CaseIterable.Type {
      let values = all(type).compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
      let isInOrder = zip(cases, values).allSatisfy { $0 == $1 || !values.contains($0) }
      return values.count == cases.count && isInOrder ? values : nil
    }
    // Where no list is kept, each must be called as its text is.
    return cases.allSatisfy { ($0 as? Enum.RawValue).flatMap(Enum.init) != nil } ? cases : nil
  }

  private static func all<Enum: CaseIterable>(_ type: Enum.Type) -> [Any] { Array(type.allCases) }
}

internal import Base
internal import Linux

/// What the compiler knows of the declarations of a module: names, types, conformances and doc
/// comments, as `swift symbolgraph-extract` writes it of a module that was built.
struct SymbolGraph: Decodable {
  var symbols: [Symbol]
  var relationships: [Relationship]

  /// A declaration.
  struct Symbol: Decodable {
    var kind: Kind
    var identifier: Identifier
    /// Its name, after those of the types around it.
    var pathComponents: [String]
    var docComment: Comment?
    /// The declaration, token by token.
    var declarationFragments: [Fragment]
    /// Absent where the build keeps neither place nor doc comment: of what is private, and of what the
    /// compiler made.
    var location: Location?

    /// Its name with those around it: `GPU.Vendor`.
    var name: String { pathComponents.joined(separator: ".") }
    /// The doc comment in one line; empty without one.
    var doc: String {
      (docComment?.lines ?? []).flatMap { $0.text.split(whereSeparator: \.isWhitespace) }
        .joined(separator: " ")
    }
  }

  struct Kind: Decodable { var identifier: String }
  struct Identifier: Decodable { var precise: String }
  struct Comment: Decodable { var lines: [Line] }
  struct Line: Decodable { var text: String }

  /// A token of a declaration.
  struct Fragment: Decodable {
    /// `typeIdentifier` for the name of a type.
    var kind: String
    var spelling: String
    /// What a name stands for.
    var preciseIdentifier: String?
  }

  /// Where a declaration is in the source.
  struct Location: Decodable, Comparable {
    var uri: String
    var position: Position

    static func < (one: Location, other: Location) -> Bool {
      (one.uri, one.position.line, one.position.character)
        < (other.uri, other.position.line, other.position.character)
    }
  }

  struct Position: Decodable, Equatable {
    var line: Int
    var character: Int
  }

  /// That a declaration is a member of another, or a type conforms to a protocol.
  struct Relationship: Decodable {
    var kind: String
    var source: String
    var target: String
  }

  static func read(_ folder: String) throws(Failure) -> [SymbolGraph] {
    do {
      return try FolderNames.list(folder).filter { $0.hasSuffix(".symbols.json") }.sorted().map {
        try JSON.decode(
          SymbolGraph.self, from: StampedFile.read("\(folder)/\($0)", limit: 1 << 26).bytes)
      }
    } catch {
      throw Failure("read symbol graphs in \(folder)", error)
    }
  }
}

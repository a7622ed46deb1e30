/// What a type becomes in JSON when it is one value there and not an object of its properties.
///
/// The reference of the JSON is made from the properties of each type. A type that has an
/// `encode(to:)` of its own says here what that writes.
package enum JSONForm: Hashable, Sendable {
  /// A text of a certain form.
  /// - Parameters:
  ///   - name: what docs/json.md calls it.
  ///   - pattern: the regular expression of JSON Schema that every such text matches.
  ///   - meaning: what it stands for.
  ///   - example: one of them.
  case text(name: String, pattern: String, meaning: String, example: String)
  /// One of these words.
  case words([String])
  /// Values of several types: what docs/json.md calls them. No document of the interface has any.
  case mixed(name: String)
}

/// A type with an `encode(to:)` of its own, which says what that writes.
package protocol JSONFormProviding: Encodable {
  /// What it becomes.
  static var jsonForm: JSONForm { get }
}

/// A document whose JSON says what it is in `schema`, such as `tinybox.status/1`.
package protocol VersionedDocument: Encodable {
  /// What `schema` says. A change that breaks a reader raises the number.
  static var currentSchema: String { get }
}

internal import Base

/// A type that becomes JSON, as the reference describes it.
struct DocumentedType {
  enum Form {
    /// An object with these keys.
    case keys([Key])
    /// One of these words.
    case words([Word])
    /// One value, as the type says it.
    case own(JSONForm)
  }

  /// A key of an object.
  struct Key: Equatable {
    var name: String
    var type: JSONType
    /// Whether it may be absent.
    var isOptional: Bool
    var doc: String
    /// The one text that it has.
    var constant: String?
  }

  /// A case of an enum, as its text.
  struct Word: Equatable {
    var value: String
    /// What the case means; empty where it says no more than the enum does.
    var doc: String
  }

  /// Its name with those around it: `GPU.Vendor`.
  var name: String
  var doc: String
  var form: Form

  /// The types it is made of, in order.
  var parts: [String] {
    guard case .keys(let keys) = form else { return [] }
    return keys.compactMap { DocumentedType.named($0.type) }
  }

  private static func named(_ type: JSONType) -> String? {
    switch type {
    case .named(let identifier): identifier
    case .list(let element), .map(_, let element): named(element)
    case .text, .flag, .number, .integer: nil
    }
  }
}

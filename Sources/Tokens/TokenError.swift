/// What is wrong with a token, or with the file of them.
package enum TokenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A line of the file is no token.
  case malformed(line: Int)
  /// No such name is allowed.
  case badName
  /// There is a token of this name.
  case nameTaken(String)
  /// There is no token of this id.
  case noSuchToken(String)
  /// There are as many as there may be.
  case full(Int)
  /// Another program changes the file.
  case busy

  /// In words.
  package var description: String {
    switch self {
    case .malformed(let line): "line \(line) is no token"
    case .badName: "a name has 1 to 64 printable characters"
    case .nameTaken(let name): "there is a token named \(name)"
    case .noSuchToken(let id): "there is no token \(id)"
    case .full(let count): "there are \(count) tokens already"
    case .busy: "another program changes it"
    }
  }

  /// What to do about it.
  var hint: String? {
    switch self {
    case .noSuchToken, .full: "'tinyboxctl token list' shows those there are"
    case .nameTaken: "'tinyboxctl token revoke ID' revokes that one"
    case .busy: "try again in a moment"
    case .malformed: "while the file has a mistake, no token is accepted; correct or remove it"
    case .badName: nil
    }
  }
}

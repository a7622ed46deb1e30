internal import Base
internal import FoundationEssentials
internal import Linux

/// What a token is for.
package enum TokenScope: String, Hashable, Sendable, CaseIterable {
  /// To read what the gateway serves of the machine.
  case read
  /// To use models.
  case models
}

/// A token that somebody was given, as it is remembered: the secret itself is not.
package struct Token: Codable, Hashable, Sendable {
  /// What it is called in commands: eight characters, part of the token's text.
  package var id: String
  /// What its owner calls it.
  package var name: String
  /// When it was made: UTC, RFC 3339.
  package var created: String
  /// SHA-256 of its secret, hexadecimal.
  package var sha256: String
  /// What it is for, as `TokenScope` names it; nil for reading, which is all that tokens once could.
  package var scopes: [String]?

  /// Whether it is for this.
  package func allows(_ scope: TokenScope) -> Bool {
    (scopes ?? [TokenScope.read.rawValue]).contains(scope.rawValue)
  }

  /// Whether a name will do: 1 to 64 characters that can be printed, and no space at either end.
  package static func isName(_ name: String) -> Bool {
    guard 1...64 ~= name.unicodeScalars.count, name.first != " ", name.last != " " else {
      return false
    }
    return name.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator:
        false
      case .spaceSeparator: scalar == " "
      default: true
      }
    }
  }
}

/// The text that a client shows: `tbx_ID_SECRET`.
struct TokenText {
  static let idBytes = 4
  static let secretBytes = 32
  /// Characters of base64url without padding for so many bytes.
  static let secretCharacters = 43

  var id: String
  var secret: String

  /// A new one, from the kernel's random numbers.
  init() throws(Failure) {
    id = Hexadecimal.text(try RandomBytes.make(TokenText.idBytes))
    secret = Base64URL.text(try RandomBytes.make(TokenText.secretBytes))
  }

  /// Takes a text apart; nil when it is none.
  init?(_ text: String) {
    let bytes = text.utf8
    let idCharacters = 2 * TokenText.idBytes
    guard bytes.count == 4 + idCharacters + 1 + TokenText.secretCharacters,
      text.hasPrefix("tbx_"), bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { return nil }
    let rest = text.dropFirst(4)
    guard rest.dropFirst(idCharacters).first == "_" else { return nil }
    id = String(rest.prefix(idCharacters))
    secret = String(rest.dropFirst(idCharacters + 1))
  }

  var text: String { "tbx_\(id)_\(secret)" }

  /// What is kept of the secret.
  var hash: String { Hexadecimal.text(SHA256.hash(secret.utf8)) }
}

enum Hexadecimal {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}

/// Base64 for addresses, without padding (RFC 4648, section 5).
enum Base64URL {
  static func text(_ bytes: [UInt8]) -> String {
    String(
      Data(bytes).base64EncodedString().compactMap { character in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }
}

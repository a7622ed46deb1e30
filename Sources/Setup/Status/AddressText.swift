/// Texts with addresses of the web in them.
enum AddressText {
  /// The text, with user and password and with the query of each address left out: a link to a file may carry a
  /// secret in either.
  static func withoutSecrets(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let scheme = rest.firstRange(of: "://") {
      result += rest[..<scheme.upperBound]
      let address = rest[scheme.upperBound...].prefix { !$0.isWhitespace && !"'\"<>".contains($0) }
      rest = rest[address.endIndex...]
      let place = address.prefix { !"/?#".contains($0) }
      let path = address[place.endIndex...].prefix { $0 != "?" && $0 != "#" }
      if let at = place.lastIndex(of: "@") {
        result += "...@" + place[place.index(after: at)...]
      } else {
        result += place
      }
      result += path
      if path.endIndex < address.endIndex { result += address[path.endIndex...].prefix(1) + "..." }
    }
    return result + rest
  }
}

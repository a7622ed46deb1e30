/// The target of a request in origin form (RFC 9112, section 3.2.1), taken apart.
package struct RequestTarget: Hashable, Sendable {
  /// As it was sent.
  package var text: String
  /// Segments of the path, percent-decoded.
  package var segments: [String]
  package var query: HTTPRequest.Query

  /// Takes a target apart; nil for one that is not well-formed, or whose segments could mean
  /// another place than they say: `.`, `..`, an encoded slash, a NUL, bytes that are no UTF-8.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.first == UInt8(ascii: "/"), bytes.allSatisfy(RequestTarget.isAllowed) else {
      return nil
    }
    self.text = text
    let mark = bytes.firstIndex(of: UInt8(ascii: "?"))
    var parts = bytes[1..<(mark ?? bytes.endIndex)]
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
    // `/v1/` is `/v1`; an empty segment elsewhere is nothing anybody serves.
    if parts.last?.isEmpty == true { parts.removeLast() }
    segments = []
    for part in parts {
      guard let segment = RequestTarget.decode(part), !segment.isEmpty, segment != ".",
        segment != "..", !segment.utf8.contains(UInt8(ascii: "/"))
      else { return nil }
      segments.append(segment)
    }
    query = HTTPRequest.Query()
    guard let mark else { return }
    guard let parameters = RequestTarget.parameters(bytes[(mark + 1)...]) else { return nil }
    query.parameters = parameters
  }

  /// The parameters of a query or of a form (`application/x-www-form-urlencoded`); nil when they
  /// are not well-formed.
  package static func parameters(_ bytes: ArraySlice<UInt8>) -> [HTTPRequest.Query.Parameter]? {
    var parameters: [HTTPRequest.Query.Parameter] = []
    for part in bytes.split(separator: UInt8(ascii: "&")) {
      let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
      guard let name = decode(part[..<equals], plusIsSpace: true),
        let value = decode(part[equals...].dropFirst(), plusIsSpace: true)
      else { return nil }
      parameters.append(HTTPRequest.Query.Parameter(name: name, value: value))
    }
    return parameters
  }

  /// No controls, spaces, fragments or bytes above 7E: those come percent-encoded.
  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "\\")
      && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
    var decoded: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
      var byte = bytes[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < bytes.endIndex, let high = digit(bytes[index + 1]),
          let low = digit(bytes[index + 2])
        else { return nil }
        byte = high << 4 | low
        if byte == 0 { return nil }
        index += 2
      } else if plusIsSpace, byte == UInt8(ascii: "+") {
        byte = 0x20
      }
      decoded.append(byte)
      index += 1
    }
    return String(validating: decoded, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

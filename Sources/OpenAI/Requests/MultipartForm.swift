/// A form with files (`multipart/form-data`, RFC 7578), of which only small fields are looked at: the
/// files stay where they are.
package struct MultipartForm: Sendable {
  /// A field.
  struct Part: Hashable {
    var name: String
    var isFile: Bool
    var content: Range<Int>
  }

  private var bytes: [UInt8]
  private let parts: [Part]

  /// Parts of a form, and bytes of the head of each.
  private static let mostParts = 64
  private static let longestHead = 4096

  /// Takes a form apart.
  /// - Parameter type: the field `Content-Type` of the request.
  package init(_ bytes: [UInt8], type: String?) throws(APIError) {
    guard let type, let boundary = MultipartForm.boundary(type) else {
      throw .invalid(
        "The body must be a form with a file: Content-Type multipart/form-data with a boundary.")
    }
    self.bytes = bytes
    let mark = Array("--\(boundary)".utf8)
    guard bytes.starts(with: mark) else { throw MultipartForm.malformed }
    var parts: [Part] = []
    var index = mark.count
    while true {
      if bytes[index...].starts(with: Array("--".utf8)) { break }
      guard bytes[index...].starts(with: [0x0d, 0x0a]) else { throw MultipartForm.malformed }
      index += 2
      guard parts.count < MultipartForm.mostParts,
        let headEnd = MultipartForm.find(
          [0x0d, 0x0a, 0x0d, 0x0a], in: bytes, from: index,
          to: min(bytes.count, index + MultipartForm.longestHead)),
        let end = MultipartForm.find(
          [0x0d, 0x0a] + mark, in: bytes, from: headEnd + 4, to: bytes.count)
      else { throw MultipartForm.malformed }
      let head = String(decoding: bytes[index..<headEnd], as: UTF8.self)
      guard let (name, isFile) = MultipartForm.disposition(head) else {
        throw MultipartForm.malformed
      }
      parts.append(Part(name: name, isFile: isFile, content: headEnd + 4..<end))
      index = end + 2 + mark.count
    }
    self.parts = parts
  }

  private static let malformed = APIError.invalid("The body is no well-formed form.")

  /// The text of a field; nil when there is none of this name, or it is a file.
  package func text(_ name: String) -> String? {
    guard let part = parts.first(where: { $0.name == name && !$0.isFile }),
      part.content.count <= MultipartForm.longestHead
    else { return nil }
    return String(validating: bytes[part.content], as: UTF8.self)
  }

  /// Whether there is a file of this name.
  package func hasFile(_ name: String) -> Bool {
    parts.contains { $0.name == name && $0.isFile }
  }

  /// The form with another text in a field.
  package func replacing(_ name: String, with text: String) -> [UInt8] {
    guard let part = parts.first(where: { $0.name == name && !$0.isFile }) else { return bytes }
    var copy = bytes
    copy.replaceSubrange(part.content, with: text.utf8)
    return copy
  }

  private static func boundary(_ type: String) -> String? {
    let parts = type.split(separator: ";")
    guard let kind = parts.first, trimmed(kind).lowercased() == "multipart/form-data" else {
      return nil
    }
    for part in parts.dropFirst() {
      let part = trimmed(part)
      guard part.lowercased().hasPrefix("boundary=") else { continue }
      var value = part.dropFirst("boundary=".count)
      if value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 {
        value = value.dropFirst().dropLast()
      }
      // RFC 2046, section 5.1.1.
      return 1...70 ~= value.utf8.count ? String(value) : nil
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " }.reversed())
  }

  private static func disposition(_ head: String) -> (name: String, isFile: Bool)? {
    for line in head.split(whereSeparator: \.isNewline) {
      guard line.lowercased().hasPrefix("content-disposition:") else { continue }
      var name: String?
      var isFile = false
      for part in line.split(separator: ";").dropFirst() {
        let part = trimmed(part)
        let lower = part.lowercased()
        if lower.hasPrefix("name=") { name = unquoted(part.dropFirst(5)) }
        if lower.hasPrefix("filename") { isFile = true }
      }
      return name.map { ($0, isFile) }
    }
    return nil
  }

  private static func unquoted(_ text: Substring) -> String {
    text.hasPrefix("\"") && text.hasSuffix("\"") && text.count >= 2
      ? String(text.dropFirst().dropLast()) : String(text)
  }

  /// Where a pattern begins. Its first byte is a CR, of which a file has few.
  private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int, to end: Int)
    -> Int?
  {
    guard start <= end else { return nil }
    var index = start
    while index + pattern.count <= end {
      if bytes[index] == pattern[0], bytes[index..<index + pattern.count].elementsEqual(pattern) {
        return index
      }
      index += 1
    }
    return nil
  }
}

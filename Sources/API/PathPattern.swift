/// The path of an endpoint, parsed once; requests are matched against it. Not a part of `Endpoint`,
/// which is generic: its arrays would be made at run time.
struct PathPattern: Sendable {
  private let segments: [Segment]

  /// A segment: fixed text, or the name of a value.
  private struct Segment: Sendable {
    let text: String
    let isName: Bool
  }

  /// - Parameter path: `/v1/devices/{name}`.
  init(_ path: String) {
    segments = path.split(separator: "/").map { part in
      part.hasPrefix("{")
        ? Segment(text: String(part.dropFirst().dropLast()), isName: true)
        : Segment(text: String(part), isName: false)
    }
  }

  /// Names in braces, from left to right.
  var names: [String] { segments.filter(\.isName).map(\.text) }

  /// Values of the braces; nil for another path.
  func values(_ given: [String]) -> [String: String]? {
    guard segments.count == given.count else { return nil }
    for (segment, text) in zip(segments, given) {
      if segment.isName ? text.isEmpty : segment.text != text { return nil }
    }
    var values: [String: String] = [:]
    for (segment, text) in zip(segments, given) where segment.isName {
      values[segment.text] = text
    }
    return values
  }
}

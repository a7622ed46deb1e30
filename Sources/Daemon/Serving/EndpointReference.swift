internal import API

/// An endpoint as data, for the documents that are made from it: docs/openapi.json and the list of
/// endpoints in docs/api.md.
package struct EndpointReference: Codable, Hashable, Sendable {
  /// `operationId`.
  var name: String
  /// `GET` or `POST`.
  var method: String
  /// The path, with names in braces.
  var path: String
  /// `read` or `change`.
  var access: String
  /// One line.
  var summary: String
  /// The Swift type of the document that it answers with, or that each event of a stream carries.
  var document: String?
  /// Whether it sends such documents without end.
  var isStream: Bool
  /// The media types of an answer that is no document.
  var mediaTypes: [String]
  /// Names in braces, then parameters of the query.
  var parameters: [Parameter]
  /// HTTP statuses of the problems it can answer with.
  var problems: [Int]

  /// A name in braces or a parameter of the query.
  struct Parameter: Codable, Hashable, Sendable {
    var name: String
    var isInPath: Bool
    /// What it selects.
    var meaning: String
    var example: String
    /// The lowest and the highest value of a whole number.
    var minimum: Int?
    var maximum: Int?
    /// All values of a word.
    var words: [String]?
  }

  /// The reference of every endpoint, in the order of the list.
  package static var all: [EndpointReference] { Endpoints.all.map(EndpointReference.init) }

  init(_ endpoint: Endpoint<Service>) {
    name = endpoint.name
    method = endpoint.method.rawValue
    path = endpoint.path
    access = endpoint.access.rawValue
    summary = endpoint.summary
    problems = endpoint.problems
    mediaTypes = []
    isStream = false
    switch endpoint.answer {
    case .document(let type): document = "\(type)"
    case .stream(let type):
      document = "\(type)"
      isStream = true
    case .text(let types): mediaTypes = types
    }
    let segments = endpoint.segmentNames
    parameters = endpoint.parameters.map { parameter in
      var described = Parameter(
        name: parameter.name, isInPath: segments.contains(parameter.name),
        meaning: parameter.meaning, example: parameter.example)
      switch parameter.kind {
      case .text: break
      case .integer(let range):
        described.minimum = range.lowerBound
        described.maximum = range.upperBound
      case .word(let words): described.words = words
      }
      return described
    }
  }
}

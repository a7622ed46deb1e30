/// A route as data, for the documents that are made from the table: docs/openapi.json and the list
/// of operations in docs/api.md.
public struct RouteReference: Codable, Hashable, Sendable {
  /// `operationId`.
  public var operation: String
  /// `GET` or `POST`.
  public var method: String
  /// The path, with names in braces.
  public var path: String
  /// `read` or `change`.
  public var access: String
  /// `json`, `text` or `stream`.
  public var answerKind: String
  /// The Swift type of the document, or the media type of a text.
  public var answer: String
  /// One line.
  public var summary: String
  /// Names in braces and parameters of the query.
  public var parameters: [Parameter]
  /// HTTP statuses of the problems it can answer with.
  public var problems: [Int]

  /// A name in braces or a parameter of the query.
  public struct Parameter: Codable, Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Whether it is part of the path.
    public var isInPath: Bool
    /// What it selects.
    public var meaning: String
    /// The lowest value, of a whole number.
    public var minimum: Int?
    /// The highest value, of a whole number.
    public var maximum: Int?
    /// All values, of a word.
    public var words: [String]?
  }

  /// The reference of every route, in the order of the table.
  public static var all: [RouteReference] { Route.all.map(RouteReference.init) }

  init(_ route: Route) {
    operation = route.operation.rawValue
    method = route.method.rawValue
    path = route.path
    access = route.access.rawValue
    (answerKind, answer) =
      switch route.answer {
      case .json(let type): ("json", type)
      case .text(let media): ("text", media)
      case .stream(let type): ("stream", type)
      }
    summary = route.summary
    problems = route.problems
    parameters =
      route.segmentNames.map { name in
        Parameter(name: name, isInPath: true, meaning: Route.segmentMeanings[name] ?? "")
      }
      + route.parameters.map { parameter in
        var described = Parameter(
          name: parameter.name, isInPath: false, meaning: parameter.meaning)
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

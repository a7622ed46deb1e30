internal import Base

/// An endpoint of the interface: method and path, access, parameters, answer, and the function that
/// answers.
///
/// The server dispatches by a list of these, authorization is decided by it, and the OpenAPI document
/// and the tests of the interface are made from it.
public struct Endpoint<Service: Sendable>: Sendable {
  /// Its name; also the `operationId` of OpenAPI.
  public let name: String
  /// The method.
  public let method: Method
  /// The path; a segment in braces takes any text: `/v1/devices/{name}`.
  public let path: String
  /// One line for the reference.
  public let summary: String
  /// Who may use it.
  public let access: Access
  /// What it takes: first the names in braces, from left to right, then the query.
  public let parameters: [Parameter]
  /// HTTP statuses of its problems beyond those that every endpoint has.
  private let ownProblems: Set<Int>
  /// What the body of the answer is.
  public let answer: AnswerType
  /// The path, taken apart.
  let pattern: PathPattern
  /// Answers.
  /// - Throws: `Problem`, or `Failure` whose code says which problem it is.
  public let respond: @Sendable (Service, Call) async throws -> Answer

  private init(
    _ name: String, _ method: Method, _ path: String, _ summary: String, _ access: Access,
    _ parameters: [Parameter], _ problems: Set<Int>, _ answer: AnswerType,
    _ respond: @escaping @Sendable (Service, Call) async throws -> Answer
  ) {
    self.name = name
    self.method = method
    self.path = path
    pattern = PathPattern(path)
    self.summary = summary
    self.access = access
    self.parameters = parameters
    ownProblems = problems
    self.answer = answer
    self.respond = respond
  }

  // MARK: making one

  /// An endpoint that reads, and answers with a document.
  /// - Parameters:
  ///   - problems: statuses beyond those that every endpoint has.
  ///   - body: answers; the reference describes the type that it returns.
  package static func get<Document: Codable & Sendable>(
    _ name: String, _ path: String, _ summary: String, _ parameters: [Parameter] = [],
    problems: Set<Int> = [],
    _ body: @escaping @Sendable (Service, Call) async throws -> Encoded<Document>
  ) -> Endpoint {
    Endpoint(name, .get, path, summary, .read, parameters, problems, .document(Document.self)) {
      .bytes(try await body($0, $1).bytes, mediaType: "application/json")
    }
  }

  /// An endpoint that changes something, and answers with a document.
  package static func post<Document: Codable & Sendable>(
    _ name: String, _ path: String, _ summary: String, _ parameters: [Parameter] = [],
    problems: Set<Int> = [],
    _ body: @escaping @Sendable (Service, Call) async throws -> Encoded<Document>
  ) -> Endpoint {
    Endpoint(name, .post, path, summary, .change, parameters, problems, .document(Document.self)) {
      .bytes(try await body($0, $1).bytes, mediaType: "application/json")
    }
  }

  /// An endpoint that reads, and answers with a text.
  /// - Parameter mediaTypes: those it can have, the usual one first.
  package static func text(
    _ name: String, _ path: String, _ summary: String, mediaTypes: [String],
    _ body: @escaping @Sendable (Service, Call) async throws -> (text: [UInt8], mediaType: String)
  ) -> Endpoint {
    Endpoint(name, .get, path, summary, .read, [], [], .text(mediaTypes)) {
      let (text, mediaType) = try await body($0, $1)
      return .bytes(text, mediaType: mediaType)
    }
  }

  /// An endpoint that sends documents until the client leaves. Its path ends in `/stream`, by which
  /// the gateway recognizes it.
  package static func stream<Document: Codable & Sendable>(
    _ name: String, _ path: String, _ summary: String, of type: Document.Type,
    _ parameters: [Parameter] = [],
    _ body: @escaping @Sendable (Service, Call) async throws -> AsyncStream<[UInt8]>
  ) -> Endpoint {
    // 503: as many clients listen as may.
    Endpoint(name, .get, path, summary, .read, parameters, [503], .stream(Document.self)) {
      .stream(try await body($0, $1))
    }
  }

  // MARK: what follows

  /// HTTP statuses of the problems that it can answer with, in order. 405 is listed with every
  /// endpoint: another method on its path gets it.
  public var problems: [Int] {
    var statuses = ownProblems.union([400, 403, 405, 413, 500])
    if parameters.contains(where: { $0.kind == .text }) { statuses.insert(404) }
    return statuses.sorted()
  }

  /// Names in braces of the path, from left to right.
  public var segmentNames: [String] { pattern.names }
}

/// Methods in use.
public enum Method: String, Hashable, Sendable { case get = "GET", post = "POST" }

/// What the body of an answer is, for the reference and for tests.
public enum AnswerType: Sendable {
  /// A JSON document of this type.
  case document(any (Codable & Sendable).Type)
  /// A text of one of these media types.
  case text([String])
  /// Server-sent events with a JSON document of this type as data.
  case stream(any (Codable & Sendable).Type)
}

/// A successful answer.
public enum Answer: Sendable {
  /// A body with its media type.
  case bytes([UInt8], mediaType: String)
  /// Server-sent events.
  case stream(AsyncStream<[UInt8]>)
}

/// A document as it goes over the wire, which may be older than the request.
public struct Encoded<Document: Codable & Sendable>: Sendable {
  /// Its text.
  public var bytes: [UInt8]

  /// The text of a document.
  package init(_ document: Document) throws {
    bytes = Array(try JSON.text(document).utf8)
  }

  /// A text that was encoded before.
  package init(made bytes: [UInt8]) { self.bytes = bytes }
}

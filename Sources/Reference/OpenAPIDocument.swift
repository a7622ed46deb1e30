internal import API
internal import Base
internal import Daemon

/// docs/openapi.json, and the table of operations in docs/api.md: the endpoints of the daemon and the
/// types that they answer with.
struct OpenAPIDocument {
  let types: DocumentedTypes

  /// docs/openapi.json.
  func text() throws(Failure) -> String {
    var paths: JSONNode = [:]
    var roots: [String] = []
    for endpoint in Endpoints.all {
      var methods = paths[endpoint.path] ?? [:]
      methods[endpoint.method.rawValue.lowercased()] = try operation(endpoint)
      paths[endpoint.path] = methods
      if let type = endpoint.answer.documentType { roots.append(try RuntimeType.identifier(type)) }
    }
    roots.append(try RuntimeType.identifier(Problem.self))
    let document: JSONNode = [
      "openapi": "3.1.0",
      "info": [
        "title": "tinybox", "version": "1",
        "summary": "A multi-GPU machine, watched and kept in order.",
        "description": .text(OpenAPIDocument.introduction),
        "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
      ],
      "servers": [
        [
          "url": "http://localhost",
          "description": "The Unix socket /run/tinybox/api.sock of tinyboxd.",
        ],
        [
          "url": "http://127.0.0.1:8686/api",
          "description": "tinybox-gateway: operations that read.",
        ],
      ],
      "paths": paths,
      "components": [
        "schemas": try OpenAPISchemas(types: types).schemas(roots),
        "responses": .object(
          (OpenAPIProblem.all + [OpenAPIProblem.refused]).map {
            JSONNode.Entry(key: $0.name, value: $0.response)
          }),
      ],
    ]
    return document.rendered + "\n"
  }

  private static let introduction = """
    The box as `tinyboxd` sees it, and what it may change. docs/api.md has examples.

    The daemon listens on the Unix socket `/run/tinybox/api.sock`. Who asks is reported by the kernel \
    (peer credentials): group `tinybox` may read, group `tinybox-admin` and root may also change \
    (`x-access` of each operation). `tinybox-gateway` offers the operations that read over the \
    network, below `/api`, to those who send `Authorization: Bearer TOKEN`.

    A fact that the machine does not have, or that could not be read, is absent: never null, never \
    zero. Keys, operations and parameters stay as they are within `/v1`; new ones may be added, so a \
    client passes over what it does not know. Schemas here name every key that this version sends, \
    so that a test finds one that is not described.
    """

  // MARK: operations

  private func operation(_ endpoint: Endpoint<Service>) throws(Failure) -> JSONNode {
    var responses: JSONNode = ["200": try answer(endpoint.answer)]
    for status in endpoint.problems {
      guard let problem = OpenAPIProblem.all.first(where: { $0.status == status }) else {
        throw Failure("describe \(endpoint.path)", because: "status \(status) has no description")
      }
      responses["\(status)"] = ["$ref": "#/components/responses/\(problem.name)"]
    }
    responses["default"] = ["$ref": "#/components/responses/\(OpenAPIProblem.refused.name)"]
    var operation: JSONNode = [
      "operationId": .text(endpoint.name), "summary": .text(endpoint.summary),
      "x-access": .text(endpoint.access.rawValue), "responses": responses,
    ]
    var parameters = endpoint.parameters.map {
      parameter($0, isInPath: endpoint.segmentNames.contains($0.name))
    }
    if endpoint.name == "eventStream" { parameters.append(OpenAPIDocument.lastEvent) }
    if !parameters.isEmpty { operation["parameters"] = .list(parameters) }
    return operation
  }

  private func answer(_ answer: AnswerType) throws(Failure) -> JSONNode {
    switch answer {
    case .text(let mediaTypes):
      let content = mediaTypes.map {
        JSONNode.Entry(key: $0, value: ["schema": ["type": "string"]])
      }
      return ["description": "The text.", "content": .object(content)]
    case .stream(let type):
      let name = try name(type)
      return [
        "description":
          "Server-sent events without end; the data of each is a `\(name)` as JSON.",
        "content": [
          "text/event-stream": [
            "schema": ["type": "string"], "x-event-data": OpenAPISchemas.reference(name),
          ]
        ],
      ]
    case .document(let type):
      return [
        "description": "The document.",
        "content": ["application/json": ["schema": OpenAPISchemas.reference(try name(type))]],
      ]
    }
  }

  private func name(_ type: any Any.Type) throws(Failure) -> String {
    try types.type(try RuntimeType.identifier(type)).name
  }

  private func parameter(_ parameter: Parameter, isInPath: Bool) -> JSONNode {
    let schema: JSONNode
    switch parameter.kind {
    case .word(let words): schema = ["type": "string", "enum": .list(words.map(JSONNode.text))]
    case .integer(let range):
      schema = [
        "type": "integer", "minimum": .number("\(range.lowerBound)"),
        "maximum": .number("\(range.upperBound)"),
      ]
    case .text:
      // What the server refuses before it looks for anything: a NUL, and a slash within a segment.
      let letters = isInPath ? #"[^/\u0000]"# : #"[^\u0000]"#
      schema = ["type": "string", "minLength": 1, "pattern": "^\(letters)+$"]
    }
    return [
      "name": .text(parameter.name), "in": isInPath ? "path" : "query",
      "required": .flag(isInPath), "description": .text(parameter.meaning), "schema": schema,
    ]
  }

  /// What a browser sends when it connects again.
  private static let lastEvent: JSONNode = [
    "name": "Last-Event-ID", "in": "header", "required": false,
    "description": "the number of the last event that was received: goes on after it",
    "schema": ["type": "integer", "minimum": 0],
  ]

  // MARK: the table

  /// docs/api.md with the table of operations between its marks renewed.
  func renewed(_ page: String) throws(Failure) -> String {
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(of: "<!-- operations: written by 'make docs' -->"),
      let last = lines.firstIndex(of: "<!-- end of operations -->"), first < last
    else {
      throw Failure("renew docs/api.md", because: "it lacks the marks around the operations")
    }
    var table = "| operation | who | answer | what |\n| --- | --- | --- | --- |\n"
    for endpoint in Endpoints.all {
      let segments = endpoint.segmentNames
      let query = endpoint.parameters.map(\.name).filter { !segments.contains($0) }
      let path = endpoint.path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
      let answer: String
      switch endpoint.answer {
      case .document(let type): answer = "`\(try name(type))`"
      case .stream(let type): answer = "stream of `\(try name(type))`"
      case .text(let mediaTypes): answer = "`\(mediaTypes[0].prefix { $0 != ";" })`"
      }
      table +=
        "| `\(endpoint.method.rawValue) \(path)` | \(endpoint.access.rawValue) | \(answer) "
        + "| \(endpoint.summary) |\n"
    }
    return lines[...first].joined(separator: "\n") + "\n\n" + table + "\n"
      + lines[last...].joined(separator: "\n")
  }
}

extension AnswerType {
  /// The type that becomes JSON; nil for a text.
  fileprivate var documentType: (any Any.Type)? {
    switch self {
    case .document(let type), .stream(let type): type
    case .text: nil
    }
  }
}

/// What an unsuccessful status means, for docs/openapi.json.
struct OpenAPIProblem {
  /// Nil for what any operation can be answered with.
  var status: Int?
  var name: String
  var meaning: String

  static let all = [
    OpenAPIProblem(
      status: 400, name: "BadRequest",
      meaning: "The request is wrong: an unknown parameter, or a value that it cannot have."),
    OpenAPIProblem(
      status: 403, name: "NotPermitted", meaning: "The caller is not in a group that may."),
    OpenAPIProblem(
      status: 404, name: "NotFound", meaning: "There is no such device, check or path."),
    OpenAPIProblem(
      status: 405, name: "WrongMethod", meaning: "The path takes other methods: those in `Allow`."),
    OpenAPIProblem(
      status: 409, name: "CannotNow",
      meaning: "It cannot be done now: the configuration cannot be used, or another program has "
        + "the lock."),
    OpenAPIProblem(
      status: 413, name: "TooLarge", meaning: "The request is too large. No operation takes a body."
    ),
    OpenAPIProblem(status: 500, name: "Failed", meaning: "It failed."),
    OpenAPIProblem(
      status: 503, name: "Busy",
      meaning: "There is no room now: too many are connected or listening, or too much waits to be "
        + "read."),
  ]

  /// The server refuses a request before it looks for an operation.
  static let refused = OpenAPIProblem(
    status: nil, name: "Refused",
    meaning: "The server refuses the request: 408 it did not come whole in time, 414 its target is "
      + "too long, 417 another Expect than 100-continue, 431 its header is too large, 501 another "
      + "Transfer-Encoding than chunked, 503 there is no room now, 505 another version than "
      + "HTTP/1.1.")

  /// The response object.
  var response: JSONNode {
    var response: JSONNode = [
      "description": .text(meaning),
      "content": ["application/json": ["schema": OpenAPISchemas.reference("Problem")]],
    ]
    if status == 405 {
      response["headers"] = [
        "Allow": [
          "description": "methods of the path", "required": true,
          "schema": ["type": "string", "pattern": "^[A-Z]+(, ?[A-Z]+)*$"],
        ]
      ]
    }
    return response
  }
}

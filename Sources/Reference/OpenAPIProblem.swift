/// What a status says that is no success, for docs/openapi.json.
struct OpenAPIProblem {
  var status: Int
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
    OpenAPIProblem(status: 503, name: "Busy", meaning: "Too many are listening."),
  ]

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

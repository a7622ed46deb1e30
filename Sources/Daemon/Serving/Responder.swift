internal import API
internal import Base
internal import HTTPService

/// Answers requests: who may, which endpoint, and what it says.
struct Responder: HTTPResponder {
  let authorization: Authorization
  let service: Service

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    service.counters.requests.add(1)
    do {
      let (endpoint, call) = try route(request)
      return Responder.response(try await endpoint.respond(service, call))
    } catch let problem as Problem {
      return Responder.response(problem)
    } catch let refusal as WrongMethod {
      var response = Responder.response(refusal.problem)
      response.headers.set("Allow", refusal.allowed)
      return response
    } catch let failure as Failure {
      return Responder.response(Problem(failure))
    } catch {
      return Responder.response(Problem(500, "answer \(request.target)", cause: "\(error)"))
    }
  }

  // MARK: the request

  private struct WrongMethod: Error {
    var problem: Problem
    var allowed: String
  }

  /// The endpoint, when the caller may use it and the request is right.
  private func route(_ request: HTTPRequest) throws -> (Endpoint<Service>, Call) {
    guard case .local(_, let user, let groups) = request.peer else {
      throw Problem(403, "answer", cause: "the caller is not on this machine")
    }
    let caller = Caller(user: user, groups: groups)
    guard authorization.allows(caller, .read) else {
      throw Problem(
        403, "answer \(request.target)",
        cause: "user \(user) is in neither group \(Authorization.readers) nor "
          + Authorization.administrators,
        hint: "'sudo usermod -aG \(Authorization.readers) NAME' lets a user read; "
          + "log in again after it")
    }
    let method = request.method == "HEAD" ? "GET" : request.method
    switch Endpoints.all.match(method: method, segments: request.segments) {
    case .notFound:
      throw Problem(
        404, "find \(request.target)", cause: "there is no such path",
        hint: "docs/openapi.json lists all")
    case .wrongMethod(let methods):
      let allowed = Responder.allowed(methods)
      throw WrongMethod(
        problem: Problem(
          405, "\(request.method) \(request.target)", cause: "it takes \(allowed)"),
        allowed: allowed)
    case .endpoint(let endpoint, let segments):
      guard authorization.allows(caller, endpoint.access) else {
        throw Problem(
          403, "\(request.method) \(request.target)",
          cause: "only root and group \(Authorization.administrators) may change the machine",
          hint: "'sudo usermod -aG \(Authorization.readers),\(Authorization.administrators) NAME' "
            + "makes an administrator")
      }
      let headers = request.headers
      let call = try endpoint.call(
        segments: segments, query: request.query.parameters.map { ($0.name, $0.value) }
      ) { headers[$0] }
      if endpoint.method == .post, !request.body.isEmpty {
        throw Problem(400, "POST \(request.target)", cause: "it takes no body")
      }
      return (endpoint, call)
    }
  }

  /// The methods of a path as `Allow` lists them: HEAD is answered wherever GET is (RFC 9110, section 9.3.2).
  static func allowed(_ methods: [Method]) -> String {
    methods.flatMap { $0 == .get ? [$0.rawValue, "HEAD"] : [$0.rawValue] }
      .joined(separator: ", ")
  }

  // MARK: the answer

  private static func response(_ answer: Answer) -> HTTPResponse {
    switch answer {
    case .bytes(let bytes, let mediaType):
      HTTPResponse(
        status: 200, headers: ["Content-Type": mediaType, "Cache-Control": "no-store"],
        body: .bytes(bytes))
    case .stream(let pieces):
      HTTPResponse(
        status: 200, headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
        body: .stream(pieces))
    }
  }

  private static func response(_ problem: Problem) -> HTTPResponse {
    guard let text = try? JSON.text(problem) else { return HTTPResponse(status: problem.status) }
    return HTTPResponse(
      status: problem.status,
      headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
      body: .bytes(Array(text.utf8)))
  }
}

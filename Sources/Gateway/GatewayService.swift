internal import HTTPService

/// What the gateway answers.
struct GatewayService: HTTPResponder {
  let authenticator: Authenticator
  let daemon: DaemonForwarder

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    var response = await answer(request)
    Responses.secure(&response)
    return response
  }

  private func answer(_ request: HTTPRequest) async -> HTTPResponse {
    if case .network(_, let isLoopback, let isEncrypted) = request.peer {
      if isLoopback, !OriginPolicy.isLocal(host: request.headers["Host"]) {
        return Responses.problem(
          421, "answer for this name", cause: "here only localhost and its addresses are answered",
          hint: "a reverse proxy sets the header Host to 'localhost'")
      }
      guard OriginPolicy.isOurs(request, isEncrypted: isEncrypted) else {
        return Responses.problem(
          403, "answer this page", cause: "it is a page of another site")
      }
    }
    if request.segments == ["login"], request.method == "POST" {
      return authenticator.login(request)
    }
    switch authenticator.authenticate(request) {
    case .refused(let response): return response
    case .local: return await route(request) { true }
    case .granted(let isValid): return await route(request, while: isValid)
    }
  }

  /// - Parameter isAllowed: asked again at each piece of a stream.
  private func route(
    _ request: HTTPRequest, while isAllowed: @escaping @Sendable () -> Bool
  ) async -> HTTPResponse {
    if let file = Dashboard.answer(request) { return file }
    switch request.segments {
    case ["login"]: return Responses.redirect("/")
    case ["healthz"]:
      return await reading(request) { await daemon.health() }
    case ["metrics"]:
      return await reading(request) {
        await daemon.document("/v1/metrics", request)
      }
    case let segments where segments.starts(with: ["api", "v1"]):
      return await api(request, Array(segments.dropFirst()), while: isAllowed)
    default: return Responses.notFound(request)
    }
  }

  private func api(
    _ request: HTTPRequest, _ segments: [String],
    while isAllowed: @escaping @Sendable () -> Bool
  ) async -> HTTPResponse {
    // Only GET goes on, so only what reads: the daemon lets this program do no more. The daemon
    // alone knows which paths there are.
    let target = DaemonForwarder.target(segments, query: request.target)
    return await reading(request) {
      let answer =
        segments.last == "stream"
        ? await daemon.stream(target, request, while: isAllowed)
        : await daemon.document(target, request)
      // A path that takes no GET is one that changes the machine: not for the network.
      return answer.status == 405 ? Responses.notFound(request) : answer
    }
  }

  private func reading(
    _ request: HTTPRequest, _ body: () async -> HTTPResponse
  ) async -> HTTPResponse {
    guard ["GET", "HEAD"].contains(request.method) else {
      return Responses.wrongMethod("GET, HEAD")
    }
    return await body()
  }
}

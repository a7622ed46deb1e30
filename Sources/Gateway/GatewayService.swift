internal import HTTPService
internal import OpenAI

/// What the gateway answers.
struct GatewayService: HTTPResponder {
  let authenticator: Authenticator
  let daemon: DaemonForwarder
  let door: ModelDoor

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    var response = isForModels(request) ? await models(request) : await answer(request)
    Responses.secure(&response)
    return response
  }

  // MARK: Models

  func admit(_ head: HTTPRequest) -> BodyAdmission {
    guard isForModels(head), head.method == "POST" else { return .take() }
    do throws(APIError) {
      _ = try caller(head)
    } catch {
      return .refuse(refusal(error, head))
    }
    let bytes = door.settings.requestBytes
    let isRecording = head.segments == ["v1", "audio", "transcriptions"]
    return .take(
      bytes: isRecording ? max(bytes, ModelDoor.recordingBytes) : bytes,
      seconds: ModelDoor.bodySeconds)
  }

  func answer(to problem: ServerProblem, path: String?) -> HTTPResponse {
    guard let path, DoorResponses.isDoor(path) else { return problem.response }
    return DoorResponses.error(problem)
  }

  private func isForModels(_ request: HTTPRequest) -> Bool { request.segments.first == "v1" }

  private func models(_ request: HTTPRequest) async -> HTTPResponse {
    let origin = OriginPolicy.allowed(request, door.settings.origins)
    // What a browser asks before it lets a page of another site ask: without its key.
    if request.method == "OPTIONS", origin != nil,
      request.headers["Access-Control-Request-Method"] != nil
    {
      var response = HTTPResponse(status: 204)
      response.headers.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
      response.headers.add(
        "Access-Control-Allow-Headers",
        GatewayService.headerNames(request.headers["Access-Control-Request-Headers"]))
      response.headers.add("Access-Control-Max-Age", "600")
      allow(origin, &response)
      return response
    }
    var response: HTTPResponse
    do throws(APIError) {
      response = await door.respond(to: request, try caller(request))
    } catch {
      response = DoorResponses.error(error)
    }
    allow(origin, &response)
    return response
  }

  /// Who asks, if anybody from there may.
  private func caller(_ request: HTTPRequest) throws(APIError) -> ModelCaller {
    if case .network(_, let isLoopback, let isEncrypted) = request.peer {
      if isLoopback, !OriginPolicy.isLocal(host: request.headers["Host"]) {
        throw APIError(
          421, "invalid_request_error", "misdirected_request",
          "Here only localhost and its addresses are answered.")
      }
      guard
        OriginPolicy.isOurs(request, isEncrypted: isEncrypted)
          || OriginPolicy.allowed(request, door.settings.origins) != nil
      else {
        throw .notPermitted("Pages of this site may not use models (allow-origins).")
      }
    }
    return try authenticator.authenticate(request, needsToken: door.settings.needsToken)
  }

  private func refusal(_ error: APIError, _ request: HTTPRequest) -> HTTPResponse {
    var response = DoorResponses.error(error)
    allow(OriginPolicy.allowed(request, door.settings.origins), &response)
    Responses.secure(&response)
    return response
  }

  /// Lets a page of another site read an answer.
  private func allow(_ origin: String?, _ response: inout HTTPResponse) {
    guard let origin else { return }
    response.headers.set("Access-Control-Allow-Origin", origin)
    response.headers.set(
      "Access-Control-Expose-Headers", "Retry-After, x-request-id, x-should-retry")
    response.headers.set("Vary", "Origin")
    response.headers.set("Cross-Origin-Resource-Policy", "cross-origin")
  }

  /// The names of header fields that a page wants to send, without anything else.
  private static func headerNames(_ wanted: String?) -> String {
    let names = (wanted ?? "").split(separator: ",").prefix(32).map { $0.filter { $0 != " " } }
    let sound = names.filter { name in
      !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
    }
    return sound.isEmpty ? "authorization, content-type" : sound.joined(separator: ", ")
  }

  // MARK: The machine

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
      return await reading(request) { await metrics(request) }
    case ["metrics", "models"]:
      return await reading(request) { modelMetrics() }
    case let segments where segments.starts(with: ["api", "v1"]):
      return await api(request, Array(segments.dropFirst()), while: isAllowed)
    default: return Responses.notFound(request)
    }
  }

  /// The metrics of the daemon, and those of the models.
  private func metrics(_ request: HTTPRequest) async -> HTTPResponse {
    var answer = await daemon.document("/v1/metrics", request)
    guard answer.status == 200, case .bytes(let bytes) = answer.body else { return answer }
    let isOpen = answer.headers["Content-Type"]?.contains("openmetrics") ?? false
    let own = ownMetrics(isOpenMetrics: isOpen)
    let end = Array("# EOF\n".utf8)
    // OpenMetrics ends with a line of its own.
    answer.body =
      isOpen && bytes.suffix(end.count).elementsEqual(end)
      ? .bytes(bytes.dropLast(end.count) + own + end) : .bytes(bytes + own)
    return answer
  }

  /// What the gateway measures by itself: the dashboard asks for it every few seconds, and there it is while
  /// tinyboxd restarts.
  private func modelMetrics() -> HTTPResponse {
    HTTPResponse(
      status: 200,
      headers: [
        "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Cache-Control": "no-store",
      ], body: .bytes(ownMetrics(isOpenMetrics: false)))
  }

  private func ownMetrics(isOpenMetrics: Bool) -> [UInt8] {
    Array(door.metrics.text(door.scheduler.counts(), isOpenMetrics: isOpenMetrics).utf8)
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

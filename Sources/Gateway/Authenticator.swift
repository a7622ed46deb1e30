internal import HTTPService
internal import OpenAI
internal import Tokens

/// Who gets in: on a loopback address everybody on this machine, elsewhere clients with a token or
/// with a session that began with one.
struct Authenticator {
  static let cookie = "tinybox_session"

  let tokens: TokenStore
  let sessions: Sessions
  let limiter = FailureLimiter()

  /// What was found.
  enum Verdict {
    /// On a loopback address.
    case local
    /// By a token or a session; asked again, it says whether that still holds.
    case granted(isValid: @Sendable () -> Bool)
    /// Not; the answer says why.
    case refused(HTTPResponse)
  }

  func authenticate(_ request: HTTPRequest) -> Verdict {
    guard case .network(let address, let isLoopback, _) = request.peer else {
      return .refused(
        Responses.problem(403, "let you in", cause: "the gateway serves the network only"))
    }
    if isLoopback { return .local }
    let shown = request.headers.values("Authorization")
    if !shown.isEmpty {
      guard shown.count == 1, let text = Authenticator.bearer(shown[0]),
        let token = tokens.check(text)
      else { return .refused(wrong(address, request)) }
      guard token.allows(.read) else { return .refused(Authenticator.notForReading) }
      return .granted { [tokens] in tokens.isValid(token) }
    }
    for id in Authenticator.cookies(request) {
      guard let token = sessions.check(id) else { continue }
      guard token.allows(.read) else { return .refused(Authenticator.notForReading) }
      // A session ends before its token does.
      return .granted { [sessions] in sessions.check(id) != nil }
    }
    return .refused(unauthorized(request, "no token was sent"))
  }

  private static var notForReading: HTTPResponse {
    Responses.problem(
      403, "let you in", cause: "this token is for models only",
      hint: "'tinyboxctl token create NAME' on the machine makes one for reading")
  }

  /// Who asks for a model. The client of OpenAI always sends some key: where every program of the machine may
  /// use models, a key that is no token counts as none.
  /// - Parameter needsToken: whether a token is needed on a loopback address too.
  func authenticate(
    _ request: HTTPRequest, needsToken: Bool
  ) throws(APIError) -> ModelCaller {
    guard case .network(let address, let isLoopback, _) = request.peer else {
      throw .notPermitted("The gateway serves the network only.")
    }
    let local = isLoopback && !needsToken ? ModelCaller(name: FailureLimiter.key(address)) : nil
    let shown = request.headers.values("Authorization")
    if !shown.isEmpty {
      let text = shown.count == 1 ? Authenticator.bearer(shown[0]) : nil
      if let text, let token = tokens.check(text) {
        if token.allows(.models) {
          return ModelCaller(
            name: token.name,
            token: .init(id: token.id) { [tokens] in tokens.isValid(token) })
        }
        if local == nil {
          throw .notPermitted(
            "This token is not for models. 'tinyboxctl token create NAME --for models' makes one.")
        }
      }
      if let local { return local }
      if let seconds = limiter.fail(address) {
        throw .rateLimited("Too many wrong keys came from your address.", retrySeconds: seconds)
      }
      throw .badKey("This API key is unknown, or was revoked." + why(isLoopback))
    }
    for id in Authenticator.cookies(request) {
      guard let token = sessions.check(id), token.allows(.models) else { continue }
      return ModelCaller(
        name: token.name, token: .init(id: token.id) { [sessions] in sessions.check(id) != nil })
    }
    if let local { return local }
    throw .badKey(
      "You did not provide an API key. 'tinyboxctl token create NAME --for models' on the machine makes one; "
        + "it goes into the header 'Authorization: Bearer KEY'." + why(isLoopback))
  }

  /// On a loopback address a key is needed by a setting, or since several people have accounts.
  private func why(_ isLoopback: Bool) -> String {
    isLoopback
      ? " The setting 'local' of [gateway.models] says whether programs of this machine need one."
      : ""
  }

  /// `POST /login`: a form with the token begins a session.
  func login(_ request: HTTPRequest) -> HTTPResponse {
    guard case .network(let address, let isLoopback, let isEncrypted) = request.peer else {
      return Responses.problem(403, "let you in", cause: "the gateway serves the network only")
    }
    if isLoopback { return Responses.redirect("/") }
    let fields = RequestTarget.parameters(request.body[...]) ?? []
    let text = fields.first { $0.name == "token" }?.value ?? ""
    // People paste with what was around it.
    let trimmed = String(text.filter { !$0.isWhitespace })
    guard let token = tokens.check(trimmed) else { return wrong(address, request) }
    guard let id = try? sessions.begin(token) else {
      return Responses.problem(500, "begin a session", cause: "the kernel gives no random numbers")
    }
    var response = Responses.redirect("/")
    response.headers.add(
      "Set-Cookie",
      "\(Authenticator.cookie)=\(id); Path=/; Max-Age=\(Sessions.seconds); HttpOnly; SameSite=Strict"
        + (isEncrypted ? "; Secure" : ""))
    return response
  }

  private func wrong(_ address: String, _ request: HTTPRequest) -> HTTPResponse {
    if let seconds = limiter.fail(address) {
      return Responses.problem(
        429, "let you in", cause: "too many wrong tokens came from your address",
        hint: "wait a minute", headers: ["Retry-After": "\(seconds)"])
    }
    return unauthorized(request, "this token is unknown, or was revoked")
  }

  private func unauthorized(_ request: HTTPRequest, _ cause: String) -> HTTPResponse {
    let wantsPage = request.headers.values("Accept").contains { $0.contains("text/html") }
    var response =
      wantsPage
      ? LoginPage.answer(cause: request.method == "POST" ? cause : nil)
      : Responses.problem(
        401, "let you in", cause: cause,
        hint: "'tinyboxctl token create NAME' on the machine makes one; "
          + "it goes into the header 'Authorization: Bearer TOKEN'")
    response.headers.add("WWW-Authenticate", "Bearer realm=\"tinybox\"")
    return response
  }

  private static func bearer(_ value: String) -> String? {
    let words = value.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return String(words[1])
  }

  private static func cookies(_ request: HTTPRequest) -> [String] {
    let pairs = request.headers.values("Cookie").flatMap { $0.split(separator: ";") }
    return pairs.prefix(50).compactMap { pair in
      let trimmed = pair.drop { $0 == " " }
      guard trimmed.hasPrefix(cookie + "=") else { return nil }
      return String(trimmed.dropFirst(cookie.utf8.count + 1))
    }
  }
}

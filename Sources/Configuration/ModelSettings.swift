/// `[gateway.models]`: how the gateway answers for hosted models.
public struct ModelSettings: Hashable, Sendable {
  /// What keeps a stream alive before its first token.
  public enum KeepAlive: String, Hashable, Sendable, CaseIterable { case comment, chunk, off }
  /// What is done with a request for what the runtime lacks.
  public enum Unsupported: String, Hashable, Sendable, CaseIterable { case refuse, ignore }
  /// Who may use models on a loopback address.
  public enum Local: String, Hashable, Sendable, CaseIterable { case open, token }

  /// Requests that wait for a model.
  public var queue = 64
  /// Those of one caller.
  public var queuePerCaller = 16
  /// Seconds that a request waits.
  public var queueSeconds = 600
  /// Seconds until the first token, and between two.
  public var firstTokenSeconds = 120
  /// Bytes of a request.
  public var requestBytes = 8 << 20
  /// What keeps a stream alive.
  public var keepAlive = KeepAlive.comment
  /// What is done with a request for what the runtime lacks.
  public var unsupported = Unsupported.refuse
  /// Who may use models on a loopback address; nil where the accounts of the machine decide.
  public var local: Setting<Local>?
  /// Other sites whose web pages may use models.
  public var allowOrigins: [Setting<String>] = []

  /// The defaults.
  package init() {}

  static let keys: [ConfigurationKey<ModelSettings>] = [
    .init(
      "queue", .number(0...10_000), \.queue, default: "64",
      "Requests that may wait for a model; one more is answered with status 429."),
    .init(
      "queue-per-caller", .number(1...10_000), \.queuePerCaller, default: "16",
      "Requests of one caller that may wait for a model."),
    .init(
      "queue-timeout", .time(1...86_400, "from 1s to 1d"), \.queueSeconds, default: "\"10m\"",
      "Time that a request may wait."),
    .init(
      "first-token-timeout", .time(1...86_400, "from 1s to 1d"), \.firstTokenSeconds,
      default: "\"2m\"",
      "Time from the start of an answer to its first token, and from one token to the next."),
    .init(
      "request-bytes", .size(1 << 10...64 << 20, "from 1K to 64M"), \.requestBytes,
      default: "\"8M\"", "Length of a request. Recordings to be transcribed may have 32M."),
    .init(
      "keepalive", .word(), \.keepAlive, default: "\"comment\"",
      """
      What is sent while a stream waits for its first token: comments with the place in the queue, chunks \
      without text for clients that stumble over comments, or nothing.
      """),
    .init(
      "unsupported", .word(), \.unsupported, default: "\"refuse\"",
      "What is done with a request for what the runtime lacks, such as tools."),
    .init(
      "local", .word(), \.local,
      """
      Whether every program on this machine may use models, or only those with a token. Without it, a token is \
      needed where several people have accounts: users 1000 to 59999 of `/etc/passwd` with a login shell.
      """),
    .init(
      "allow-origins", .list(of: .origin, such: #"["https://chat.example"]"#), \.allowOrigins,
      default: "[]", "Other sites, each with its scheme, whose web pages may use models."),
  ]
}

/// `[gateway.limits.NAME]`: what a caller may use.
public struct CallerLimitSettings: Hashable, Sendable {
  /// The name of a token, or the address of a client without one.
  public var name: String
  /// Requests at once.
  public var atOnce: Setting<Int>?
  /// Tokens produced in a minute.
  public var tokensPerMinute: Setting<Int>?
  /// Models it may use.
  public var models: [Setting<String>]?

  static let keys: [ConfigurationKey<CallerLimitSettings>] = [
    .init("at-once", .number(1...10_000), \.atOnce, "Requests in progress at once."),
    .init(
      "tokens-per-minute", .number(1...1_000_000_000), \.tokensPerMinute,
      "Tokens produced in a minute; as many may be produced at once."),
    ConfigurationKey(
      KeyReference(
        "models",
        .value(takes: ValueType<[Setting<String>]>.names.takes, default: nil),
        "Models that it may use, by instance, model or alias.")
    ) { decoder, node, path, settings in
      if let names = ValueType<[Setting<String>]>.names.read(&decoder, node, path) {
        settings.models = names
      }
    },
  ]
}

extension ValueType<[Setting<String>]> {
  /// Names of models.
  fileprivate static let names = ValueType.list(of: ValueType<String>.text, such: #"["llama"]"#)
}

extension ValueType<String> {
  /// The origin of a web page (RFC 6454, section 6.1).
  fileprivate static let origin = ValueType("an origin such as `https://chat.example`") {
    decoder, node, path in
    guard let text = text.read(&decoder, node, path) else { return nil }
    let schemes = ["http://", "https://"]
    let isOrigin = schemes.contains { scheme in
      let host = text.dropFirst(scheme.utf8.count)
      return text.hasPrefix(scheme) && !host.isEmpty
        && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && !"/?#@*\"'".utf8.contains($0) }
    }
    if isOrigin { return text.lowercased() }
    decoder.note(node.position, path, "'\(text)' is no origin such as https://chat.example")
    return nil
  }
}

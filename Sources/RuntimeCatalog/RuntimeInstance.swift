/// A runtime of this machine.
public struct RuntimeInstance: Codable, Hashable, Sendable {
  /// What a runtime does at the moment.
  public enum State: String, CaseIterable, Codable, Hashable, Sendable {
    /// It answers.
    case ready
    /// It is stopped, and starts by itself with the next request.
    case idle
    /// It loads its model.
    case starting
    /// The owner stopped it.
    case stopped
    /// It does not run, and starts no more by itself.
    case failed
    /// A GPU it is to have is not there or not free.
    case missingGPU = "missing-gpu"
    /// Its model is not there, is not complete, or is not what was added.
    case damagedModel = "damaged-model"
    /// It ends the requests it has and takes no others.
    case draining

    /// Whether somebody has to do something: it does not answer, and not by the owner's wish.
    package var isFault: Bool { self == .failed || self == .missingGPU || self == .damagedModel }
    /// Whether a request may be sent to it, or waits for it.
    package var takesRequests: Bool { self == .ready || self == .idle || self == .starting }
  }

  /// Its name, 1 to 27 of a-z, 0-9 and `-`: what clients call `model`.
  public var name: String
  /// Its model, which clients may call it by too; absent for a command without a model.
  public var model: String?
  /// The row of the table of translations: `tinygrad-0.13.0`; `openai` passes OpenAI's language unchanged.
  public var backend: String
  /// What it serves.
  public var apis: [RuntimeAPI]
  /// The Unix socket that it is reached at, below `/run/tinybox-runtimes/`.
  public var socket: String
  /// How many requests it works on at once, at least 1.
  public var slots: Int
  /// Tokens of prompt and answer together; absent when not known.
  public var context: Int?
  /// Bytes of the longest token; absent when not known. A prompt has at most `context` times as many.
  public var longestToken: Int?
  /// Texts of the model's control tokens, where the runtime takes them for these tokens in messages too: a
  /// message with one is refused. Absent where it does not, and when not known.
  public var specialTokens: [String]?
  /// What it does.
  public var state: State
  /// Why, in words for people, where the state is no good one.
  public var reason: String?
  /// When the state began, RFC 3339 in UTC.
  public var since: String
  /// How often it was started again by itself, after a failure or since it hung; absent while it was never looked at.
  public var restarts: Int?
  /// When the model was added, seconds since 1970 in UTC: `created` of OpenAI's model object.
  public var created: Int
  /// Whether it starts with the first request and stops when idle.
  public var onDemand: Bool

  /// A runtime with its state.
  package init(
    name: String, model: String?, backend: String, apis: [RuntimeAPI], slots: Int, context: Int?,
    longestToken: Int?, specialTokens: [String]? = nil, state: State, reason: String? = nil,
    since: String, restarts: Int? = nil, created: Int, onDemand: Bool
  ) {
    self.name = name
    self.model = model
    self.backend = backend
    self.apis = apis
    socket = RuntimeRegistry.socket(name)
    self.slots = slots
    self.context = context
    self.longestToken = longestToken
    self.specialTokens = specialTokens
    self.state = state
    // Bounded, as a reader wants it.
    self.reason = reason.map { String(decoding: $0.utf8.prefix(2048), as: UTF8.self) }
    self.since = since
    self.restarts = restarts
    self.created = created
    self.onDemand = onDemand
  }

  /// The most requests at once.
  package static let mostSlots = 256
  /// The longest context, tokens: ten times what any model has.
  package static let longestContext = 1 << 24
  /// The longest token, bytes. Vocabularies have runs of blanks of some hundred.
  package static let mostTokenBytes = 1 << 16
  /// The most control tokens whose texts are kept. Llama 3 has 256, tekken 1,000.
  package static let mostSpecialTokens = 2048
  /// The longest text of a control token, bytes.
  package static let longestSpecialToken = 128
  /// Bytes of the texts of all control tokens of a model, so that many runtimes fit into the registry.
  private static let specialTokenBytes = 1 << 16
  /// The longest text, bytes.
  private static let longestText = 4096

  /// What is wrong with its values; nil when nothing is.
  func problem(sockets: String) -> String? {
    if let problem = RuntimeName.problem(name) { return problem }
    if let model, let problem = RuntimeName.modelProblem(model) { return problem }
    if backend.isEmpty || backend.utf8.count > 64 { return "its backend has 1 to 64 characters" }
    if Set(apis).count < apis.count { return "an interface is there twice" }
    if let problem = RuntimeInstance.socketProblem(socket, sockets) { return problem }
    let numbers = [
      ("slots", slots, 1...RuntimeInstance.mostSlots),
      ("context", context, 1...RuntimeInstance.longestContext),
      ("longestToken", longestToken, 1...RuntimeInstance.mostTokenBytes),
      ("restarts", restarts, 0...(1 << 40)),
      // The year 9999: the last that RFC 3339 can write.
      ("created", created, 0...253_402_300_799),
    ]
    for (key, value, range) in numbers {
      if let value, !range.contains(value) {
        return "\(key) is \(value), not \(range.lowerBound) to \(range.upperBound)"
      }
    }
    if let specialTokens, let problem = RuntimeInstance.specialTokensProblem(specialTokens) {
      return problem
    }
    for text in [reason ?? "", since] where text.utf8.count > RuntimeInstance.longestText {
      return "a text is longer than \(RuntimeInstance.longestText) bytes"
    }
    return nil
  }

  /// What is wrong with the texts of control tokens; nil when nothing is. JSON writes a character below a blank
  /// as six.
  package static func specialTokensProblem(_ texts: [String]) -> String? {
    if texts.count > mostSpecialTokens {
      return "it has more than \(mostSpecialTokens) control tokens"
    }
    if texts.contains(where: { $0.isEmpty || $0.utf8.count > longestSpecialToken }) {
      return "a control token has no text, or more than \(longestSpecialToken) bytes"
    }
    if texts.contains(where: { $0.utf8.contains { $0 < 0x20 } }) {
      return "the text of a control token has a character below a blank"
    }
    if texts.reduce(0, { $0 + $1.utf8.count }) > specialTokenBytes {
      return "its control tokens have more than \(specialTokenBytes) bytes"
    }
    return nil
  }

  /// What is wrong with the path of a socket: it lies in the folder of all sockets, and its text is that place.
  private static func socketProblem(_ path: String, _ sockets: String) -> String? {
    let folder = sockets + "/"
    // sun_path has 108 bytes with the NUL (unix(7)).
    guard path.hasPrefix(folder), path.utf8.count < 108 else {
      return "its socket is not below \(folder)"
    }
    let name = path.dropFirst(folder.count)
    let isPlain = name.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e
    }
    guard isPlain, name.hasSuffix(".sock"), !name.hasPrefix(".") else {
      return "its socket has another name than NAME.sock"
    }
    return nil
  }
}

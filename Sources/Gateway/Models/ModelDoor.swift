internal import HTTPService
internal import Linux
internal import OpenAI
internal import RuntimeCatalog
internal import Synchronization

/// Who uses models, for fairness and limits.
struct ModelCaller: Hashable, Sendable {
  /// The name of its token, or its address.
  var name: String
  /// Asked again while a stream runs: whether it still may.
  var token: TokenCheck?

  /// Whether a token still holds.
  struct TokenCheck: Hashable, Sendable {
    let id: String
    let isValid: @Sendable () -> Bool
    static func == (one: TokenCheck, other: TokenCheck) -> Bool { one.id == other.id }
    func hash(into hasher: inout Hasher) { hasher.combine(id) }
  }
}

/// The models of this machine behind OpenAI's interface: `/v1/...`.
final class ModelDoor: Sendable {
  let thread: EventThread
  let registry: RegistryReader
  let scheduler: ModelScheduler
  let metrics = DoorMetrics()
  /// What tinyboxd is told of requests in flight.
  let progress: ProgressReporter

  private struct State {
    var usage = CallerUsage()
    var runs: [ObjectIdentifier: GenerationRun] = [:]
    var isDraining = false
  }

  private let current: CurrentSettings
  private let state = Mutex(State())

  /// Bytes of a recording to be transcribed; OpenAI's own limit is 25 MB.
  static let recordingBytes = 32 << 20
  /// Seconds in which the body of a request must have come.
  static let bodySeconds = 60.0

  /// The settings, shared with the scheduler.
  final class CurrentSettings: Sendable {
    private let value = Mutex(DoorSettings())
    var settings: DoorSettings {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  /// - Parameter progress: the file that tells tinyboxd of requests in flight; nil writes none.
  init(thread: EventThread, registry: RegistryReader, progress: String? = nil) {
    self.thread = thread
    self.progress = ProgressReporter(thread, path: progress)
    let current = CurrentSettings()
    self.current = current
    self.registry = registry
    scheduler = ModelScheduler(thread: thread, registry: registry) { current.settings }
  }

  var settings: DoorSettings {
    get { current.settings }
    set { current.settings = newValue }
  }

  var catalog: ModelCatalog { ModelCatalog(registry.instances(), aliases: settings.aliases) }

  // MARK: Routes

  /// The answer to a request below `/v1`.
  func respond(to request: HTTPRequest, _ caller: ModelCaller) async -> HTTPResponse {
    do throws(APIError) {
      return try await route(request, caller)
    } catch {
      return DoorResponses.error(error)
    }
  }

  private func route(
    _ request: HTTPRequest, _ caller: ModelCaller
  ) async throws(APIError) -> HTTPResponse {
    switch Array(request.segments.dropFirst()) {
    case ["models"]:
      try expect(["GET", "HEAD"], request)
      return models(caller)
    case let path where path.count >= 2 && path[0] == "models":
      try expect(["GET", "HEAD"], request)
      return try model(path.dropFirst().joined(separator: "/"), caller)
    case ["chat", "completions"]:
      try expect(["POST"], request)
      return try await generate(request, .chat, caller)
    case ["completions"]:
      try expect(["POST"], request)
      return try await generate(request, .completions, caller)
    case ["responses"]:
      try expect(["POST"], request)
      return try await generate(request, .responses, caller)
    case ["embeddings"]:
      try expect(["POST"], request)
      return try await embed(request, caller)
    case ["audio", "transcriptions"]:
      try expect(["POST"], request)
      return try await transcribe(request, caller)
    default:
      throw .unsupportedEndpoint(
        "There is no \(request.method) /\(request.segments.joined(separator: "/").prefix(100)). There are "
          + "/v1/models, /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings and "
          + "/v1/audio/transcriptions.")
    }
  }

  private func expect(_ methods: [String], _ request: HTTPRequest) throws(APIError) {
    guard methods.contains(request.method) else {
      throw .wrongMethod(methods.joined(separator: ", "))
    }
  }

  private func models(_ caller: ModelCaller) -> HTTPResponse {
    let catalog = catalog
    let allowed = settings.limits[caller.name]?.models
    let list = catalog.entries.filter { catalog.isAllowed($0, by: allowed) }
    return DoorResponses.json(
      .object([
        .init("object", .string("list")), .init("data", .array(list.map(DoorResponses.model))),
      ]))
  }

  private func model(_ id: String, _ caller: ModelCaller) throws(APIError) -> HTTPResponse {
    DoorResponses.json(DoorResponses.model(try entry(id, caller)))
  }

  /// What a name stands for, if the caller may use it.
  func entry(_ id: String, _ caller: ModelCaller) throws(APIError) -> ModelCatalog.Entry {
    let catalog = catalog
    let allowed = settings.limits[caller.name]?.models
    guard let entry = catalog.entry(id) else {
      throw .unknownModel(
        id, known: catalog.entries.filter { catalog.isAllowed($0, by: allowed) }.map(\.id))
    }
    guard catalog.isAllowed(entry, by: allowed) else { throw .notAllowed(model: id) }
    return entry
  }

  /// The runtimes of a model that have an interface, all of one kind.
  func serving(
    _ entry: ModelCatalog.Entry, _ api: RuntimeAPI
  ) throws(APIError) -> (entry: ModelCatalog.Entry, first: RuntimeInstance, backend: Backend) {
    var entry = entry
    let able = entry.instances.filter { $0.apis.contains(api) }
    guard let first = able.first(where: \.isUsable) ?? able.first else {
      throw .unsupportedEndpoint(
        "The model '\(entry.id)' does not have this: it has "
          + "\((entry.instances.first?.apis ?? []).map(\.rawValue).joined(separator: ", ")).")
    }
    // A request is checked for one kind of runtime.
    entry.instances = able.filter { $0.backend == first.backend }
    return (entry, first, Backend.named(first.backend) ?? .openAI)
  }

  // MARK: Callers

  /// Takes a request of a caller into the queue.
  func begin(
    _ caller: ModelCaller, _ entry: ModelCatalog.Entry, _ prefix: PromptPrefix
  ) throws(APIError) -> Int {
    let limits = settings.limits[caller.name] ?? CallerLimits()
    do throws(APIError) {
      try state.withLock { state throws(APIError) in
        try state.usage.begin(caller.name, limits, now: Clock.seconds())
      }
    } catch {
      metrics.add(error: error.code ?? error.type, model: entry.id)
      throw error
    }
    do throws(APIError) {
      return try scheduler.enter(entry, caller: caller.name, prefix: prefix)
    } catch {
      state.withLock { $0.usage.end(caller.name) }
      metrics.add(error: error.code ?? error.type, model: entry.id)
      throw error
    }
  }

  /// A request for text is in the queue: the end of the gateway ends it.
  func begin(_ run: GenerationRun) {
    let isDraining = state.withLock { state in
      state.runs[ObjectIdentifier(run)] = run
      return state.isDraining
    }
    if isDraining { run.cut(.shuttingDown(retrySeconds: 5)) }
  }

  /// A request of a caller has ended.
  func end(_ caller: ModelCaller, _ run: GenerationRun?) {
    state.withLock { state in
      state.usage.end(caller.name)
      if let run { state.runs[ObjectIdentifier(run)] = nil }
    }
  }

  /// Counts tokens for a caller.
  func produced(_ tokens: Int, _ caller: ModelCaller, _ ticket: Int) {
    state.withLock { $0.usage.produced(tokens, caller.name) }
    scheduler.produced(tokens, for: ticket)
  }

  // MARK: The end

  /// Takes no more requests, and sends away those that wait.
  func drain() {
    scheduler.drain()
  }

  /// Ends what is still answered, with an error in its stream.
  func cut() {
    let runs = state.withLock { state in
      state.isDraining = true
      return Array(state.runs.values)
    }
    for run in runs { run.cut(.shuttingDown(retrySeconds: 5)) }
  }
}

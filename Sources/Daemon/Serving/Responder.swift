internal import API
internal import Apply
internal import Base
internal import Commands
internal import Documents
internal import Events
internal import HTTPService
internal import Health
internal import History
internal import Inventory
internal import Linux
internal import Metrics
internal import PeerToPeer
internal import Placement
internal import Render

/// Answers requests: who may, what was asked, and the document.
struct Responder: HTTPResponder {
  let authorization: Authorization
  let reader: BoxReader
  let log: EventLog
  let published: Published
  let counters: Counters
  let jobs: Jobs
  let identity: DaemonIdentity
  /// Keeps the time of streams.
  let thread: EventThread

  func respond(to request: HTTPRequest) async -> HTTPResponse {
    counters.requests.add(1)
    do {
      let call = try route(request)
      return try await answer(call, request)
    } catch let problem as Problem {
      var response = Responder.response(problem)
      if problem.status == 405,
        case .wrongMethod(let allowed) = Route.match(
          method: request.method, segments: request.segments)
      {
        response.headers.set("Allow", allowed.map(\.rawValue).joined(separator: ", "))
      }
      return response
    } catch let failure as Failure {
      return Responder.response(
        Responder.problem(failure, status: failure.code == .failed ? 500 : 409))
    } catch {
      return Responder.response(Problem(500, "answer \(request.target)", cause: "\(error)"))
    }
  }

  // MARK: the request

  /// The operation, when the caller may use it and the request is right.
  private func route(_ request: HTTPRequest) throws(Problem) -> Call {
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
    switch Route.match(method: method, segments: request.segments) {
    case .notFound:
      throw Problem(
        404, "find \(request.target)", cause: "there is no such path",
        hint: "docs/openapi.json lists all")
    case .wrongMethod(let allowed):
      throw Problem(
        405, "\(request.method) \(request.target)",
        cause: "it takes \(allowed.map(\.rawValue).joined(separator: ", "))")
    case .call(let call):
      guard authorization.allows(caller, call.route.access) else {
        throw Problem(
          403, "\(request.method) \(request.target)",
          cause: "only root and group \(Authorization.administrators) may change the machine",
          hint: "'sudo usermod -aG \(Authorization.readers),\(Authorization.administrators) NAME' "
            + "makes an administrator")
      }
      try call.route.check(request.query.parameters.map { ($0.name, $0.value) })
      if call.route.method == .post, !request.body.isEmpty {
        throw Problem(400, "POST \(request.target)", cause: "it takes no body")
      }
      return call
    }
  }

  // MARK: the answer

  private func answer(_ call: Call, _ request: HTTPRequest) async throws -> HTTPResponse {
    let query = request.query
    switch call.route.operation {
    case .status: return try Responder.json(try await status())
    case .statusStream:
      let seconds = query.first("seconds").flatMap { Double($0) } ?? 2
      return Streams.response(Streams.status(every: seconds, thread) { try await status() })
    case .inventory:
      let kind = query.first("kind").flatMap(DeviceKind.init) ?? .all
      let isQuick = query.first("detail") == "quick"
      let reading = isQuick ? await reader.glance() : await reader.everything()
      return try Responder.json(reading.inventory.limited(to: kind))
    case .device:
      let name = call.segments["name"] ?? ""
      let inventory = await reader.everything().inventory
      return try Responder.json(
        try Responder.found { () throws(Failure) in
          try DevicesCommand.document(name, inventory)
        })
    case .checks:
      return try await checks(query.first("id").map { [$0] } ?? [])
    case .check:
      let id = call.segments["id"] ?? ""
      guard Checks.named(id) != nil else {
        throw Responder.problem(
          Failure("find check '\(id)'", because: "there is no such check"), status: 404)
      }
      return try await checks([id])
    case .peers:
      return Responder.json(
        bytes: try await reader.document("p2p") { reading in
          let map = PeerMap(reading.inventory)
          let document = PeerToPeerDocument(map, map.pairs, origin: reading.inventory.origin)
          return try Responder.bytes(document)
        })
    case .peerPair:
      let inventory = await reader.everything().inventory
      let document = try Responder.found { () throws(Failure) in
        try PeerToPeerCommand.document(
          call.segments["initiator"] ?? "", call.segments["target"] ?? "", inventory)
      }
      return try Responder.json(document)
    case .interrupts:
      let inventory = await reader.everything().inventory
      let document = try Responder.found { () throws(Failure) in
        try InterruptsCommand.document(inventory, device: query.first("device"))
      }
      return try Responder.json(document)
    case .plan:
      return try Responder.json(try await placement().plan)
    case .placement:
      return try Responder.json(try await placement())
    case .apply:
      let results = try await changing { core in try core.apply() }
      return try Responder.json(ApplyDocument(results: results))
    case .rollback:
      let report = try await changing { core in try core.rollback() }
      return try Responder.json(RollbackDocument(report))
    case .events:
      let answer = EventsDocument(last: log.last, events: try log.events(Responder.events(query)))
      return try Responder.json(answer)
    case .eventStream:
      let header = request.headers["Last-Event-ID"].flatMap { Int($0) }
      // A browser that connects again sends both, and what it saw last is the header.
      let after = header ?? query.first("after").flatMap { Int($0) }
      return Streams.response(Streams.events(log.listen(after: after), thread))
    case .metrics: return try await metrics(request)
    case .topology:
      // The matrix of peers asks for configuration space.
      let picture = try await reader.document("topology") {
        Array(TopologySVG.render($0.inventory).utf8)
      }
      return HTTPResponse(
        status: 200, headers: ["Content-Type": "image/svg+xml", "Cache-Control": "no-store"],
        body: .bytes(picture))
    case .daemon: return try Responder.json(daemon())
    case .reload:
      try await jobs.perform { core in core.reload() }
      return try Responder.json(daemon())
    }
  }

  private func status() async throws -> StatusDocument {
    let reading = await reader.glance()
    try Responder.holdsProfile(reading)
    let placement = published.current.placement
    return StatusDocument(
      reading.inventory, reading.report, placement: placement.status, mode: placement.mode,
      problem: placement.problem, time: reading.time, lastEvent: log.last)
  }

  private func checks(_ ids: [String]) async throws -> HTTPResponse {
    let chosen: [any Check.Type]
    do throws(Failure) {
      chosen = try CheckCommand.checks(ids)
    } catch {
      throw Responder.problem(error, status: 404)
    }
    let reading = await reader.everything()
    try Responder.holdsProfile(reading)
    if ids.isEmpty { return try Responder.json(reading.report) }
    return try Responder.json(
      HealthReport(Box(reading.inventory, profile: reading.profile), checks: chosen))
  }

  /// Without the profile in force the checks would pass over what is missing.
  private static func holdsProfile(_ reading: BoxReader.Reading) throws(Problem) {
    if let failure = reading.profileFailure { throw problem(failure, status: 409) }
  }

  /// Has the main thread change something. What it cannot plan is no fault of the daemon.
  private func changing<Value: Sendable>(
    _ body: @escaping @Sendable (Core) throws -> Value
  ) async throws -> Value {
    do {
      return try await jobs.perform(body)
    } catch let failure as Failure {
      throw Responder.problem(failure, status: 409)
    }
  }

  /// Planned anew: what is told is what holds now.
  private func placement() async throws -> PlacementStatus {
    do {
      return try await reader.placementStatus()
    } catch let failure as Failure {
      throw Responder.problem(failure, status: 409)
    }
  }

  private func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
    let wish = request.headers["Accept"] ?? ""
    let format: Exposition =
      wish.contains("application/openmetrics-text") ? .openmetrics : .prometheus
    let text = await reader.metrics(format, placement: published.current.placement)
    return HTTPResponse(
      status: 200,
      headers: [
        "Content-Type": format == .openmetrics
          ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
          : "text/plain; version=0.0.4; charset=utf-8",
        "Cache-Control": "no-store",
      ], body: .bytes(Array(text.utf8)))
  }

  private func daemon() -> DaemonDocument {
    let state = published.current
    var document = DaemonDocument(
      version: Version.text, pid: identity.pid, started: identity.started,
      checkIntervalSeconds: state.checkSeconds)
    document.mode = state.placement.mode?.rawValue
    document.configurationProblem = state.configurationProblem
    document.isSuspended = state.isSuspended
    document.profileProblem = state.profileProblem
    document.eventStoreProblem = log.storeFailure
    document.checked = state.checked
    document.watches = state.watches
    let now = Clock.seconds()
    document.contested = state.held.map {
      .init(
        setting: $0.label, secondsLeft: max(0, Int(($0.until - now).rounded(.up))), cause: $0.cause)
    }
    document.counters.drifts = state.drifts
    document.counters.corrections = state.corrections
    document.counters.fights = state.fights
    document.counters.checkRuns = counters.checkRuns.now
    document.counters.readings = counters.readings.now
    document.counters.requests = counters.requests.now
    document.counters.wakeups = counters.wakeups.now
    return document
  }

  private static func events(_ query: HTTPRequest.Query) -> EventStore.Query {
    EventStore.Query(
      after: query.first("after").flatMap { Int($0) },
      limit: query.first("limit").flatMap { Int($0) } ?? 100,
      severity: query.first("severity").flatMap(Event.Severity.init),
      kind: query.first("kind").flatMap(EventKind.init))
  }

  // MARK: bodies

  static func json(_ value: some Encodable, status: Int = 200) throws -> HTTPResponse {
    json(bytes: try bytes(value), status: status)
  }

  private static func bytes(_ value: some Encodable) throws -> [UInt8] {
    Array(try JSONOutput.text(value).utf8)
  }

  private static func json(bytes: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["Content-Type": "application/json", "Cache-Control": "no-store"],
      body: .bytes(bytes))
  }

  private static func response(_ problem: Problem) -> HTTPResponse {
    (try? json(problem, status: problem.status))
      ?? HTTPResponse(status: problem.status)
  }

  /// What a lookup cannot find is a 404.
  private static func found<Value>(
    _ body: () throws(Failure) -> Value
  ) throws(Problem) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      throw problem(error, status: 404)
    }
  }

  private static func problem(_ failure: Failure, status: Int) -> Problem {
    Problem(status, failure.step, cause: failure.reason, hint: failure.hint)
  }
}

/// Which daemon this is.
struct DaemonIdentity: Sendable {
  var pid: Int
  /// When it started: UTC, RFC 3339.
  var started: String
}

internal import HTTPService
internal import Linux
internal import OpenAI
internal import RuntimeCatalog

/// Chats and completions: checked, queued, and answered as a stream or whole.
extension ModelDoor {
  /// Seconds that the head of a stream is held back, so that an early failure gets its status.
  private static let headSeconds = 2.0

  func generate(
    _ request: HTTPRequest, _ api: RuntimeAPI, _ caller: ModelCaller
  ) async throws(APIError) -> HTTPResponse {
    let (run, isStream) = try run(for: request, api, caller)
    return isStream ? try await stream(run) : try await whole(run)
  }

  /// Checks a request and puts it into the queue.
  private func run(
    for request: HTTPRequest, _ api: RuntimeAPI, _ caller: ModelCaller
  ) throws(APIError) -> (GenerationRun, isStream: Bool) {
    let body = try RequestBody(request.body)
    let (entry, first, backend) = try serving(try entry(body.model, caller), api)
    let context = RequestContext(
      model: body.model, upstreamModel: first.model ?? first.name, backend: backend,
      unsupported: settings.unsupported, context: entry.instances.compactMap(\.context).min(),
      longestToken: entry.instances.compactMap(\.longestToken).max(),
      specialTokens: entry.instances.lazy.compactMap(\.specialTokens).first ?? [])
    let generation: GenerationRequest
    do throws(APIError) {
      generation =
        switch api {
        case .responses: try .response(body, context)
        case .completions: try .completion(body, context)
        default: try .chat(body, context)
        }
    } catch {
      metrics.add(error: error.code ?? error.type, model: entry.id)
      throw error
    }
    var plan = StreamRewriter.Plan(
      id: DoorResponses.id(ModelDoor.idPrefix(generation.kind)), model: body.model,
      created: Int(WallClock.milliseconds() / 1000), backend: backend)
    plan.kind = generation.kind
    plan.stops = generation.stops
    plan.echoed = generation.echoed
    plan.maxTokens = generation.maxTokens
    plan.context = context.context
    plan.wantsUsage = generation.includesUsage || !generation.isStream
    let ticket = try begin(caller, entry, generation.prefix)
    let run = GenerationRun(
      door: self, body: JSONWriter.bytes(generation.body), promptBytes: generation.promptBytes,
      entry: entry, plan: plan, api: api, caller: caller, ticket: ticket)
    begin(run)
    return (run, generation.isStream)
  }

  private static func idPrefix(_ kind: StreamRewriter.Kind) -> String {
    switch kind {
    case .chat: "chatcmpl-"
    case .completion: "cmpl-"
    case .response: "resp_"
    }
  }

  /// The whole response is in the last event of the runtime's stream.
  private func wholeResponse(_ run: GenerationRun) async throws(APIError) -> HTTPResponse {
    var last = JSONValue.null
    _ = try await run.run { (chunks, _) async throws(APIError) in last = chunks.last ?? last }
    guard let response = last["response"] else {
      throw .runtimeFailed("The runtime sent no whole response.")
    }
    return DoorResponses.json(response, id: run.plan.id)
  }

  private func whole(_ run: GenerationRun) async throws(APIError) -> HTTPResponse {
    if run.plan.kind == .response { return try await wholeResponse(run) }
    var collector = Collector(run.plan)
    let usage = try await run.run { (chunks, _) async throws(APIError) in
      for chunk in chunks { try collector.add(chunk) }
    }
    return DoorResponses.json(collector.answer(usage), id: run.plan.id)
  }

  private func stream(_ run: GenerationRun) async throws(APIError) -> HTTPResponse {
    let isResponse = run.plan.kind == .response
    let outbox = Outbox(thread: thread) { isResponse ? $0.responseEvent : $0.event }
    WorkerPool.task {
      do throws(APIError) {
        _ = try await run.run { chunks, hasBegun in
          await outbox.push(chunks.flatMap(StreamRewriter.event), hasBegun: hasBegun)
        }
        // Streams of `/v1/responses` end with their last event.
        if !isResponse { await outbox.push(StreamRewriter.done, hasBegun: true) }
        outbox.end()
      } catch {
        outbox.end(error)
      }
    }
    let source = StreamSource(outbox, run, settings.keepAlive)
    do {
      try await withTaskCancellationHandler {
        _ = try await outbox.begins(within: ModelDoor.headSeconds)
      } onCancel: {
        source.end()
      }
    } catch {
      throw error as? APIError ?? .runtimeFailed("The runtime's connection failed.")
    }
    return HTTPResponse(
      status: 200,
      headers: [
        "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store",
        "X-Accel-Buffering": "no", "x-request-id": run.plan.id,
      ], body: .pulled(source))
  }
}

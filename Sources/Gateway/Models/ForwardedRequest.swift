internal import HTTPService
internal import Linux
internal import OpenAI
internal import RuntimeCatalog
internal import Synchronization

/// Embeddings and transcriptions: checked, queued, and passed on to a runtime that has them.
extension ModelDoor {
  /// Bytes of an answer: 2,048 embeddings of 1,024 numbers have 45 MB.
  private static let answerBytes = 64 << 20

  func embed(_ request: HTTPRequest, _ caller: ModelCaller) async throws(APIError) -> HTTPResponse {
    let body = try RequestBody(request.body)
    let (entry, first, backend) = try serving(try entry(body.model, caller), .embeddings)
    let context = RequestContext(
      model: body.model, upstreamModel: first.model ?? first.name, backend: backend,
      unsupported: settings.unsupported)
    let checked = try EmbeddingsRequest(body, context)
    let answer = try await forward(
      UnixExchange.Request(
        method: "POST", target: "/v1/embeddings", headers: ["Content-Type": "application/json"],
        body: checked.body), entry, caller)
    return try renamed(answer, body.model)
  }

  func transcribe(
    _ request: HTTPRequest, _ caller: ModelCaller
  ) async throws(APIError) -> HTTPResponse {
    let type = request.headers["Content-Type"]
    let form = try MultipartForm(request.body, type: type)
    guard let model = form.text("model") else {
      throw .invalid(
        "You must provide a model.", param: "model", code: "missing_required_parameter")
    }
    guard form.hasFile("file") else {
      throw .invalid("You must provide a file.", param: "file", code: "missing_required_parameter")
    }
    let (entry, first, _) = try serving(try entry(model, caller), .transcriptions)
    let answer = try await forward(
      UnixExchange.Request(
        method: "POST", target: "/v1/audio/transcriptions", headers: ["Content-Type": type ?? ""],
        body: form.replacing("model", with: first.model ?? first.name)), entry, caller)
    return DoorResponses.bytes(answer.body, type: answer.type)
  }

  private struct Answer {
    var type: String
    var body: [UInt8]
  }

  /// The answer with the name of the model that the client used.
  private func renamed(_ answer: Answer, _ model: String) throws(APIError) -> HTTPResponse {
    let members: [(name: String, value: Range<Int>)]
    do throws(JSONParser.Problem) {
      members = try JSONParser.members(answer.body)
    } catch {
      throw .runtimeFailed("The runtime's answer is no JSON object.")
    }
    var body = answer.body
    if let place = members.first(where: { $0.name == "model" })?.value {
      body.replaceSubrange(place, with: JSONWriter.bytes(.string(model)))
    }
    return DoorResponses.bytes(body)
  }

  private func forward(
    _ request: UnixExchange.Request, _ entry: ModelCatalog.Entry, _ caller: ModelCaller
  ) async throws(APIError) -> Answer {
    let ticket = try begin(caller, entry, PromptPrefix())
    var record = DoorMetrics.Record(model: entry.id)
    let start = Clock.seconds()
    do throws(APIError) {
      let place = try await scheduler.place(ticket)
      record.queueSeconds = place.waited
      let answer = try await ask(place.instance, request, start)
      finish(record, start, ticket, caller, nil)
      return answer
    } catch {
      finish(record, start, ticket, caller, Task.isCancelled ? "client_left" : error.code)
      throw error
    }
  }

  private func finish(
    _ record: DoorMetrics.Record, _ start: Double, _ ticket: Int, _ caller: ModelCaller,
    _ error: String?
  ) {
    var record = record
    record.seconds = Clock.seconds() - start
    record.error = error
    scheduler.leave(ticket)
    end(caller, nil)
    metrics.add(record)
  }

  /// Asks once; again while the runtime starts.
  private func ask(
    _ instance: RuntimeInstance, _ request: UnixExchange.Request, _ start: Double
  ) async throws(APIError) -> Answer {
    let limit = Double(settings.firstTokenSeconds)
    let wasReady = registry.instances().first { $0.name == instance.name }?.state == .ready
    self.progress.begin(instance.name)
    defer { self.progress.end(instance.name) }
    while true {
      let exchange = UnixExchange(path: instance.socket, thread: thread)
      let progress = Mutex(Clock.seconds())
      let watch = ProgressWatch(thread, limit) {
        progress.withLock { $0 }
      } whenLate: {
        exchange.cancel(.tooSlow(path: "the runtime", seconds: limit))
      }
      defer {
        watch.stop()
        exchange.cancel()
      }
      let head: UnixExchange.Head
      var body: [UInt8] = []
      do throws(UpstreamFailure) {
        head = try await exchange.begin(request)
        while let more = try await exchange.next() {
          progress.withLock { $0 = Clock.seconds() }
          body += more
          if body.count > ModelDoor.answerBytes {
            throw UpstreamFailure.broken(path: instance.socket, cause: "its answer is too large")
          }
        }
      } catch {
        if case .tooSlow = error {
          throw .runtimeTimeout("The runtime did not answer within \(Int(limit)) s.")
        }
        let now = registry.instances().first { $0.name == instance.name } ?? instance
        guard now.state != .ready, !Task.isCancelled else {
          throw .runtimeFailed("The runtime '\(instance.name)' failed: \(error)")
        }
        // It had this request when it ended: once more, and it may end again.
        if wasReady, now.state == .starting, let reason = now.reason {
          throw .runtimeFailed("The runtime '\(instance.name)' ended before it answered: \(reason)")
        }
        guard now.isUsable || now.state == .starting else { throw now.error }
        guard Clock.seconds() - start < limit else {
          throw .starting("The runtime '\(instance.name)' is still starting.", retrySeconds: 10)
        }
        await thread.sleep(seconds: 0.3)
        continue
      }
      return try checked(head, body)
    }
  }

  private func checked(_ head: UnixExchange.Head, _ body: [UInt8]) throws(APIError) -> Answer {
    guard head.status == 200 else { throw RuntimeError.error(head.status, body: body) }
    guard !body.isEmpty else { throw .runtimeFailed("The runtime sent an empty answer.") }
    let type = head.headers["Content-Type"] ?? "application/json"
    if type.hasPrefix("application/json"), (try? JSONParser.members(body)) == nil {
      throw .runtimeFailed("The runtime's answer is no JSON object.")
    }
    return Answer(type: type, body: body)
  }
}

package import Base
package import Benchmarks
internal import Linux
internal import OpenAI
internal import RuntimeCatalog
internal import Statistics

/// Asks a hosted runtime through its door, as the gateway does: short and long prompts in turn, one request at a
/// time, each with another start. A client's request beside it disturbs both, so a runtime in use is left alone.
package enum HostedRuntimeMeasurer: Measurer {
  package static let plan: any SuitePlan.Type = HostedRuntimePlan.self

  /// Seconds for which a short request of a client is waited for.
  private static let patience = 2.0
  /// Seconds between two looks who is connected.
  private static let lookSeconds = 0.1

  package static func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession
  ) throws(Failure) -> Observation {
    if let path = planned.parameters["status"] {
      return try JobMeasurer.measure(path, session, seconds: session.seconds(planned))
    }
    guard let first = measure(together: [planned], session).first else {
      throw Failure("measure a runtime", because: "nothing was measured")
    }
    return try first.get()
  }

  package static func measure(
    together planned: [PlannedMeasurement], _ session: MeasuringSession
  ) -> [Result<Observation, Failure>] {
    do throws(Failure) {
      guard let first = planned.first else { return [] }
      if first.parameters["status"] != nil { return [.success(try measure(first, session))] }
      let load = try TokenLoad(first, isQuick: session.box.options.isQuick)
      let seconds = planned.reduce(0) { $0 + session.seconds($1) }
      var series = RequestSeries(load: load, session: session, end: Clock.seconds() + seconds)
      try series.run()
      let found = series.found
      return planned.map { planned in
        Result { () throws(Failure) in
          try found.observation(HostedRuntimePlan.Metric(rawValue: planned.series.metric), load)
        }
      }
    } catch {
      return planned.map { _ in .failure(error) }
    }
  }

  /// Waits until no client is connected.
  fileprivate static func waitUntilFree(
    _ socket: String, _ session: MeasuringSession, until end: Double
  ) throws(Failure) {
    let start = Clock.seconds()
    while true {
      let others = try connections(socket)
      if others == 0 { return }
      let isLate =
        session.box.options.waits ? Clock.seconds() > end : Clock.seconds() - start > patience
      if session.isStopped() { throw Failure("ask the runtime", because: "the run was stopped") }
      if isLate {
        throw Failure(
          "ask the runtime",
          because: "it is in use: \(Units.count(others, "request")) of clients; --wait waits",
          code: .busy)
      }
      Clock.sleep(seconds: 0.02)
    }
  }

  fileprivate static func connections(_ socket: String) throws(Failure) -> Int {
    do throws(Errno) {
      return try UnixSocketTable.connections(to: socket)
    } catch {
      throw Failure("see who uses the runtime", error)
    }
  }

  /// The answer to one request.
  fileprivate struct Answer {
    var stream = TokenStream()
    var promptBytes = 0
    var start = 0.0
    /// Whether a client asked meanwhile.
    var isDisturbed = false
    var limit = 0

    /// Seconds to the first token; nil without one.
    var firstToken: Double? { stream.first.map { $0 - start } }
    /// Tokens a second after the first; nil for an answer that is too short to say.
    var tokensPerSecond: Double? {
      guard let first = stream.first, let last = stream.last, last > first else { return nil }
      let tokens = stream.tokens(limit: limit)
      return tokens >= min(8, limit) ? Double(tokens - 1) / (last - first) : nil
    }
  }

  /// Asks once.
  /// - Throws: what the runtime reports, or that nothing came in time.
  fileprivate static func ask(
    _ prompt: String, tokens: Int, _ load: TokenLoad, _ session: MeasuringSession, seconds: Double
  ) throws(Failure) -> Answer {
    var answer = Answer()
    answer.promptBytes = prompt.utf8.count
    answer.limit = tokens
    answer.start = Clock.seconds()
    var looked = answer.start
    var failure: Failure?
    let result: (head: UnixClient.Response?, end: UnixClient.FollowedEnd)
    do throws(UnixClientError) {
      result = try UnixClient.follow(
        socket: load.socket, path: load.path, json: load.body(prompt, tokens: tokens),
        seconds: seconds
      ) {
        let now = Clock.seconds()
        if now - looked >= lookSeconds {
          looked = now
          // One connection is this one.
          if (try? connections(load.socket)) ?? 0 > 1 { answer.isDisturbed = true }
        }
        return !session.isStopped()
      } onBytes: { bytes in
        do throws(Failure) {
          try answer.stream.feed(bytes, at: Clock.seconds())
          return !answer.stream.isDone
        } catch {
          failure = error
          return false
        }
      }
    } catch {
      throw Failure("ask the runtime", error)
    }
    if let failure { throw failure }
    if session.isStopped() { throw Failure("ask the runtime", because: "the run was stopped") }
    if let head = result.head, head.status != 200 {
      let error = (try? JSONParser.parse(head.body))?["error"]
      throw TokenStream.failure(
        "status \(head.status)" + (error.map { ": \(TokenStream.words($0))" } ?? ""))
    }
    if answer.stream.first == nil {
      throw TokenStream.failure(
        result.end == .deadline
          ? "no token within \(Units.decimal(seconds, places: 0)) s" : "it answers without a token")
    }
    if result.end == .whole, !answer.stream.isDone {
      throw TokenStream.failure("its answer ends in the middle")
    }
    return answer
  }
}

/// Requests to one runtime, until the time is up or there are enough.
private struct RequestSeries {
  let load: TokenLoad
  let session: MeasuringSession
  let end: Double
  var found = Found()

  /// What was found.
  struct Found {
    var samples: [HostedRuntimePlan.Metric: [Double]] = [:]
    var failures: [HostedRuntimePlan.Metric: Failure] = [:]
    var dropped = 0
    var requests = 0
    var shortTokens: [Double] = []
    var longTokens: [Double] = []
    var answerTokens: [Double] = []

    func observation(
      _ metric: HostedRuntimePlan.Metric?, _ load: TokenLoad
    ) throws(Failure) -> Observation {
      guard let metric else {
        throw Failure("measure a runtime", because: "the plan has no such metric", code: .usage)
      }
      let samples = samples[metric] ?? []
      if samples.isEmpty, let failure = failures[metric] { throw failure }
      if samples.isEmpty {
        throw dropped > 0
          ? Failure(
            "ask the runtime", because: "clients asked it all the time", code: .busy)
          : TokenStream.failure("no request was answered in time")
      }
      var details = [
        "model": load.model, "backend": load.backend, "requests": "\(requests)",
        "api": load.isChat ? "chat" : "completions",
        "promptTokens.aim": "\(load.promptTokens)", "answerTokens.limit": "\(load.answerTokens)",
      ]
      details["context"] = load.context.map { "\($0)" }
      let counts = [
        ("promptTokens.short", shortTokens), ("promptTokens.long", longTokens),
        ("answerTokens", answerTokens),
      ]
      for (name, values) in counts {
        details[name] = Summary.median(values).map { Units.decimal($0, places: 0) }
      }
      return Observation(
        samples, dropped: dropped, details: details,
        settings: ["model", "backend", "context", "api"], mayHaveWarmUp: false)
    }
  }

  private var left: Double { end - Clock.seconds() }

  mutating func run() throws(Failure) {
    try HostedRuntimeMeasurer.waitUntilFree(load.socket, session, until: end)
    // Not counted: the first answer after a start compiles. It says how many tokens a text has.
    let prompt = try load.prompt()
    let first = try HostedRuntimeMeasurer.ask(
      prompt, tokens: load.answerTokens, load, session, seconds: left / 3)
    let translation = Backend.named(load.backend)?.translation
    let bytes = load.longBytes(
      shortBytes: first.promptBytes,
      shortTokens: first.stream.promptTokens(translation, context: load.context))
    var longest = Clock.seconds() - first.start
    for _ in 0..<load.rounds where left > 0 && !session.isStopped() {
      let start = Clock.seconds()
      // One that cannot end in time shows nothing.
      if found.requests > 0, longest > left { break }
      if let answer = try ask(try load.prompt(), load.answerTokens, .firstTokenShort) {
        keep(.firstTokenShort, answer.firstToken)
        keep(.decode, answer.tokensPerSecond)
        found.answerTokens.append(Double(answer.stream.tokens(limit: answer.limit)))
        let tokens = answer.stream.promptTokens(translation, context: load.context)
        tokens.map { found.shortTokens.append(Double($0)) }
      }
      if found.failures[.firstTokenLong] == nil, left > 0,
        let answer = try ask(try load.prompt(bytes: bytes), 2, .firstTokenLong)
      {
        keep(.firstTokenLong, answer.firstToken)
        if let tokens = answer.stream.promptTokens(translation, context: load.context),
          let seconds = answer.firstToken, seconds > 0
        {
          found.longTokens.append(Double(tokens))
          keep(.prefill, Double(tokens) / seconds)
        } else {
          found.failures[.prefill] = TokenStream.failure(
            "it does not report how many tokens a prompt has")
        }
      }
      longest = max(longest, Clock.seconds() - start)
    }
  }

  private mutating func keep(_ metric: HostedRuntimePlan.Metric, _ value: Double?) {
    if let value { found.samples[metric, default: []].append(value) }
    if value == nil, metric == .decode, found.failures[.decode] == nil {
      found.failures[.decode] = TokenStream.failure("its answers are too short")
    }
  }

  /// Asks when no client does; nil where one came meanwhile, or the request failed.
  private mutating func ask(
    _ prompt: String, _ tokens: Int, _ metric: HostedRuntimePlan.Metric
  ) throws(Failure) -> HostedRuntimeMeasurer.Answer? {
    do throws(Failure) {
      try waitForDoor()
      try HostedRuntimeMeasurer.waitUntilFree(load.socket, session, until: end)
      found.requests += 1
      let answer = try HostedRuntimeMeasurer.ask(
        prompt, tokens: tokens, load, session, seconds: max(0.1, left))
      if answer.isDisturbed {
        found.dropped += 1
        return nil
      }
      return answer
    } catch {
      // What was measured before a client came counts.
      if error.code == .busy { found.dropped += 1 }
      found.failures[metric] = error
      if metric == .firstTokenLong { found.failures[.prefill] = error }
      if metric == .firstTokenShort {
        found.failures[.decode] = error
        if found.samples.isEmpty { throw error }
      }
      return nil
    }
  }

  /// The door closes the connection of the request before a moment after this side did.
  private func waitForDoor() throws(Failure) {
    let end = Clock.seconds() + 1
    while try HostedRuntimeMeasurer.connections(load.socket) > 0, Clock.seconds() < end {
      Clock.sleep(seconds: 0.01)
    }
  }
}

/// What a caller may use.
package struct CallerLimits: Hashable, Sendable {
  /// Requests at once, those that wait among them; nil for any number.
  package var atOnce: Int?
  /// Tokens produced in a minute; nil for any number.
  package var tokensPerMinute: Int?
  /// Models, by any of their names; nil for all.
  package var models: [String]?

  /// Limits of a caller.
  package init(atOnce: Int? = nil, tokensPerMinute: Int? = nil, models: [String]? = nil) {
    self.atOnce = atOnce
    self.tokensPerMinute = tokensPerMinute
    self.models = models
  }
}

/// Counts what callers use. A caller starts with the tokens of one minute; what is produced is taken from
/// them, below zero too, and they come back evenly.
package struct CallerUsage: Sendable {
  private struct Use {
    var running = 0
    var level: Double
    var time: Double
  }

  /// Callers that are remembered.
  private static let most = 4096

  private var uses: [String: Use] = [:]

  /// Nothing used.
  package init() {}

  /// Begins a request.
  /// - Throws: 429 when the caller has used what it may.
  package mutating func begin(
    _ caller: String, _ limits: CallerLimits, now: Double
  ) throws(APIError) {
    var use = refilled(caller, limits, now)
    if let most = limits.atOnce, use.running >= most {
      throw .rateLimited(
        "You have \(use.running) requests in progress, as many as you may (at-once).",
        retrySeconds: 1)
    }
    if let rate = limits.tokensPerMinute, use.level <= 0 {
      let seconds = (1 - use.level) / (Double(rate) / 60)
      throw .rateLimited(
        "You have used your \(rate) tokens a minute (tokens-per-minute).",
        retrySeconds: max(1, Int(min(seconds, 3600).rounded(.up))))
    }
    use.running += 1
    uses[caller] = use
  }

  /// Counts tokens produced for a caller.
  package mutating func produced(_ tokens: Int, _ caller: String) {
    uses[caller]?.level -= Double(tokens)
  }

  /// Ends a request.
  package mutating func end(_ caller: String) {
    guard let running = uses[caller]?.running, running > 0 else { return }
    uses[caller]?.running = running - 1
  }

  private mutating func refilled(
    _ caller: String, _ limits: CallerLimits, _ now: Double
  ) -> Use {
    let most = Double(limits.tokensPerMinute ?? 0)
    if uses[caller] == nil, uses.count >= CallerUsage.most {
      uses = uses.filter { $0.value.running > 0 || now - $0.value.time < 60 }
    }
    var use = uses[caller] ?? Use(level: most, time: now)
    use.level = min(most, use.level + most / 60 * max(0, now - use.time))
    use.time = now
    return use
  }
}

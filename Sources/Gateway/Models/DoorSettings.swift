internal import Configuration
internal import OpenAI

/// The settings of the models, as the door uses them.
struct DoorSettings: Hashable, Sendable {
  var queue = FairQueue<Int>.Limits()
  /// Seconds until the first token, and from one to the next.
  var firstTokenSeconds = 120
  var requestBytes = 8 << 20
  var keepAlive = ModelSettings.KeepAlive.comment
  var unsupported = RequestContext.Unsupported.refuse
  var needsToken = false
  var origins: Set<String> = []
  var aliases: [String: String] = [:]
  var limits: [String: CallerLimits] = [:]

  /// The defaults.
  init() {}

  /// The settings of a configuration.
  /// - Parameter isShared: whether several people have accounts on the machine.
  init(_ settings: GatewaySettings, isShared: Bool) {
    let models = settings.models
    queue = FairQueue<Int>.Limits(
      total: models.queue, perCaller: models.queuePerCaller, seconds: Double(models.queueSeconds))
    firstTokenSeconds = models.firstTokenSeconds
    requestBytes = models.requestBytes
    keepAlive = models.keepAlive
    unsupported = models.unsupported == .ignore ? .ignore : .refuse
    needsToken = models.local.map { $0.value == .token } ?? isShared
    origins = Set(models.allowOrigins.map(\.value))
    aliases = settings.aliases.mapValues(\.value)
    for limit in settings.limits {
      limits[limit.name] = CallerLimits(
        atOnce: limit.atOnce?.value, tokensPerMinute: limit.tokensPerMinute?.value,
        models: limit.models?.map(\.value))
    }
  }
}

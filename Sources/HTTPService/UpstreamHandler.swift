internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// One request to a service, and its answer.
final class UpstreamHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  /// An answer whose head is there.
  struct Begun: Sendable {
    var status: Int
    var headers: HeaderFields
    var pieces: AsyncStream<[UInt8]>
    /// Why the pieces ended before the answer did; nil when it came whole.
    var failure: @Sendable () -> UpstreamFailure?
  }

  private let head: HTTPRequestHead
  private let path: String
  private let limits: UnixUpstream.Limits
  private let end: NIODeadline
  private let isEndless: Bool
  /// Given up when it is kept: it would hold the pieces, which end when nobody holds them.
  private var begun: EventLoopPromise<Begun>?
  private var pieces: AsyncStream<[UInt8]>.Continuation?
  private var deadline: Scheduled<Void>?
  private var isWhole = false
  private let outcome = Outcome()

  private final class Outcome: Sendable {
    let failure = Mutex<UpstreamFailure?>(nil)
  }

  init(
    _ head: HTTPRequestHead, path: String, _ limits: UnixUpstream.Limits, until end: NIODeadline,
    isEndless: Bool, _ begun: EventLoopPromise<Begun>
  ) {
    self.head = head
    self.path = path
    self.limits = limits
    self.end = end
    self.isEndless = isEndless
    self.begun = begun
  }

  func channelActive(context: ChannelHandlerContext) {
    let me = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(deadline: end) {
      let (handler, context) = me.value
      handler.finish(
        .tooSlow(path: handler.path, seconds: handler.limits.seconds), context)
    }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): begin(head, context)
    case .body(let bytes):
      guard let pieces else { return }
      switch pieces.yield(Array(bytes.readableBytesView)) {
      case .dropped:
        // A stream with a hole is worth less than none.
        finish(.broken(path: path, cause: "its answer is not read fast enough"), context)
      default: break
      }
    case .end:
      isWhole = true
      finish(nil, context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    finish(.broken(path: path, cause: "its answer is no HTTP"), context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish(.broken(path: path, cause: "it broke off"), context)
  }

  private func begin(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
    // What is collected is bounded by bytes, not by pieces.
    let (stream, continuation) = AsyncStream.makeStream(
      of: [UInt8].self,
      bufferingPolicy: isEndless ? .bufferingOldest(limits.pieces) : .unbounded)
    let channel = context.channel
    continuation.onTermination = { _ in channel.close(promise: nil) }
    pieces = continuation
    if isEndless {
      deadline?.cancel()
      deadline = nil
    }
    var headers = HeaderFields()
    for (name, value) in head.headers { headers.add(name, value) }
    let outcome = outcome
    begun?.succeed(
      Begun(
        status: Int(head.status.code), headers: headers, pieces: stream,
        failure: { outcome.failure.withLock { $0 } }))
    begun = nil
  }

  private func finish(_ failure: UpstreamFailure?, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
    let failure = isWhole ? nil : failure
    if let pieces {
      if let failure { outcome.failure.withLock { $0 = $0 ?? failure } }
      pieces.finish()
      self.pieces = nil
    } else {
      begun?.fail(failure ?? .broken(path: path, cause: "it broke off"))
      begun = nil
    }
    context.close(promise: nil)
  }
}

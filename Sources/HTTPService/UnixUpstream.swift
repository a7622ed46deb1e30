internal import Base
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Asks a service on a Unix socket. Each request has a connection of its own: on one machine that
/// costs less than keeping them, and requests cannot mix.
package final class UnixUpstream: Sendable {
  /// What may be used up.
  package struct Limits: Hashable, Sendable {
    /// Seconds until the whole answer, or the head of a stream, must be there.
    package var seconds = 15.0
    /// Bytes of an answer.
    package var bodyBytes = 64 << 20
    /// Requests at once; others wait for their turn within the same time.
    package var requests = 64
    /// Requests that wait for their turn.
    package var waiting = 2048
    /// Streams at once; one more is refused without asking.
    package var streams = 32
    /// Pieces of a stream that nobody has taken yet; with more it ends.
    package var pieces = 1024

    /// The defaults.
    package init() {}

    /// Those of the gateway.
    package static var gateway: Limits {
      var limits = Limits()
      limits.streams = HTTPService.Limits.gateway.streams
      return limits
    }
  }

  /// An answer with its body.
  package struct Answer: Sendable {
    /// The status code.
    package var status: Int
    package var headers: HeaderFields
    package var body: [UInt8]
  }

  /// An answer whose body comes in pieces.
  package struct StreamAnswer: Sendable {
    /// The status code.
    package var status: Int
    package var headers: HeaderFields
    /// The pieces; to stop reading ends the connection.
    package var pieces: AsyncStream<[UInt8]>
  }

  private let path: String
  private let thread: EventThread
  private let limits: Limits
  private let admission: AdmissionQueue
  private let streams = Atomic(0)

  /// A service at a path; it need not run yet.
  package init(path: String, thread: EventThread, limits: Limits = Limits()) {
    self.path = path
    self.thread = thread
    self.limits = limits
    admission = AdmissionQueue(limits.requests, waiting: limits.waiting)
  }

  /// Asks for a document.
  /// - Parameter target: path and query, as they go on the wire.
  package func get(
    _ target: String, headers: HeaderFields = [:]
  ) async throws(UpstreamFailure) -> Answer {
    let end = NIODeadline.now() + .nanoseconds(Int64(limits.seconds * 1e9))
    try await takeTurn(until: end)
    defer { admission.give() }
    let answer = try await ask(target, headers, until: end)
    var body: [UInt8] = []
    for await piece in answer.pieces {
      body += piece
      if body.count > limits.bodyBytes {
        throw .broken(path: path, cause: "its answer is too large")
      }
    }
    if let failure = answer.failure() { throw failure }
    return Answer(status: answer.status, headers: answer.headers, body: body)
  }

  /// Asks for a stream.
  package func stream(
    _ target: String, headers: HeaderFields = [:]
  ) async throws(UpstreamFailure) -> StreamAnswer {
    // Counted before the service is asked: it has a limit too, which others share.
    guard streams.add(1, ordering: .relaxed).newValue <= limits.streams else {
      streams.subtract(1, ordering: .relaxed)
      throw .tooManyStreams(limits.streams)
    }
    let place = Place { [self] in streams.subtract(1, ordering: .relaxed) }
    let end = NIODeadline.now() + .nanoseconds(Int64(limits.seconds * 1e9))
    // One that is being opened is work for the service as any other request.
    try await takeTurn(until: end)
    defer { admission.give() }
    let answer = try await ask(target, headers, until: end, holding: place)
    return StreamAnswer(status: answer.status, headers: answer.headers, pieces: answer.pieces)
  }

  /// A place among the streams, given back when nothing holds it any more.
  private final class Place: Sendable {
    private let giveBack: @Sendable () -> Void
    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }
    deinit { giveBack() }
  }

  private func takeTurn(until end: NIODeadline) async throws(UpstreamFailure) {
    switch await admission.take(until: end, thread.loop) {
    case .taken: return
    case .full: throw .busy(path: path)
    case .late: throw .tooSlow(path: path, seconds: limits.seconds)
    }
  }

  /// - Parameter place: for a stream; held for as long as the connection.
  private func ask(
    _ target: String, _ headers: HeaderFields, until end: NIODeadline, holding place: Place? = nil
  ) async throws(UpstreamFailure) -> UpstreamHandler.Begun {
    var fields = HTTPHeaders([("Host", "localhost"), ("Connection", "close")])
    for field in headers.fields { fields.add(name: field.name, value: field.value) }
    let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: fields)
    let begun = thread.loop.makePromise(of: UpstreamHandler.Begun.self)
    let path = path
    let limits = limits
    do {
      let channel: any Channel
      do {
        channel = try await ClientBootstrap(group: thread.group)
          .connectTimeout(max(.milliseconds(1), end - .now()))
          .channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHTTPClientHandlers()
              try channel.pipeline.syncOperations.addHandler(
                UpstreamHandler(
                  head, path: path, limits, until: end, isEndless: place != nil, begun))
            }
          }
          .connect(unixDomainSocketPath: path).get()
      } catch {
        begun.fail(error)
        throw error
      }
      channel.closeFuture.whenComplete { _ in withExtendedLifetime(place) {} }
      return try await withTaskCancellationHandler {
        try await begun.futureResult.get()
      } onCancel: {
        channel.close(promise: nil)
      }
    } catch {
      throw UpstreamFailure(error, path: path, seconds: limits.seconds)
    }
  }
}

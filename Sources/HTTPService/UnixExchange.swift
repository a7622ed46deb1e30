internal import Linux
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// One request to a service on a Unix socket, whose answer is read as it comes: what is not read stays in
/// the kernel, and nothing is dropped. Ends at once, with the connection, when it is cancelled.
///
/// An answer of HTTP/1.0 without a length ends with the connection, so that an end may be a crash: the
/// reader has to know from what it read.
package final class UnixExchange: Sendable {
  /// What is asked.
  package struct Request: Sendable {
    package var method: String
    /// Path and query, as they go on the wire.
    package var target: String
    /// Header fields; length, host and connection are added.
    package var headers: HeaderFields
    package var body: [UInt8]

    /// A request of these parts.
    package init(
      method: String, target: String, headers: HeaderFields = [:], body: [UInt8] = []
    ) {
      self.method = method
      self.target = target
      self.headers = headers
      self.body = body
    }
  }

  /// The head of an answer.
  package struct Head: Sendable {
    /// The status code.
    package var status: Int
    package var headers: HeaderFields
  }

  /// Bytes that wait to be read before nothing more is taken from the kernel.
  static let bufferedBytes = 256 << 10

  private struct State {
    var channel: (any Channel)?
    var head: Head?
    var bytes: [UInt8] = []
    var isPaused = false
    var isWhole = false
    var failure: UpstreamFailure?
    /// Counts what happened, so that nothing is missed between looking and waiting.
    var version = 0
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let path: String
  private let thread: EventThread
  private let state = Mutex(State())

  /// A request to a service at a path that is not sent yet.
  package init(path: String, thread: EventThread) {
    self.path = path
    self.thread = thread
  }

  /// Connects, sends a request, and waits for the head of its answer. To be called once.
  package func begin(_ request: Request) async throws(UpstreamFailure) -> Head {
    do {
      return try await withTaskCancellationHandler {
        try await connect(request)
        while true {
          let (head, version) = try state.withLock {
            state throws(UpstreamFailure) -> (Head?, Int) in
            if state.head == nil, let failure = state.failure { throw failure }
            return (state.head, state.version)
          }
          if let head { return head }
          await wait(since: version)
        }
      } onCancel: {
        cancel()
      }
    } catch {
      throw UpstreamFailure(error, path: path)
    }
  }

  /// The bytes of the body that have come since; nil at its end. Not to be called twice at once.
  package func next() async throws(UpstreamFailure) -> [UInt8]? {
    do {
      return try await withTaskCancellationHandler {
        while true {
          let (bytes, isEnd, resumed, version) = try state.withLock {
            state throws(UpstreamFailure) -> ([UInt8], Bool, (any Channel)?, Int) in
            let bytes = state.bytes
            state.bytes = []
            if bytes.isEmpty, let failure = state.failure { throw failure }
            let resumed = state.isPaused ? state.channel : nil
            state.isPaused = false
            return (bytes, state.isWhole, resumed, state.version)
          }
          if let resumed { resumed.read() }
          if !bytes.isEmpty { return bytes }
          if isEnd { return nil }
          await wait(since: version)
        }
      } onCancel: {
        cancel()
      }
    } catch {
      throw UpstreamFailure(error, path: path)
    }
  }

  /// Ends it from any thread. Whoever waits gets the failure.
  package func cancel(_ failure: UpstreamFailure? = nil) {
    let failure = failure ?? .broken(path: path, cause: "it was cancelled")
    finish(failure)
    state.withLock { $0.channel }?.close(promise: nil)
  }

  deinit { state.withLock { $0.channel }?.close(promise: nil) }

  private func connect(_ request: Request) async throws {
    var fields = HTTPHeaders([("Host", "localhost"), ("Connection", "close")])
    for field in request.headers.fields { fields.add(name: field.name, value: field.value) }
    if !request.body.isEmpty || request.method == "POST" {
      fields.replaceOrAdd(name: "Content-Length", value: "\(request.body.count)")
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.target,
      headers: fields)
    let body = ByteBuffer(bytes: request.body)
    let channel = try await ClientBootstrap(group: thread.group)
      .channelOption(.autoRead, value: false)
      .connectTimeout(.seconds(5))
      .channelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHTTPClientHandlers()
          try pipeline.addHandler(UnixExchangeHandler(self, head, body, path: path))
        }
      }
      .connect(unixDomainSocketPath: path).get()
    let isCancelled = state.withLock { state in
      state.channel = channel
      return state.failure != nil
    }
    if isCancelled { channel.close(promise: nil) }
  }

  private func wait(since version: Int) async {
    await withCheckedContinuation { continuation in
      let isPast = state.withLock { state in
        if state.version != version { return true }
        state.waiter = continuation
        return false
      }
      if isPast { continuation.resume() }
    }
  }

  /// Changes the state, and wakes whoever waits for that.
  private func change(_ body: (inout State) -> Void) {
    state.withLock { state in
      body(&state)
      state.version += 1
      defer { state.waiter = nil }
      return state.waiter
    }?.resume()
  }

  // MARK: What the connection reports

  func begin(_ head: Head) { change { $0.head = head } }

  /// - Returns: whether more is to be read.
  func take(_ bytes: ByteBufferView) -> Bool {
    var isPaused = false
    change { state in
      state.bytes += bytes
      isPaused = state.bytes.count >= UnixExchange.bufferedBytes
      state.isPaused = isPaused
    }
    return !isPaused
  }

  /// Nothing more comes.
  /// - Parameter failure: nil when the answer is whole.
  func finish(_ failure: UpstreamFailure?) {
    change { state in
      if let failure {
        if !state.isWhole { state.failure = state.failure ?? failure }
      } else if state.head != nil {
        state.isWhole = true
      }
    }
  }
}

/// The connection of an exchange.
private final class UnixExchangeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private weak var exchange: UnixExchange?
  private let head: HTTPRequestHead
  private let body: ByteBuffer
  private let path: String
  private var reads = true

  init(_ exchange: UnixExchange, _ head: HTTPRequestHead, _ body: ByteBuffer, path: String) {
    self.exchange = exchange
    self.head = head
    self.body = body
    self.path = path
  }

  func channelActive(context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if body.readableBytes > 0 {
      context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard let exchange else { return context.close(promise: nil) }
    switch unwrapInboundIn(data) {
    case .head(let head):
      var headers = HeaderFields()
      for (name, value) in head.headers { headers.add(name, value) }
      exchange.begin(.init(status: Int(head.status.code), headers: headers))
    case .body(let bytes): reads = exchange.take(bytes.readableBytesView)
    case .end:
      exchange.finish(nil)
      context.close(promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if reads { context.read() }
    reads = true
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    exchange?.finish(.broken(path: path, cause: "its answer is no HTTP"))
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    exchange?.finish(.broken(path: path, cause: "it broke off"))
  }
}

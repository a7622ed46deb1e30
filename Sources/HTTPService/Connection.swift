internal import NIOCore
internal import NIOHTTP1

/// One connection: takes requests one at a time, answers them, and keeps the time.
///
/// Reads only what it is about to use: while a request is answered nothing more is read, so a
/// client that sends many requests at once waits in its own socket buffer.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  /// What it does, as far as others may disturb it.
  enum Occupation { case idle, arriving, answering }

  enum State {
    /// No byte of a request has come.
    case idle
    /// A request is coming; `head` once that is there.
    case arriving(CheckedHead?, body: [UInt8])
    /// A request is answered.
    case answering(CheckedHead)
    /// The last answer is written; what still comes is thrown away.
    case draining
    case closed
  }

  /// What the parser made of bytes that came while a request was answered.
  enum Input {
    case part(HTTPServerRequestPart)
    case failure(ServerProblem)
  }

  let channel: any Channel
  let peer: Peer
  /// Since when it has its occupation.
  private(set) var since = NIODeadline.now()

  let table: ConnectionTable
  private(set) var state = State.idle
  var queue: [Input] = []
  var requests = 0
  /// The first bytes of the request that is arriving, to know its path where the parser gives up.
  var start: [UInt8]? = []
  /// What the body of the request may have.
  private var bodyLimit = 0
  /// Bytes of its body that count in the table.
  private var heldBytes = 0
  /// Whether the client has closed its side.
  private(set) var isInputClosed = false
  private var drained = 0
  private var deadline: Scheduled<Void>?
  var task: Task<Void, Never>?
  var stream: StreamWriter?

  /// Bytes thrown away after the last answer, so that the client gets to read it: to close with
  /// unread bytes would reset the connection and take the answer away.
  private static let drainBytes = 16 << 20

  init(_ channel: any Channel, _ peer: Peer, _ table: ConnectionTable) {
    self.channel = channel
    self.peer = peer
    self.table = table
  }

  var occupation: Occupation {
    switch state {
    case .idle, .draining, .closed: .idle
    case .arriving: .arriving
    case .answering: .answering
    }
  }

  // MARK: Life

  func channelActive(context: ChannelHandlerContext) {
    guard case .idle = state else { return }
    arm(table.limits.requestSeconds)
    context.read()
  }

  func channelInactive(context: ChannelHandlerContext) { close() }

  /// Refuses a client for lack of room, once it is connected.
  func refuse() {
    fail(ServerProblem(503, "take the connection", "there are too many", retrySeconds: 1))
  }

  /// Ends it when nothing is being answered, else afterwards.
  func stop() {
    switch state {
    case .answering: stream?.stop()
    default: close()
    }
  }

  /// Ends it now.
  func close() {
    if case .closed = state { return }
    state = .closed
    disarm()
    releaseBody()
    task?.cancel()
    stream?.cancel()
    task = nil
    stream = nil
    queue = []
    table.remove(self)
    channel.close(mode: .all, promise: nil)
  }

  // MARK: Input

  /// Bytes of a request that are kept for its path.
  private static let startBytes = 256

  /// Bytes have come. False when they are to be thrown away.
  func takes(_ bytes: ByteBuffer) -> Bool {
    switch state {
    case .idle, .arriving(nil, _):
      if let count = start?.count, count < Connection.startBytes {
        start? += bytes.readableBytesView.prefix(Connection.startBytes - count)
      }
    case .answering: start = nil
    default: break
    }
    switch state {
    case .idle:
      // The first request had its time from the connection on.
      enter(.arriving(nil, body: []))
      if requests > 0 { arm(table.limits.requestSeconds) }
      return true
    case .arriving, .answering: return true
    case .draining:
      drained += bytes.readableBytes
      return false
    case .closed: return false
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if case .answering = state {
      queue.append(.part(part))
    } else {
      take(part)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    readMore()
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let problem: ServerProblem
    switch error as? HTTPParserError {
    case .headerOverflow?:
      problem = ServerProblem(431, "read the request", "its header is too large")
    case .invalidVersion?:
      problem = ServerProblem(505, "read the request", "this server speaks HTTP/1.1")
    case .invalidEOFState?:
      problem = ServerProblem(400, "read the request", "it ended before it was complete")
    case .some: problem = ServerProblem(400, "read the request", "it is no HTTP")
    case nil:
      // What follows a mistake does not matter; anything else is the end of the connection.
      if error is ByteToMessageDecoderError { return }
      return close()
    }
    switch state {
    case .answering: queue.append(.failure(problem))
    case .idle, .arriving: fail(problem)
    case .draining, .closed: break
    }
  }

  /// The client has closed its side. It may still read, or have gone: only what is sent to it shows which.
  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    isInputClosed = true
    switch state {
    case .idle, .draining, .closed: close()
    case .arriving:
      fail(ServerProblem(400, "read the request", "it ended before it was complete"))
    case .answering(let head):
      // Whoever listens to a stream reads nothing but that: one that closed its side has gone.
      guard head.isVersion11, stream?.isPulled ?? true else { return close() }
      if let stream { return stream.probe() }
      // Every client of HTTP/1.1 passes over it (RFC 9110, section 15.2); one that has gone resets the
      // connection.
      channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 102 Processing\r\n\r\n"), promise: nil)
    }
  }

  /// Asks for more input, if it is wanted.
  func readMore() {
    if isInputClosed { return }
    switch state {
    case .idle, .arriving: channel.read()
    case .draining where drained < Connection.drainBytes: channel.read()
    case .draining, .answering, .closed: break
    }
  }

  func take(_ part: HTTPServerRequestPart) {
    switch (state, part) {
    case (.idle, .head(let head)), (.arriving(nil, _), .head(let head)):
      do throws(CheckedHead.Refusal) {
        take(try CheckedHead(head, table.limits))
      } catch {
        fail(error.problem, toHead: head.method == .HEAD)
      }
    case (.arriving(let head?, var body), .body(let bytes)):
      let count = bytes.readableBytes
      guard body.count + count <= bodyLimit else {
        return fail(ServerProblem(413, "read the request", "its body is too large"))
      }
      guard table.bodyBytes + count <= table.limits.allBodiesBytes else {
        return fail(
          ServerProblem(
            503, "read the request", "too many requests are being read", retrySeconds: 1))
      }
      table.bodyBytes += count
      heldBytes += count
      // Given up before it is changed, or every piece would copy all before it.
      state = .draining
      body.append(contentsOf: bytes.readableBytesView)
      state = .arriving(head, body: body)
    case (.arriving(let head?, let body), .end): respond(head, body)
    default: break
    }
  }

  /// Takes a head, if its body may come.
  private func take(_ head: CheckedHead) {
    if case .idle = state { arm(table.limits.requestSeconds) }
    enter(.arriving(head, body: []))
    switch table.responder.admit(request(head, [])) {
    case .refuse(let response): return refuse(response)
    case .take(let bytes, let seconds):
      bodyLimit = bytes ?? table.limits.bodyBytes
      guard head.bodyBytes ?? 0 <= bodyLimit else {
        return fail(ServerProblem(413, "read the request", "its body is too large"))
      }
      if let seconds { arm(seconds) }
    }
    if head.expectsContinue {
      channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
    }
  }

  func request(_ head: CheckedHead, _ body: [UInt8]) -> HTTPRequest {
    HTTPRequest(
      method: head.method, target: head.target, headers: head.headers, body: body, peer: peer)
  }

  func releaseBody() {
    table.bodyBytes -= heldBytes
    heldBytes = 0
  }

  // MARK: Time

  func enter(_ new: State) {
    state = new
    since = .now()
  }

  func disarm() {
    deadline?.cancel()
    deadline = nil
  }

  func arm(_ seconds: Double) {
    disarm()
    let me = NIOLoopBound(self, eventLoop: channel.eventLoop)
    deadline = channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) {
      me.value.expire()
    }
  }

  private func expire() {
    switch state {
    case .arriving: fail(ServerProblem(408, "read the request", "it was not complete in time"))
    case .idle, .answering, .draining, .closed: close()
    }
  }
}

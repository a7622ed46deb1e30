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

  private enum State {
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
  private enum Input {
    case part(HTTPServerRequestPart)
    case failure(HTTPResponse)
  }

  let channel: any Channel
  let peer: Peer
  /// Since when it has its occupation.
  private(set) var since = NIODeadline.now()

  private let table: ConnectionTable
  private var state = State.idle
  private var queue: [Input] = []
  private var requests = 0
  private var drained = 0
  private var deadline: Scheduled<Void>?
  private var task: Task<Void, Never>?
  private var stream: StreamWriter?

  /// Bytes thrown away after the last answer, so that the client gets to read it: to close with
  /// unread bytes would reset the connection and take the answer away.
  private static let drainBytes = 256 << 10
  private static let drainSeconds = 1.0

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
    fail(.problem(503, "take the connection", "there are too many", retrySeconds: 1))
  }

  /// Ends it when nothing is being answered, else afterwards.
  func stop() {
    switch state {
    case .answering: stream?.cancel()
    default: close()
    }
  }

  /// Ends it now.
  func close() {
    if case .closed = state { return }
    state = .closed
    disarm()
    task?.cancel()
    stream?.cancel()
    task = nil
    stream = nil
    queue = []
    table.remove(self)
    channel.close(mode: .all, promise: nil)
  }

  // MARK: Input

  /// Bytes have come. False when they are to be thrown away.
  func takes(byteCount: Int) -> Bool {
    switch state {
    case .idle:
      // The first request had its time from the connection on.
      enter(.arriving(nil, body: []))
      if requests > 0 { arm(table.limits.requestSeconds) }
      return true
    case .arriving, .answering: return true
    case .draining:
      drained += byteCount
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
    let response: HTTPResponse
    switch error as? HTTPParserError {
    case .headerOverflow?:
      response = .problem(431, "read the request", "its header is too large")
    case .invalidVersion?:
      response = .problem(505, "read the request", "this server speaks HTTP/1.1")
    case .some: response = .problem(400, "read the request", "it is no HTTP")
    case nil:
      // What follows a mistake does not matter; anything else is the end of the connection.
      if error is ByteToMessageDecoderError { return }
      return close()
    }
    switch state {
    case .answering: queue.append(.failure(response))
    case .idle, .arriving: fail(response)
    case .draining, .closed: break
    }
  }

  /// Asks for more input, if it is wanted.
  func readMore() {
    switch state {
    case .idle, .arriving: channel.read()
    case .draining where drained < Connection.drainBytes: channel.read()
    case .draining, .answering, .closed: break
    }
  }

  private func take(_ part: HTTPServerRequestPart) {
    switch (state, part) {
    case (.idle, .head(let head)), (.arriving(nil, _), .head(let head)):
      do throws(CheckedHead.Refusal) {
        let checked = try CheckedHead(head, table.limits)
        if case .idle = state { arm(table.limits.requestSeconds) }
        enter(.arriving(checked, body: []))
        if checked.expectsContinue {
          channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
        }
      } catch {
        fail(error.response, toHead: head.method == .HEAD)
      }
    case (.arriving(let head?, var body), .body(let bytes)):
      guard body.count + bytes.readableBytes <= table.limits.bodyBytes else {
        return fail(.problem(413, "read the request", "its body is too large"))
      }
      // Given up before it is changed, or every piece would copy all before it.
      state = .draining
      body.append(contentsOf: bytes.readableBytesView)
      state = .arriving(head, body: body)
    case (.arriving(let head?, let body), .end): respond(head, body)
    default: break
    }
  }

  // MARK: Answers

  private func respond(_ head: CheckedHead, _ body: [UInt8]) {
    disarm()
    requests += 1
    enter(.answering(head))
    let request = HTTPRequest(
      method: head.method, target: head.target, headers: head.headers, body: body, peer: peer)
    let responder = table.responder
    let loop = channel.eventLoop
    let me = NIOLoopBound(self, eventLoop: loop)
    table.tasks += 1
    task = WorkerPool.task {
      let response = await responder.respond(to: request)
      loop.execute {
        me.value.answer(response, to: head)
        me.value.table.tasks -= 1
      }
    }
  }

  private func answer(_ response: HTTPResponse, to head: CheckedHead) {
    guard case .answering = state else {
      // The client has gone; the producer of the stream must learn of it.
      if case .stream(let stream) = response.body { StreamWriter.discard(stream) }
      return
    }
    task = nil
    switch response.body {
    case .bytes(let bytes): write(response, bytes, to: head)
    case .stream(let pieces): begin(response, pieces, to: head)
    }
  }

  private func write(_ response: HTTPResponse, _ bytes: [UInt8], to head: CheckedHead) {
    var response = response
    var bytes = bytes
    if table.unsentBytes > 0, table.unsentBytes + bytes.count > table.limits.unsentBytes {
      response = .problem(
        503, "answer the request", "too much waits to be read", retrySeconds: 1)
      if case .bytes(let text) = response.body { bytes = text }
    }
    let close = isLast(head)
    var buffer = channel.allocator.buffer(capacity: bytes.count + 512)
    ResponseHead.write(response, .length(bytes.count), close: close, into: &buffer)
    if head.method != "HEAD", response.status != 204, response.status != 304 {
      buffer.writeBytes(bytes)
    }
    arm(table.limits.answerSeconds)
    send(buffer) { connection in
      connection.finish(close: close)
    }
  }

  private func begin(
    _ response: HTTPResponse, _ pieces: AsyncStream<[UInt8]>, to head: CheckedHead
  ) {
    var buffer = channel.allocator.buffer(capacity: 512)
    // Its length is not known, so the answer to HEAD ends with the connection.
    guard head.method != "HEAD" else {
      StreamWriter.discard(pieces)
      ResponseHead.write(response, .untilClosed, close: true, into: &buffer)
      return send(buffer) { $0.finish(close: true) }
    }
    guard table.streams < table.limits.streams, !table.isStopping else {
      StreamWriter.discard(pieces)
      let problem = HTTPResponse.problem(
        503, "start the stream", "too many are listening", retrySeconds: 10)
      guard case .bytes(let text) = problem.body else { return }
      return write(problem, text, to: head)
    }
    let close = isLast(head)
    ResponseHead.write(
      response, head.isVersion11 ? .chunked : .untilClosed, close: close, into: &buffer)
    send(buffer) { _ in }
    // A client that has gone may show as late as here: the connection is closed then, and nobody
    // would end a stream that begins now.
    guard case .answering = state else { return StreamWriter.discard(pieces) }
    stream = StreamWriter(self, pieces, isChunked: head.isVersion11, table: table) { connection in
      connection.stream = nil
      connection.finish(close: close)
    }
  }

  /// Writes bytes, counts them as unsent until the kernel has them, and goes on then.
  func send(_ buffer: ByteBuffer, _ then: @escaping (Connection) -> Void) {
    let count = buffer.readableBytes
    table.unsentBytes += count
    channel.writeAndFlush(buffer).assumeIsolated().whenComplete { [self] result in
      table.unsentBytes -= count
      if case .success = result { then(self) } else { close() }
    }
  }

  private func isLast(_ head: CheckedHead) -> Bool {
    !head.isKeepAlive || table.isStopping || requests >= table.limits.requestsPerConnection
  }

  private func finish(close isLast: Bool) {
    guard case .answering = state else { return }
    // It may have begun to stop since the head was written.
    if isLast || table.isStopping { return drain() }
    enter(.idle)
    arm(table.limits.idleSeconds)
    var waiting = queue[...]
    queue = []
    while let next = waiting.popFirst() {
      if case .answering = state {
        queue = [next] + waiting
        return
      }
      switch next {
      case .part(let part): take(part)
      case .failure(let response): return fail(response)
      }
    }
    readMore()
  }

  /// Answers something that is no request, and ends the connection.
  /// - Parameter isToHead: whether it is known that it asked with HEAD: no answer to that has a body, or the
  ///   client takes it for the next answer (RFC 9112, section 6.3). What was refused before its method
  ///   could be read has one.
  private func fail(_ response: HTTPResponse, toHead isToHead: Bool = false) {
    guard case .bytes(let bytes) = response.body else { return }
    var isToHead = isToHead
    if case .arriving(let head?, _) = state { isToHead = head.method == "HEAD" }
    var buffer = channel.allocator.buffer(capacity: bytes.count + 512)
    ResponseHead.write(response, .length(bytes.count), close: true, into: &buffer)
    if !isToHead { buffer.writeBytes(bytes) }
    queue = []
    enter(.draining)
    arm(table.limits.answerSeconds)
    send(buffer) { $0.drain() }
    readMore()
  }

  /// After the last answer: says that it was the last, and throws away what still comes.
  private func drain() {
    if case .closed = state { return }
    queue = []
    enter(.draining)
    arm(Connection.drainSeconds)
    channel.close(mode: .output, promise: nil)
    readMore()
  }

  // MARK: Time

  private func enter(_ new: State) {
    state = new
    since = .now()
  }

  private func disarm() {
    deadline?.cancel()
    deadline = nil
  }

  private func arm(_ seconds: Double) {
    disarm()
    let me = NIOLoopBound(self, eventLoop: channel.eventLoop)
    deadline = channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) {
      me.value.expire()
    }
  }

  private func expire() {
    switch state {
    case .arriving: fail(.problem(408, "read the request", "it was not complete in time"))
    case .idle, .answering, .draining, .closed: close()
    }
  }
}

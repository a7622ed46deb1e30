internal import NIOCore

/// Answers: whole ones, streams, refusals, and what comes after the last.
extension Connection {
  /// Seconds in which what still comes after the last answer is thrown away.
  private static let drainSeconds = 2.0

  func respond(_ head: CheckedHead, _ body: [UInt8]) {
    disarm()
    requests += 1
    enter(.answering(head))
    let request = request(head, body)
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
      return StreamWriter.discard(response.body)
    }
    task = nil
    switch response.body {
    case .bytes(let bytes): write(response, bytes, to: head)
    case .stream, .pulled: begin(response, to: head)
    }
  }

  private func write(_ response: HTTPResponse, _ bytes: [UInt8], to head: CheckedHead) {
    var response = response
    var bytes = bytes
    if table.unsentBytes > 0, table.unsentBytes + bytes.count > table.limits.unsentBytes {
      response = table.responder.answer(
        to: ServerProblem(503, "answer the request", "too much waits to be read", retrySeconds: 1),
        path: head.target.text)
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

  private func begin(_ response: HTTPResponse, to head: CheckedHead) {
    var buffer = channel.allocator.buffer(capacity: 512)
    // Its length is not known, so the answer to HEAD ends with the connection.
    guard head.method != "HEAD" else {
      StreamWriter.discard(response.body)
      ResponseHead.write(response, .untilClosed, close: true, into: &buffer)
      return send(buffer) { $0.finish(close: true) }
    }
    if case .stream = response.body, table.streams >= table.limits.streams || table.isStopping {
      StreamWriter.discard(response.body)
      let refusal = table.responder.answer(
        to: ServerProblem(503, "start the stream", "too many are listening", retrySeconds: 10),
        path: head.target.text)
      guard case .bytes(let text) = refusal.body else { return close() }
      return write(refusal, text, to: head)
    }
    let close = isLast(head)
    ResponseHead.write(
      response, head.isVersion11 ? .chunked : .untilClosed, close: close, into: &buffer)
    send(buffer) { _ in }
    // A client that has gone may show as late as here: the connection is closed then, and nobody
    // would end a stream that begins now.
    guard case .answering = state else { return StreamWriter.discard(response.body) }
    stream = StreamWriter(
      self, response.body, isChunked: head.isVersion11, table: table
    ) { connection in
      connection.stream = nil
      connection.finish(close: close)
    }
    guard isInputClosed else { return }
    if stream?.isPulled ?? true { stream?.probe() } else { self.close() }
  }

  /// Writes bytes, counts them as unsent until the kernel has them, and goes on then.
  func send(
    _ buffer: ByteBuffer, _ then: @escaping (Connection) -> Void, orElse: (() -> Void)? = nil
  ) {
    let count = buffer.readableBytes
    table.unsentBytes += count
    channel.writeAndFlush(buffer).assumeIsolated().whenComplete { [self] result in
      table.unsentBytes -= count
      if case .success = result {
        then(self)
      } else {
        orElse?()
        close()
      }
    }
  }

  private func isLast(_ head: CheckedHead) -> Bool {
    !head.isKeepAlive || isInputClosed || table.isStopping
      || requests >= table.limits.requestsPerConnection
  }

  private func finish(close isLast: Bool) {
    guard case .answering = state else { return }
    releaseBody()
    // It may have begun to stop since the head was written.
    if isLast || isInputClosed || table.isStopping { return drain() }
    enter(.idle)
    start = start == nil && !queue.isEmpty ? nil : []
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
      case .failure(let problem): return fail(problem)
      }
    }
    readMore()
  }

  /// Answers something that is no request, and ends the connection.
  /// - Parameter isToHead: whether it is known that it asked with HEAD: no answer to that has a body, or the
  ///   client takes it for the next answer (RFC 9112, section 6.3). What was refused before its method
  ///   could be read has one.
  func fail(_ problem: ServerProblem, toHead isToHead: Bool = false) {
    refuse(table.responder.answer(to: problem, path: path), toHead: isToHead)
  }

  /// The path that is asked for, as far as it is known.
  private var path: String? {
    switch state {
    case .arriving(let head?, _), .answering(let head): return head.target.text
    default: break
    }
    guard let words = start?.split(separator: 0x20, maxSplits: 2), words.count >= 2 else {
      return nil
    }
    return String(validating: words[1].prefix { $0 > 0x20 && $0 < 0x7f }, as: UTF8.self)
  }

  /// Answers with what is no stream, and ends the connection.
  func refuse(_ response: HTTPResponse, toHead: Bool = false) {
    guard case .bytes(let bytes) = response.body else { return close() }
    var isToHead = toHead
    if case .arriving(let head?, _) = state { isToHead = head.method == "HEAD" }
    var buffer = channel.allocator.buffer(capacity: bytes.count + 512)
    ResponseHead.write(response, .length(bytes.count), close: true, into: &buffer)
    if !isToHead { buffer.writeBytes(bytes) }
    queue = []
    releaseBody()
    enter(.draining)
    arm(table.limits.answerSeconds)
    send(buffer) { $0.drain() }
    readMore()
  }

  /// After the last answer: says that it was the last, and throws away what still comes.
  func drain() {
    if case .closed = state { return }
    queue = []
    enter(.draining)
    arm(Connection.drainSeconds)
    channel.close(mode: .output, promise: nil)
    readMore()
  }
}

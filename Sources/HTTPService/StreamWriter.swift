internal import NIOCore

/// Carries the pieces of a stream to a connection. Lives on the event loop.
final class StreamWriter {
  private let connection: Connection
  private let table: ConnectionTable
  private let isChunked: Bool
  private let source: (any PieceSource)?
  private let whenDone: (Connection) -> Void
  private var task: Task<Void, Never>?
  private var unsent = 0
  private var isDone = false

  init(
    _ connection: Connection, _ body: HTTPResponse.Body, isChunked: Bool, table: ConnectionTable,
    whenDone: @escaping (Connection) -> Void
  ) {
    self.connection = connection
    self.table = table
    self.isChunked = isChunked
    self.whenDone = whenDone
    table.tasks += 1
    let loop = connection.channel.eventLoop
    switch body {
    case .pulled(let source):
      self.source = source
      let me = NIOLoopBound(self, eventLoop: loop)
      task = WorkerPool.task {
        while let piece = await source.next() {
          // The next one when the kernel has taken this.
          guard (try? await loop.flatSubmit { me.value.push(piece) }.get()) != nil else { break }
        }
        source.end()
        loop.execute { me.value.end() }
      }
    case .stream(let pieces):
      source = nil
      table.streams += 1
      let me = NIOLoopBound(self, eventLoop: loop)
      task = WorkerPool.task {
        for await piece in pieces {
          // One at a time: what a fast producer makes stays where it keeps it.
          try? await loop.submit { me.value.write(piece) }.get()
        }
        loop.execute { me.value.end() }
      }
    case .bytes:
      source = nil
      table.streams += 1
      end()
    }
  }

  /// Ends the stream: its producer is notified, and the client gets a proper end if it is still
  /// there.
  func cancel() { task?.cancel() }

  /// The server ends. What is pulled has an end of its own and gets to it, within the server's patience.
  func stop() { if source == nil { cancel() } }

  /// Whether its pieces are asked for.
  var isPulled: Bool { source != nil }

  /// Finds out whether a client that closed its side still reads.
  func probe() {
    guard let source, !source.probe.isEmpty else { return }
    write(source.probe)
  }

  /// Notifies the producer of a stream that nobody will read it.
  static func discard(_ body: HTTPResponse.Body) {
    switch body {
    case .stream(let pieces): WorkerPool.task { for await _ in pieces {} }.cancel()
    case .pulled(let source): source.end()
    case .bytes: break
    }
  }

  private func framed(_ piece: [UInt8]) -> ByteBuffer {
    var buffer = connection.channel.allocator.buffer(capacity: piece.count + 16)
    if isChunked { buffer.writeString(String(piece.count, radix: 16) + "\r\n") }
    buffer.writeBytes(piece)
    if isChunked { buffer.writeString("\r\n") }
    return buffer
  }

  /// Writes a piece; done when the kernel has it, which fails when the client takes too long or has gone.
  private func push(_ piece: [UInt8]) -> EventLoopFuture<Void> {
    let loop = connection.channel.eventLoop
    guard !isDone, !piece.isEmpty else { return loop.makeSucceededVoidFuture() }
    let taken = loop.makePromise(of: Void.self)
    let me = NIOLoopBound(self, eventLoop: loop)
    var isTaken = false
    var timer: Scheduled<Void>?
    connection.send(framed(piece)) { _ in
      isTaken = true
      timer?.cancel()
      taken.succeed()
    } orElse: {
      isTaken = true
      timer?.cancel()
      taken.fail(ChannelError.ioOnClosedChannel)
    }
    if !isTaken {
      timer = loop.scheduleTask(in: .nanoseconds(Int64(table.limits.answerSeconds * 1e9))) {
        me.value.connection.close()
      }
    }
    return taken.futureResult
  }

  private func write(_ piece: [UInt8]) {
    guard !isDone, !piece.isEmpty else { return }
    let buffer = framed(piece)
    let count = buffer.readableBytes
    unsent += count
    guard unsent <= table.limits.streamUnsentBytes else { return connection.close() }
    connection.send(buffer) { [self] _ in unsent -= count }
  }

  private func end() {
    guard !isDone else { return }
    isDone = true
    task = nil
    if source == nil { table.streams -= 1 }
    let buffer = ByteBuffer(string: isChunked ? "0\r\n\r\n" : "")
    connection.send(buffer) { [whenDone] connection in whenDone(connection) }
    table.tasks -= 1
  }
}

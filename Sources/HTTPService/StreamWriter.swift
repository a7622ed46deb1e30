internal import NIOCore

/// Carries the pieces of a stream to a connection. Lives on the event loop.
final class StreamWriter {
  private let connection: Connection
  private let table: ConnectionTable
  private let isChunked: Bool
  private let whenDone: (Connection) -> Void
  private var task: Task<Void, Never>?
  private var unsent = 0
  private var isDone = false

  init(
    _ connection: Connection, _ pieces: AsyncStream<[UInt8]>, isChunked: Bool,
    table: ConnectionTable, whenDone: @escaping (Connection) -> Void
  ) {
    self.connection = connection
    self.table = table
    self.isChunked = isChunked
    self.whenDone = whenDone
    table.streams += 1
    table.tasks += 1
    let loop = connection.channel.eventLoop
    let me = NIOLoopBound(self, eventLoop: loop)
    task = WorkerPool.task {
      for await piece in pieces {
        // One at a time: what a fast producer makes stays where it keeps it.
        try? await loop.submit { me.value.write(piece) }.get()
      }
      loop.execute { me.value.end() }
    }
  }

  /// Ends the stream: its producer is notified, and the client gets a proper end if it is still
  /// there.
  func cancel() { task?.cancel() }

  /// Notifies the producer of a stream that nobody will read it.
  static func discard(_ pieces: AsyncStream<[UInt8]>) {
    WorkerPool.task { for await _ in pieces {} }.cancel()
  }

  private func write(_ piece: [UInt8]) {
    guard !isDone, !piece.isEmpty else { return }
    var buffer = connection.channel.allocator.buffer(capacity: piece.count + 16)
    if isChunked { buffer.writeString(String(piece.count, radix: 16) + "\r\n") }
    buffer.writeBytes(piece)
    if isChunked { buffer.writeString("\r\n") }
    let count = buffer.readableBytes
    unsent += count
    guard unsent <= table.limits.streamUnsentBytes else { return connection.close() }
    connection.send(buffer) { [self] _ in unsent -= count }
  }

  private func end() {
    guard !isDone else { return }
    isDone = true
    task = nil
    table.streams -= 1
    let buffer = ByteBuffer(string: isChunked ? "0\r\n\r\n" : "")
    connection.send(buffer) { [whenDone] connection in whenDone(connection) }
    table.tasks -= 1
  }
}

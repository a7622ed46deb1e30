internal import API
internal import Base
internal import Documents
internal import Events
internal import HTTPService

/// Server-sent events (HTML Standard, section 9.2).
enum Streams {
  /// A comment goes out after so many seconds without an event, so that both ends notice a
  /// connection that is gone.
  static let heartbeatSeconds = 30.0

  /// The status again and again, for as long as somebody listens. Nothing is read when nobody does.
  static func status(
    every seconds: Double, _ thread: EventThread,
    _ document: @escaping @Sendable () async throws -> StatusDocument
  ) -> AsyncStream<[UInt8]> {
    // A listener that is slow gets the newest, not all.
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let task = WorkerPool.task {
        while !Task.isCancelled {
          do {
            continuation.yield(message("status", try line(try await document())))
          } catch {
            let problem =
              (error as? Failure).map { Problem($0) }
              ?? Problem(500, "read the machine", cause: "\(error)")
            continuation.yield(message("problem", (try? line(problem)) ?? "{}"))
          }
          await thread.sleep(seconds: seconds)
        }
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  /// Events as they come.
  static func events(
    _ events: AsyncStream<Event>, _ thread: EventThread
  ) -> AsyncStream<[UInt8]> {
    AsyncStream(bufferingPolicy: .bufferingNewest(2000)) { continuation in
      let reading = WorkerPool.task {
        // Headers and a first byte at once: a listener knows that it is connected.
        continuation.yield(Array(": tinybox events\n\n".utf8))
        for await event in events {
          if let text = try? line(event) {
            continuation.yield(message("event", text, id: event.id))
          }
        }
        continuation.finish()
      }
      let beating = WorkerPool.task {
        while !Task.isCancelled {
          await thread.sleep(seconds: heartbeatSeconds)
          continuation.yield(Array(":\n\n".utf8))
        }
      }
      continuation.onTermination = { _ in
        reading.cancel()
        beating.cancel()
      }
    }
  }

  /// JSON in one line, as a message's data must be.
  private static func line(_ value: some Encodable) throws -> String {
    String(decoding: try JSON.line(value), as: UTF8.self)
  }

  private static func message(_ name: String, _ data: String, id: Int? = nil) -> [UInt8] {
    let head = id.map { "id: \($0)\n" } ?? ""
    return Array("\(head)event: \(name)\ndata: \(data)\n\n".utf8)
  }
}

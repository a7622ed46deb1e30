internal import Base
internal import Documents
internal import Linux
internal import Placement
internal import HTTPService
internal import Version

/// What the endpoints answer from.
package struct Service: Sendable {
  let reader: BoxReader
  let log: EventLog
  let benchmarks: BenchmarkAccess
  let published: PublishedState
  let counters: Counters
  let queue: MainQueue
  let identity: DaemonIdentity
  /// Keeps the time of streams.
  let thread: EventThread
}

/// Which daemon this is.
struct DaemonIdentity: Sendable {
  var pid: Int
  /// When it started: UTC, RFC 3339.
  var started: String
}

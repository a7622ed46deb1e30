internal import NIOCore

/// All connections of a server, and who has to go when there are too many. Lives on the event loop.
final class ConnectionTable {
  let limits: Limits
  let responder: any HTTPResponder
  /// Connections that may be open; fewer than asked for when the process may not have more files.
  let capacity: Int
  /// Streams that run.
  var streams = 0
  /// Bytes written that clients have not taken.
  var unsentBytes = 0
  /// Bytes of bodies that are held.
  var bodyBytes = 0
  /// Tasks that will come back to the event loop once more.
  var tasks = 0 {
    didSet { endIfEmpty() }
  }
  /// Whether the server is about to end.
  private(set) var isStopping = false

  private var connections: [ObjectIdentifier: Connection] = [:]
  private var refused: [ObjectIdentifier: Connection] = [:]
  private var whenEmpty: EventLoopPromise<Void>?

  /// Connections beyond the capacity that get a refusal.
  static let refusals = 64
  /// A request that has been arriving for so long is no better than an idle connection.
  private static let patience = TimeAmount.seconds(1)

  init(limits: Limits, responder: any HTTPResponder, capacity: Int) {
    self.limits = limits
    self.responder = responder
    self.capacity = capacity
  }

  /// What happens to a new connection.
  enum Admission { case serve, refuse, drop }

  /// Takes a connection in, closing another one for it if need be.
  func admit(_ connection: Connection) -> Admission {
    if isStopping { return .drop }
    if connections.count >= capacity { evict() }
    if connections.count < capacity {
      connections[ObjectIdentifier(connection)] = connection
      return .serve
    }
    guard refused.count < ConnectionTable.refusals else { return .drop }
    refused[ObjectIdentifier(connection)] = connection
    return .refuse
  }

  func remove(_ connection: Connection) {
    let id = ObjectIdentifier(connection)
    connections[id] = nil
    refused[id] = nil
    endIfEmpty()
  }

  /// Ends all connections as soon as their requests are answered.
  func stop(_ promise: EventLoopPromise<Void>) {
    isStopping = true
    whenEmpty = promise
    for connection in Array(connections.values) + Array(refused.values) { connection.stop() }
    endIfEmpty()
  }

  private func endIfEmpty() {
    if connections.isEmpty, refused.isEmpty, tasks == 0 { whenEmpty?.succeed() }
  }

  /// Ends all connections now.
  func closeAll() {
    for connection in Array(connections.values) + Array(refused.values) { connection.close() }
  }

  private func evict() {
    let now = NIODeadline.now()
    var idle: Connection?
    var slow: Connection?
    for connection in connections.values {
      switch connection.occupation {
      case .idle where idle.map({ connection.since < $0.since }) ?? true: idle = connection
      case .arriving
      where now - connection.since > ConnectionTable.patience
        && slow.map({ connection.since < $0.since }) ?? true:
        slow = connection
      default: break
      }
    }
    (idle ?? slow)?.close()
  }
}

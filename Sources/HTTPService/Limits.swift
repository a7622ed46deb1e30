/// What a client may use up. The defaults are those of the daemon.
package struct Limits: Hashable, Sendable {
  /// Bytes of the target.
  package var targetBytes = 8 << 10
  /// Bytes of all header fields together; the target may have as many again.
  package var headerBytes = 16 << 10
  /// Header fields.
  package var headerCount = 100
  /// Bytes of a body, where the responder says nothing else of a request.
  package var bodyBytes = 64 << 10
  /// Bytes of all bodies that are held at once, those of requests that are answered among them; with more,
  /// requests are refused.
  package var allBodiesBytes = 64 << 20
  /// Seconds in which a request must have come whole, from its first byte; for the first one from
  /// the connection on.
  package var requestSeconds = 10.0
  /// Seconds that a connection may stay without a request after one.
  package var idleSeconds = 30.0
  /// Seconds in which a client must have taken an answer that is no stream.
  package var answerSeconds = 30.0
  /// Connections at once. When they are all taken, a new one takes the place of the one that has
  /// been idle longest.
  package var connections = 512
  /// Streams at once.
  package var streams = 64
  /// Bytes of a stream that a client has not taken yet; with more it is disconnected.
  package var streamUnsentBytes = 1 << 20
  /// Bytes of all answers that clients have not taken yet; with more, new ones are refused.
  package var unsentBytes = 64 << 20
  /// Requests on one connection.
  package var requestsPerConnection = 10_000

  /// The defaults.
  package init() {}

  /// Those of the gateway: half of the daemon's streams, so that its clients cannot use up those of
  /// the programs on the socket.
  package static var gateway: Limits {
    var limits = Limits()
    limits.connections = 1024
    limits.streams = 32
    // The unit's MemoryMax is 384 MiB; a request for a model takes some three times its length.
    limits.allBodiesBytes = 48 << 20
    return limits
  }
}

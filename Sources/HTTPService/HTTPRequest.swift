/// A request, read whole and found well-formed.
package struct HTTPRequest: Sendable {
  /// `GET`, `POST`, ...
  package var method: String
  /// The target as it was sent: path and query, `/v1/events?limit=3`.
  package var target: String
  /// The path's segments, percent-decoded; empty for `/`. Never `.`, `..`, or one with a slash or a
  /// NUL in it.
  package var segments: [String]
  /// The query, percent-decoded, in its order.
  package var query: Query
  package var headers: HeaderFields
  package var body: [UInt8]
  /// Who sent it.
  package var peer: Peer

  /// A request of these parts.
  package init(
    method: String, target: RequestTarget, headers: HeaderFields = [:], body: [UInt8] = [],
    peer: Peer
  ) {
    self.method = method
    self.target = target.text
    segments = target.segments
    query = target.query
    self.headers = headers
    self.body = body
    self.peer = peer
  }

  /// The parameters of a query.
  package struct Query: Hashable, Sendable {
    package struct Parameter: Hashable, Sendable {
      package var name: String
      /// Its value; empty when it has none.
      package var value: String
    }
    /// All of them.
    package var parameters: [Parameter] = []

    /// The value of the first parameter of a name.
    package func first(_ name: String) -> String? {
      parameters.first { $0.name == name }?.value
    }
  }
}

/// Who is at the other end of a connection.
package enum Peer: Hashable, Sendable {
  /// A process of this machine on a Unix socket, as the kernel knew it when it connected. The id of
  /// the process may have gone to another since.
  case local(pid: Int32, user: UInt32, groups: Set<UInt32>)
  /// An address on the network. `isLoopback`: both the address listened on and the peer's are of
  /// this machine alone; a socket that listens on every address never is. `isEncrypted`: by TLS.
  case network(address: String, isLoopback: Bool, isEncrypted: Bool)
}

/// Answers requests. Called concurrently; cancelled when the client goes.
package protocol HTTPResponder: Sendable {
  /// The answer to a request.
  func respond(to request: HTTPRequest) async -> HTTPResponse
}

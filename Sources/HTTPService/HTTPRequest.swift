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
  /// Whether the body of a request may come, judged by its head. Called on the thread of all connections: it
  /// must not wait.
  func admit(_ head: HTTPRequest) -> BodyAdmission
  /// The answer to what the server refuses by itself.
  /// - Parameter path: the path that was asked for, as it was sent; nil where it could not be read.
  func answer(to problem: ServerProblem, path: String?) -> HTTPResponse
}

/// Whether the body of a request may come.
package enum BodyAdmission: Sendable {
  /// So many bytes, in so many seconds from the head on; nil for those of the server's limits.
  case take(bytes: Int? = nil, seconds: Double? = nil)
  /// It is answered at once with this, and the connection ends.
  case refuse(HTTPResponse)
}

extension HTTPResponder {
  package func admit(_ head: HTTPRequest) -> BodyAdmission { .take() }
  package func answer(to problem: ServerProblem, path: String?) -> HTTPResponse {
    problem.response
  }
}

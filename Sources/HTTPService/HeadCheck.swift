internal import NIOHTTP1

/// What the parser lets through and RFC 9112 does not, and what goes beyond the limits.
struct CheckedHead {
  var method: String
  var target: RequestTarget
  var headers: HeaderFields
  /// Whether another request may follow on this connection.
  var isKeepAlive: Bool
  /// Whether the client knows chunks.
  var isVersion11: Bool
  /// Whether the client waits for an answer to its head before it sends the body.
  var expectsContinue: Bool
  /// Bytes of the body, where the client says so; the largest number for one that no number holds.
  var bodyBytes: Int?

  /// A head that was refused.
  struct Refusal: Error {
    var problem: ServerProblem
    init(_ status: Int, _ cause: StaticString) {
      problem = ServerProblem(status, "read the request", cause)
    }
  }

  init(_ head: HTTPRequestHead, _ limits: Limits) throws(Refusal) {
    guard head.version == .http1_1 || head.version == .http1_0 else {
      throw Refusal(505, "this server speaks HTTP/1.1")
    }
    guard head.uri.utf8.count <= limits.targetBytes else {
      throw Refusal(414, "its target is too long")
    }
    isVersion11 = head.version == .http1_1
    method = head.method.rawValue
    headers = HeaderFields()
    for (name, value) in head.headers { headers.add(name, value) }

    let hosts = headers.values("Host")
    guard hosts.count == 1 || (hosts.isEmpty && !isVersion11) else {
      throw Refusal(400, "it needs one Host")
    }
    guard hosts.allSatisfy(CheckedHead.isHost) else { throw Refusal(400, "its Host is not valid") }
    bodyBytes = try CheckedHead.checkFraming(headers, isVersion11)
    guard let target = CheckedHead.target(head.uri, host: hosts.first) else {
      throw Refusal(400, "its target is not well-formed")
    }
    self.target = target

    // The parser reads nothing more after these, whatever is answered.
    let endsParsing = head.method == .CONNECT || headers["Upgrade"] != nil
    isKeepAlive = isVersion11 && head.isKeepAlive && !endsParsing
    expectsContinue = false
    if let expectation = headers["Expect"], isVersion11 {
      guard HeaderFields.isSame(expectation, "100-continue") else {
        throw Refusal(417, "this server knows no such expectation")
      }
      expectsContinue = true
    }
  }

  /// A head with two lengths of one body can smuggle requests past a server in front.
  /// - Returns: the length of the body, where there is one.
  private static func checkFraming(
    _ headers: HeaderFields, _ isVersion11: Bool
  ) throws(Refusal) -> Int? {
    let lengths = headers.values("Content-Length")
    let encodings = headers.values("Transfer-Encoding")
    guard lengths.count <= 1, encodings.count <= 1, lengths.isEmpty || encodings.isEmpty else {
      throw Refusal(400, "it states its length twice")
    }
    if let encoding = encodings.first {
      guard isVersion11 else { throw Refusal(400, "HTTP/1.0 knows no Transfer-Encoding") }
      guard HeaderFields.isSame(encoding, "chunked") else {
        throw Refusal(501, "this server takes no other Transfer-Encoding than chunked")
      }
    }
    guard let length = lengths.first else { return nil }
    guard !length.isEmpty, length.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      throw Refusal(400, "its Content-Length is no number")
    }
    return Int(length) ?? .max
  }

  /// Absolute form, `http://host/path`, must be taken; it may not contradict Host.
  private static func target(_ text: String, host: String?) -> RequestTarget? {
    guard text.utf8.first != UInt8(ascii: "/") else { return RequestTarget(text) }
    for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
      let rest = text.dropFirst(scheme.utf8.count)
      let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
      guard let host, HeaderFields.isSame(String(rest[..<end]), host) else { return nil }
      let path = rest[end...]
      return RequestTarget(path.hasPrefix("/") ? String(path) : "/" + path)
    }
    return nil
  }

  /// A name or address and a port, by its characters.
  private static func isHost(_ host: String) -> Bool {
    !host.isEmpty && host.utf8.count <= 300
      && host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-._:[]%".utf8.contains(byte)
        }
      }
  }
}

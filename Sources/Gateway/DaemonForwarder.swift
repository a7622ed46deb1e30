internal import HTTPService

/// Asks the daemon for what the network wants to know.
struct DaemonForwarder: Sendable {
  let upstream: UnixUpstream

  /// What of a request the daemon gets to see, and what of its answers the network.
  private static let asked = ["Accept", "Last-Event-ID"]
  private static let answered = ["Content-Type", "Cache-Control", "Retry-After"]

  private static let longestDocument = 64 << 20

  /// Path and query for the daemon, encoded anew: what was matched is what is asked for.
  static func target(_ segments: [String], query target: String) -> String {
    let path = segments.map { "/" + encoded($0) }.joined()
    guard let mark = target.firstIndex(of: "?") else { return path }
    return path + target[mark...]
  }

  /// Whether it answers.
  func health() async -> HTTPResponse {
    do throws(UpstreamFailure) {
      let answer = try await upstream.get("/v1/daemon")
      guard answer.status == 200 else {
        return Responses.problem(
          503, "ask tinyboxd how it is", cause: "it answered with status \(answer.status)")
      }
      return HTTPResponse(
        status: 200, headers: ["Content-Type": "text/plain; charset=utf-8"],
        body: .bytes(Array("ok\n".utf8)))
    } catch {
      return DaemonForwarder.problem(error)
    }
  }

  func document(_ target: String, _ request: HTTPRequest) async -> HTTPResponse {
    do throws(UpstreamFailure) {
      let answer = try await upstream.get(target, headers: DaemonForwarder.headers(request))
      return HTTPResponse(
        status: answer.status, headers: DaemonForwarder.headers(answer.headers),
        body: .bytes(answer.body))
    } catch {
      return DaemonForwarder.problem(error)
    }
  }

  /// A stream, for as long as the browser stays and `isAllowed` says so at each piece. What turns out to be
  /// none, such as the document of a device that is called so, is passed on as a document.
  func stream(
    _ target: String, _ request: HTTPRequest, while isAllowed: @escaping @Sendable () -> Bool
  ) async -> HTTPResponse {
    do throws(UpstreamFailure) {
      let answer = try await upstream.stream(target, headers: DaemonForwarder.headers(request))
      let headers = DaemonForwarder.headers(answer.headers)
      let isStream = answer.headers["Content-Type"]?.hasPrefix("text/event-stream") ?? false
      guard answer.status == 200, isStream else {
        var body: [UInt8] = []
        for await piece in answer.pieces {
          body += piece
          if body.count > DaemonForwarder.longestDocument {
            return Responses.problem(502, "ask tinyboxd", cause: "its answer is too large")
          }
        }
        return HTTPResponse(status: answer.status, headers: headers, body: .bytes(body))
      }
      // Only its head is wanted: the stream ends with its last reader.
      if request.method == "HEAD" { return HTTPResponse(status: 200, headers: headers) }
      return HTTPResponse(
        status: 200, headers: headers,
        body: .stream(DaemonForwarder.guarded(answer.pieces, isAllowed)))
    } catch {
      return DaemonForwarder.problem(error)
    }
  }

  private static func guarded(
    _ pieces: AsyncStream<[UInt8]>, _ isAllowed: @escaping @Sendable () -> Bool
  ) -> AsyncStream<[UInt8]> {
    let (guarded, continuation) = AsyncStream.makeStream(
      of: [UInt8].self, bufferingPolicy: .bufferingOldest(1024))
    let task = WorkerPool.task {
      defer { continuation.finish() }
      for await piece in pieces {
        guard isAllowed(), case .enqueued = continuation.yield(piece) else { return }
      }
    }
    continuation.onTermination = { _ in task.cancel() }
    return guarded
  }

  private static func headers(_ request: HTTPRequest) -> HeaderFields {
    var headers = HeaderFields()
    for name in asked {
      if let value = request.headers[name] { headers.add(name, value) }
    }
    return headers
  }

  private static func headers(_ answer: HeaderFields) -> HeaderFields {
    var headers = HeaderFields()
    for name in answered {
      if let value = answer[name] { headers.add(name, value) }
    }
    return headers
  }

  private static func problem(_ failure: UpstreamFailure) -> HTTPResponse {
    let (status, hint): (Int, String?) =
      switch failure {
      case .notRunning: (503, "'systemctl status tinyboxd' shows why it does not run")
      case .notPermitted: (503, "the gateway's user must be in the group tinybox")
      case .tooSlow: (504, nil)
      case .busy: (503, nil)
      case .tooManyStreams: (503, "each open page of the dashboard has two")
      case .broken: (502, nil)
      }
    return Responses.problem(
      status, "ask tinyboxd", cause: "\(failure)", hint: hint,
      headers: status == 503 ? ["Retry-After": "5"] : [:])
  }

  private static func encoded(_ segment: String) -> String {
    var text = ""
    let digits = Array("0123456789ABCDEF")
    for byte in segment.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: ":"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "%"
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
      }
    }
    return text
  }
}

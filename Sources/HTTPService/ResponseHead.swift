internal import Glibc
internal import NIOCore

/// The head of an answer as bytes (RFC 9112, section 4).
enum ResponseHead {
  /// How a client finds the end of the body.
  enum Framing: Hashable {
    /// It is so long.
    case length(Int)
    /// In chunks, each with its length.
    case chunked
    /// The connection ends.
    case untilClosed
  }

  static func write(
    _ response: HTTPResponse, _ framing: Framing, close: Bool, into buffer: inout ByteBuffer
  ) {
    buffer.writeString("HTTP/1.1 \(response.status) \(reason(response.status))\r\n")
    for field in response.headers.fields {
      // A value from elsewhere must not start a field of its own.
      let value = field.value.utf8.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 }
      buffer.writeString("\(field.name): ")
      buffer.writeBytes(value)
      buffer.writeString("\r\n")
    }
    switch framing {
    case .length(let count):
      if response.status != 204, response.status != 304 {
        buffer.writeString("Content-Length: \(count)\r\n")
      }
    case .chunked: buffer.writeString("Transfer-Encoding: chunked\r\n")
    case .untilClosed: break
    }
    buffer.writeString("Date: \(date(time(nil)))\r\n")
    if close { buffer.writeString("Connection: close\r\n") }
    buffer.writeString("\r\n")
  }

  /// A time as `Date` has it: `Tue, 24 Nov 2026 10:21:54 GMT` (RFC 9110, section 5.6.7). Without
  /// the C library, whose names of days depend on the locale.
  static func date(_ seconds: Int) -> String {
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    let rest = seconds - days * 86_400
    // Days to a civil date, eras of 400 years from March on (H. Hinnant, chrono-compatible
    // low-level date algorithms).
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
    let name = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ][month - 1]
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(weekday), \(two(day)) \(name) \(year) "
      + "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60)) GMT"
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 303: "See Other"
    case 304: "Not Modified"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 417: "Expectation Failed"
    case 421: "Misdirected Request"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: "Status"
    }
  }
}

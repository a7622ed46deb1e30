/// One call of iperf3 (https://software.es.net/iperf/) as a client.
package struct IperfJob: Hashable, Sendable {
  /// Where `iperf3 -s` runs.
  package var peer: String
  /// Its port.
  package var port = IperfJob.firstPort
  /// Local address to send from.
  package var local: String?
  /// TCP connections at once.
  package var streams: Int
  /// The peer sends.
  package var isReversed: Bool
  /// Seconds that are measured.
  package var seconds: Double

  /// The port that iperf3 listens on by default.
  package static let firstPort = 5201
  /// Seconds at the start that do not count: TCP begins slowly.
  package static let omittedSeconds = 1
  /// Seconds that a connection may take.
  package static let connectSeconds = 3.0

  /// A measurement.
  package init(
    peer: String, local: String? = nil, streams: Int, isReversed: Bool, seconds: Double
  ) {
    self.peer = peer
    self.local = local
    self.streams = streams
    self.isReversed = isReversed
    self.seconds = seconds
  }

  /// Program and arguments. iperf3 takes whole seconds only.
  package var command: [String] {
    var arguments = [
      "iperf3", "--client", peer, "--port", "\(port)", "--parallel", "\(streams)", "--omit",
      "\(IperfJob.omittedSeconds)", "--time", "\(wholeSeconds)", "--interval", "0.25", "--json",
      "--connect-timeout", "\(Int(IperfJob.connectSeconds * 1000))",
    ]
    if let local { arguments += ["--bind", local] }
    if isReversed { arguments.append("--reverse") }
    return arguments
  }

  /// Seconds that are measured, as they are asked for.
  package var wholeSeconds: Int { Int(min(max(seconds, 1), 86_400).rounded(.up)) }

  /// Whether each stream has a thread of its own, from the first line of `iperf3 --version`:
  /// `iperf 3.16 (cJSON 1.7.15)`. It has since 3.16; before, one thread serves all streams. Nil when the
  /// version cannot be read.
  package static func hasThreads(version: [UInt8]) -> Bool? {
    let fields = String(decoding: version.prefix(200), as: UTF8.self)
      .split(whereSeparator: \.isWhitespace)
    guard fields.count >= 2, fields[0] == "iperf" else { return nil }
    let numbers = fields[1].split(separator: ".").map { part in
      Int(part.prefix(while: \.isNumber))
    }
    guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    return (major, minor) >= (3, 16)
  }
}

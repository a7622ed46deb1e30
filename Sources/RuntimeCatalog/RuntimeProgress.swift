internal import Base

/// What the gateway says of requests that runtimes work on: a small file, which it writes every few seconds while there
/// are any that last.
///
/// `tinyboxd` believes little of it. That requests are in flight makes it ask a runtime; only a runtime that does not
/// answer is ever restarted. That there is progress makes it more patient, up to a bound.
package struct RuntimeProgress: Codable, Hashable, Sendable {
  /// The folder, which systemd makes for the gateway.
  package static let folder = "/run/tinybox-gateway"
  /// The file in it.
  package static let file = "progress.json"
  /// Its path.
  package static var path: String { "\(folder)/\(file)" }
  /// Seconds from one writing to the next while requests are in flight. Those that end before cause none.
  package static let writeSeconds = 5.0
  /// The longest file that is read, bytes.
  package static let longestFile = 1 << 18

  /// What a runtime works on.
  package struct Work: Codable, Hashable, Sendable {
    /// Requests that it was sent and that have not ended.
    package var inFlight: Int
    /// Grows with each piece of an answer, and while a client does not take what there is.
    package var pieces: Int

    package init(inFlight: Int, pieces: Int) {
      self.inFlight = inFlight
      self.pieces = pieces
    }
  }

  /// The runtimes with requests, by name.
  package var runtimes: [String: Work]

  package init(_ runtimes: [String: Work]) { self.runtimes = runtimes }

  /// Reads the bytes of the file; nil for what is none. Names that no runtime can have are left out.
  package static func decode(_ bytes: [UInt8]) -> RuntimeProgress? {
    guard bytes.count <= longestFile, var read = try? JSON.decode(RuntimeProgress.self, from: bytes)
    else { return nil }
    read.runtimes = read.runtimes.filter { RuntimeName.problem($0.key) == nil }
    return read
  }
}

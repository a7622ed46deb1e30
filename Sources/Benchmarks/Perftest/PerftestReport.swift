package import Base

/// The table that `ib_write_bw --report_gbits` prints at its end.
package struct PerftestReport: Hashable, Sendable {
  /// Bytes of a message.
  package var messageBytes: Double
  /// Messages.
  package var messages: Double
  /// Average, bytes a second.
  package var bytesPerSecond: Double

  /// Reads the row below the head of the table.
  /// - Parameter errors: what it wrote to standard error, for the reason of a failure.
  /// - Throws: `Failure` where there is no row with a rate above 0.
  package init(output: [UInt8], errors: [UInt8] = []) throws(Failure) {
    let lines = PerftestReport.lines(output)
    guard let head = lines.firstIndex(where: { $0.hasPrefix("#bytes") }),
      lines[head].contains("BW average[Gb/sec]"), head + 1 < lines.count
    else { throw PerftestReport.failure(output, errors) }
    let fields = lines[head + 1].split(whereSeparator: \.isWhitespace).map { Double($0) }
    guard fields.count >= 4, let size = fields[0], let count = fields[1], let gigabits = fields[3],
      [size, count, gigabits].allSatisfy({ $0.isFinite && $0 > 0 })
    else { throw PerftestReport.failure(output, errors) }
    messageBytes = size
    messages = count
    bytesPerSecond = gigabits * 1e9 / 8
  }

  /// Whether nobody listened at the peer.
  package static func isUnanswered(output: [UInt8], errors: [UInt8]) -> Bool {
    (lines(output) + lines(errors)).contains {
      $0.contains("Couldn't connect to") || $0.contains("Unable to init the socket connection")
    }
  }

  private static func failure(_ output: [UInt8], _ errors: [UInt8]) -> Failure {
    // It prints its settings as well, between lines of dashes.
    let reason =
      lines(errors).last
      ?? lines(output).last {
        $0.contains("ailed") || $0.contains("rror") || $0.contains("ouldn't")
      }
    return Failure("measure with ib_write_bw", because: reason ?? "it printed no figure")
  }

  private static func lines(_ text: [UInt8]) -> [String] {
    text.split(separator: 0x0a).map {
      String(decoding: ASCII.trimmed($0).prefix(300), as: UTF8.self)
    }
    .filter { !$0.isEmpty }
  }
}

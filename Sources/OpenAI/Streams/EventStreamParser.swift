/// Takes a stream of server-sent events apart as it comes (WHATWG HTML, section 9.2.6): lines end in LF,
/// CR LF or CR; an empty line ends an event; only `data` matters here.
package struct EventStreamParser {
  /// An event or a line that is longer than it may be.
  package struct TooLong: Error, Hashable, Sendable {}

  /// Bytes of an event. Those of a token with 20 log probabilities have 4 KB.
  package static let longestEvent = 1 << 20

  private var line: [UInt8] = []
  private var data: [UInt8]?
  /// Whether the last byte was the CR of a line that is complete.
  private var afterReturn = false
  private var isFirstLine = true

  /// A stream of which nothing has come.
  package init() {}

  /// The data of the events that are complete with these bytes.
  package mutating func feed(_ bytes: some Collection<UInt8>) throws(TooLong) -> [[UInt8]] {
    var events: [[UInt8]] = []
    for byte in bytes {
      let followsReturn = afterReturn
      afterReturn = false
      switch byte {
      case 0x0a:
        if !followsReturn { try endLine(&events) }
      case 0x0d:
        afterReturn = true
        try endLine(&events)
      default:
        guard line.count < EventStreamParser.longestEvent else { throw TooLong() }
        line.append(byte)
      }
    }
    return events
  }

  private mutating func endLine(_ events: inout [[UInt8]]) throws(TooLong) {
    defer { line.removeAll(keepingCapacity: true) }
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
    }
    if line.isEmpty {
      if let complete = data { events.append(complete) }
      data = nil
      return
    }
    let name = Array("data".utf8)
    guard line.starts(with: name) else { return }
    var value = line[name.count...]
    guard value.isEmpty || value.first == UInt8(ascii: ":") else { return }
    value = value.dropFirst()
    if value.first == 0x20 { value = value.dropFirst() }
    if var before = data {
      guard before.count + value.count < EventStreamParser.longestEvent else { throw TooLong() }
      data = nil
      before.append(0x0a)
      before += value
      data = before
    } else {
      data = Array(value)
    }
  }
}

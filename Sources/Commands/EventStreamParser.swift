/// Takes the data out of a stream of server-sent events (HTML Standard, section 9.2.6).
struct EventStreamParser {
  private var rest: [UInt8] = []
  private var data: [String] = []

  /// The data of the messages that are complete with these bytes.
  mutating func feed(_ bytes: [UInt8]) -> [String] {
    rest += bytes
    var messages: [String] = []
    while let end = rest.firstIndex(of: 0x0a) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeSubrange(...end)
      if line.isEmpty {
        if !data.isEmpty { messages.append(data.joined(separator: "\n")) }
        data = []
      } else if line.hasPrefix("data:") {
        let value = line.dropFirst(5)
        data.append(String(value.hasPrefix(" ") ? value.dropFirst() : value))
      }
    }
    return messages
  }
}

internal import Base

/// JSON documents in the output of a program that may write other text around them: fio writes its errors
/// there, and a document for each `--status-interval`.
enum OutputDocuments {
  /// The last complete document that is a value of a type; nil without one.
  static func last<Value: Decodable>(_ type: Value.Type, in output: [UInt8]) -> Value? {
    for range in ranges(output).reversed() {
      if let value = try? JSON.decode(type, from: output[range]) { return value }
    }
    return nil
  }

  /// The text outside of the documents.
  static func text(around output: [UInt8]) -> String {
    var rest: [UInt8] = []
    var start = 0
    for range in ranges(output) {
      rest += output[start..<range.lowerBound]
      start = range.upperBound
    }
    rest += output[start...]
    return String(decoding: rest.prefix(4096), as: UTF8.self)
  }

  /// Documents that begin with a brace at the start of a line, which no part of an indented one does.
  private static func ranges(_ output: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var position = 0
    // Each brace without an end costs a pass over the rest.
    var failures = 0
    while position < output.count, failures < 16 {
      let isStart = position == 0 || output[position - 1] == 0x0a
      guard isStart, output[position] == 0x7b else {
        position += 1
        continue
      }
      if let end = end(of: position, output) {
        found.append(position..<end)
        if found.count > 1024 { found.removeFirst(512) }
        position = end
      } else {
        failures += 1
        position += 1
      }
    }
    return found
  }

  /// Where the object that starts at a position ends.
  private static func end(of start: Int, _ output: [UInt8]) -> Int? {
    var depth = 0
    var isText = false
    var isEscaped = false
    for position in start..<output.count {
      let byte = output[position]
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5c {
          isEscaped = true
        } else if byte == 0x22 {
          isText = false
        }
      } else if byte == 0x22 {
        isText = true
      } else if byte == 0x7b {
        depth += 1
      } else if byte == 0x7d {
        depth -= 1
        if depth == 0 { return position + 1 }
      }
    }
    return nil
  }
}

/// A number of a program's output: finite, not negative, and small enough for whatever is done with it.
/// Anything else is unknown.
struct OutputNumber: Decodable {
  var value: Double?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let number = try? container.decode(Double.self) else { return }
    // 2^53: whole numbers up to here are exact.
    value = number.isFinite && number >= 0 && number <= 9_007_199_254_740_992 ? number : nil
  }
}

import Foundation

/// Outputs without what lives: values that change from one reading to the next.
enum Masked {
  /// Keys of JSON documents whose values live.
  private static let live: Set<String> = [
    "counts", "uptimeSeconds", "freeFiles", "loadAverages", "availableBytes", "freeBytes",
    "usedBytes",
    "busyShare", "memoryByNode", "processCount", "taskCount", "swapFreeBytes", "effectiveAffinity",
    "bytesRead", "bytesWritten", "temperatureCelsius", "celsius", "hostReadCommands", "handled",
    "handledOnOwnNode", "memoryAvailableBytes", "memoryFreeBytes", "processes",
    "powerWatts", "maximumErrorMicroseconds", "cpuBusyShare", "time",
  ]

  /// The lines of a document, without the values of such keys.
  static func json(_ text: String) throws -> [String] {
    let masked = mask(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    let data = try JSONSerialization.data(
      withJSONObject: masked, options: [.sortedKeys, .prettyPrinted])
    return String(decoding: data, as: UTF8.self).components(separatedBy: "\n")
  }

  private static func mask(_ value: Any) -> Any {
    if let object = value as? [String: Any] {
      // Evidence of a check names the fact that its value is of.
      let isOfLive = object.values.contains { text in
        (text as? String)?.split(separator: ".").last.map { live.contains(String($0)) } ?? false
      }
      return Dictionary(
        // Which event was the last only tinyboxd knows, and its history here is one of its own.
        uniqueKeysWithValues: object.filter { !["lastEvent", "proofs"].contains($0.key) }.map {
          key, value in
          // What it is called and whether it is there still counts.
          (
            key,
            live.contains(key) && !(value is [[String: Any]]) || isOfLive && key == "value"
              ? "lives" : mask(value)
          )
        })
    }
    if let list = value as? [Any] { return list.map(mask) }
    // A sentence may tell a number that lives: free space in the summary of a check.
    if let text = value as? String, text.contains(" ") { return Masked.text(text) }
    return value
  }

  /// The lines of a text, every number that stands by itself masked, and columns as wide as they
  /// come. An address, a name with digits and a version are words.
  static func text(_ text: String) -> [String] {
    text.components(separatedBy: "\n").map { line in
      // In a picture memory in use, as a bar and in words.
      if line.hasPrefix("<rect class=\"used\"") || line.hasSuffix(" % in use</text>") {
        return "in use"
      }
      let words = line.split(separator: " ").map { word in
        word.first?.isNumber == true && word.allSatisfy { "0123456789.,/%eE+-".contains($0) }
          ? "#" : ["KiB", "MiB", "GiB", "TiB"].contains(word) ? "B" : String(word)
      }
      let masked = words.joined(separator: " ")
      // What trials have proven.
      let isProof =
        masked.hasPrefix("not tried: ") || masked.hasPrefix("unknown: there is no history")
      return isProof ? "proofs" : masked
    }
  }

  /// Lines that are not in both.
  static func differences(_ a: [String], _ b: [String]) -> [String] {
    b.difference(from: a).map { change in
      switch change {
      case .remove(let line, let text, _): "only from the daemon, line \(line + 1): \(text)"
      case .insert(let line, let text, _): "only from the machine, line \(line + 1): \(text)"
      }
    }
  }
}

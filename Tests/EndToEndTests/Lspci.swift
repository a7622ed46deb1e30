import Foundation

/// One function as `lspci -Dvvnn` describes it.
struct LspciFunction {
  var address: String
  var classCode = ""
  var vendorDevice = ""
  var lines: [String] = []

  /// The functions of the whole output, by address.
  static func parse(_ text: String) -> [String: LspciFunction] {
    var functions: [String: LspciFunction] = [:]
    var current: LspciFunction?
    for line in text.components(separatedBy: "\n") {
      if let first = line.first, first.isHexDigit, let space = line.firstIndex(of: " ") {
        if let current { functions[current.address] = current }
        var next = LspciFunction(address: String(line[..<space]))
        let ids = line.matches(of: /\[([0-9a-f:]{4,9})\]/).map { String($0.1) }
        next.classCode = ids.first ?? ""
        next.vendorDevice = ids.first { $0.contains(":") } ?? ""
        current = next
      } else {
        current?.lines.append(line.trimmingCharacters(in: .whitespaces))
      }
    }
    if let current { functions[current.address] = current }
    return functions
  }

  /// The text behind a prefix of a line.
  func value(_ prefix: String) -> String? {
    lines.first { $0.hasPrefix(prefix) }.map {
      String($0.dropFirst(prefix.count)).trimmingCharacters(in: .whitespaces)
    }
  }

  /// `Speed 8GT/s, Width x4` of a LnkCap or LnkSta line; nil when lspci has no number.
  func rate(_ register: String) -> (speed: Double, width: Int)? {
    guard let line = value(register),
      let match = line.firstMatch(of: /Speed ([0-9.]+)GT\/s.*?Width x([0-9]+)/),
      let speed = Double(match.1), let width = Int(match.2)
    else { return nil }
    return (speed, width)
  }

  /// Memory and I/O regions: index and size in bytes, for those lspci gives a size.
  var regions: [Int: UInt64] {
    var sizes: [Int: UInt64] = [:]
    for line in lines {
      guard let match = line.firstMatch(of: /^Region ([0-9]): .*\[size=([0-9]+)([KMGT]?)\]/),
        let index = Int(match.1), let number = UInt64(match.2)
      else { continue }
      let shift: UInt64 = ["K": 10, "M": 20, "G": 30, "T": 40][String(match.3)] ?? 0
      sizes[index] = number << shift
    }
    return sizes
  }

  /// Names with a plus in a line of flags such as `ACSCtl: SrcValid+ TransBlk-`.
  func flagsOn(_ register: String) -> [String]? {
    value(register)?.split(separator: " ").filter { $0.hasSuffix("+") }.map {
      String($0.dropLast())
    }
  }
}

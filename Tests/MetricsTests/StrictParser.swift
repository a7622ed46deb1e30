import Metrics

/// Reads both formats as strictly as their texts say, and a little more strictly where readers
/// differ: metadata first and in one order, no empty family, no control characters.
struct StrictParser {
  struct Fault: Error, CustomStringConvertible {
    var line: String
    var why: String
    var description: String { "\(why): \(line)" }
  }
  struct Series: Hashable {
    var name: String
    var labels: [String: String]
  }
  struct Family {
    var name: String
    var type: String
    var help: String
    var unit: String?
    var samples: [(series: Series, value: Double)] = []
  }

  /// The families, in order.
  static func families(_ text: String, _ format: Exposition) throws -> [Family] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    func fail(_ why: String, _ line: String = "") -> Fault { Fault(line: line, why: why) }
    guard lines.popLast() == "" || text.isEmpty else { throw fail("last line without an end") }
    if format == .openmetrics, lines.popLast() != "# EOF" { throw fail("no EOF at the end") }
    var families: [Family] = []
    var seen: Set<Series> = []
    var names: Set<String> = []
    var index = 0
    func metadata(_ key: String) -> (String, String)? {
      guard index < lines.count, lines[index].hasPrefix("# \(key) ") else { return nil }
      let rest = lines[index].dropFirst(key.count + 3)
      guard let space = rest.firstIndex(of: " ") else { return nil }
      index += 1
      return (String(rest[..<space]), String(rest[rest.index(after: space)...]))
    }
    while index < lines.count {
      let start = lines[index]
      guard let (name, help) = metadata("HELP") else { throw fail("no HELP", start) }
      guard let (typed, type) = metadata("TYPE"), typed == name else { throw fail("TYPE", start) }
      var family = Family(name: name, type: type, help: try unescaped(help[...], quotes: false))
      if let (measured, unit) = metadata("UNIT") {
        guard format == .openmetrics, measured == name, name.hasSuffix("_" + unit), type != "info"
        else { throw fail("UNIT", start) }
        family.unit = unit
      }
      guard isName(name), names.insert(name).inserted else { throw fail("family name", start) }
      let kinds = format == .openmetrics ? ["gauge", "counter", "info"] : ["gauge", "counter"]
      guard kinds.contains(type) else { throw fail("type \(type)", start) }
      let suffix = format == .prometheus ? "" : ["counter": "_total", "info": "_info"][type] ?? ""
      while index < lines.count, !lines[index].hasPrefix("#") {
        let line = lines[index]
        let (series, value) = try sample(line)
        guard series.name == name + suffix else { throw fail("another family", line) }
        guard seen.insert(series).inserted else { throw fail("twice", line) }
        guard value.isFinite else { throw fail("not finite", line) }
        if type == "counter" {
          guard value >= 0, series.name.hasSuffix("_total") else { throw fail("counter", line) }
        } else if series.name.hasSuffix("_total") {
          throw fail("a \(type) called total", line)
        }
        if series.name.hasSuffix("_info"), value != 1 { throw fail("info", line) }
        family.samples.append((series, value))
        index += 1
      }
      guard !family.samples.isEmpty else { throw fail("empty family", start) }
      families.append(family)
    }
    return families
  }

  private static func sample(_ line: String) throws -> (Series, Double) {
    func fail(_ why: String) -> Fault { Fault(line: line, why: why) }
    guard let end = line.firstIndex(where: { $0 == "{" || $0 == " " }), isName(String(line[..<end]))
    else { throw fail("sample name") }
    var series = Series(name: String(line[..<end]), labels: [:])
    var rest = line.unicodeScalars[end...]
    if rest.first == "{" {
      repeat {
        rest.removeFirst()
        guard let equals = rest.firstIndex(of: "=") else { throw fail("label") }
        let name = String(rest[..<equals])
        rest = rest[rest.index(after: equals)...]
        guard isName(name), !name.contains(":"), rest.popFirst() == "\"" else {
          throw fail("label \(name)")
        }
        var raw = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
          raw.append(scalar)
          if scalar == "\\", let next = rest.popFirst() { raw.append(next) }
        }
        let value = try unescaped(String(raw)[...], quotes: true)
        guard !value.isEmpty, series.labels.updateValue(value, forKey: name) == nil else {
          throw fail("label \(name) empty or twice")
        }
      } while rest.first == ","
      guard rest.popFirst() == "}" else { throw fail("no end of labels") }
    }
    guard rest.popFirst() == " ", let value = Double(String(rest)) else { throw fail("value") }
    return (series, value)
  }

  private static func unescaped(_ text: Substring, quotes: Bool) throws -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\\" {
        switch rest.popFirst() {
        case "\\": result.append("\\")
        case "n": result.append("\n")
        case "\"" where quotes: result.append("\"")
        default: throw Fault(line: String(text), why: "escape")
        }
      } else if scalar.properties.generalCategory == .control {
        throw Fault(line: String(text), why: "control character")
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
      default: false
      }
    }
  }
}

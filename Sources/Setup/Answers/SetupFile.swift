package import Base
package import Configuration

/// A file of answers: those for every box, and those for single boxes by serial number, so that one file serves
/// many.
package struct SetupFile: Hashable, Sendable {
  /// Its path, or the name of the credential.
  package var path: String
  /// The answers outside `[box]`.
  package var common: SetupAnswers
  /// The answers for single boxes, by serial number: the common ones, with what the box has of its own.
  package var boxes: [Box]

  /// The answers for a box.
  package struct Box: Hashable, Sendable {
    /// Serial number of the machine or its board.
    package var serial: String
    /// Where its table stands.
    package var position: ConfigurationPosition
    /// Its answers.
    package var answers: SetupAnswers
  }

  /// The table of single boxes.
  package static let boxKey = "box"
  /// The owner's file.
  package static let main = "/etc/tinybox/setup.toml"
  /// The name of the credential (systemd.exec(5), LoadCredential=).
  package static let credential = "tinybox.setup"
  /// The longest file, bytes: that of every file of the configuration.
  package static let longest = 1 << 20

  /// The answers in the text of a file.
  /// - Throws: everything that is wrong in it, by lines.
  package static func parse(
    _ text: [UInt8], path: String
  ) throws(ConfigurationFailure) -> SetupFile {
    var table: TOMLTable
    do throws(ConfigurationProblem) {
      table = try TOMLParser.parse(text, file: path)
    } catch {
      throw ConfigurationFailure(problems: [error])
    }
    var problems: [ConfigurationProblem] = []
    var boxes: [Box] = []
    let sections = table.entries.removeValue(forKey: boxKey)
    let common = decoded(table, isWhole: sections == nil, &problems)
    if let sections { boxes = self.boxes(sections, table, &problems) }
    if !problems.isEmpty {
      throw ConfigurationFailure(problems: problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }
    return SetupFile(path: path, common: common, boxes: boxes)
  }

  private static func boxes(
    _ node: TOMLNode, _ common: TOMLTable, _ problems: inout [ConfigurationProblem]
  ) -> [Box] {
    guard case .table(let sections) = node.value else {
      problems.append(
        ConfigurationProblem(
          node.position, key: boxKey,
          "expected a table for each serial number such as [box.\"ABC123\"], found "
            + node.value.kind))
      return []
    }
    return sections.entries.sorted { $0.key < $1.key }.compactMap { serial, node in
      let key = TOMLTable.path([boxKey, serial])
      guard case .table(let own) = node.value else {
        problems.append(
          ConfigurationProblem(
            node.position, key: key,
            "expected a table, found \(node.value.kind); the section of a box is [box.\"SERIAL\"]"))
        return nil
      }
      var merged = common
      merged.merge(own)
      return Box(
        serial: serial, position: node.position, answers: decoded(merged, isWhole: true, &problems))
    }
  }

  private static func decoded(
    _ table: TOMLTable, isWhole: Bool, _ problems: inout [ConfigurationProblem]
  ) -> SetupAnswers {
    var answers = SetupAnswers()
    let found = TableDecoder.decode(table, SetupAnswers.keys, into: &answers, isWhole: isWhole)
    // What is wrong with a common answer is wrong for every box.
    for problem in found where !problems.contains(problem) { problems.append(problem) }
    return answers
  }

  /// The answers for a box.
  /// - Parameter serials: the serial numbers that it has, of machine and board.
  /// - Throws: `Failure` where the file has sections for boxes and none, or more than one, is for this one.
  package func answers(for serials: [String]) throws(Failure) -> SetupAnswers {
    if boxes.isEmpty { return common }
    let step = "use the answers of \(path)"
    let own = boxes.filter { serials.contains($0.serial) }
    if own.count > 1 {
      throw Failure(
        step,
        because: "[box.\"\(own[0].serial)\"] and [box.\"\(own[1].serial)\"] are both this box",
        code: .conflict)
    }
    if let first = own.first { return first.answers }
    let known =
      serials.isEmpty
      ? "no serial number can be read here"
      : "this box is "
        + serials.joined(separator: ", ")
    let near = serials.lazy.compactMap { NearestWord.find($0, in: boxes.map(\.serial)) }.first
    throw Failure(
      step, because: "no [box] section is for this box: \(known)",
      hint: near.map { "did you mean [box.\"\(serials.first ?? "")\"] with '\($0)'?" }
        ?? "an empty section [box.\"\(serials.first ?? "SERIAL")\"] takes the common answers",
      code: .conflict)
  }
}

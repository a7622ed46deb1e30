internal import Base
internal import Configuration

/// Questions for the answers that matter, one after the other. It holds what was answered, and makes a file of it;
/// the caller talks to the person. Every answer is held against the same rules as a file.
package struct SetupInterview {
  /// A drive that may be used.
  package struct Drive: Hashable, Sendable {
    /// Serial number.
    package var serial: String
    /// What it is, in words.
    package var text: String

    package init(serial: String, text: String) { (self.serial, self.text) = (serial, text) }
  }

  /// What is known of the box, for what is proposed.
  package struct Facts: Hashable, Sendable {
    /// The name of the host that it has.
    package var hostName: String?
    /// GPUs on cards; nil where they could not be counted.
    package var gpus: Int?
    /// Drives that may be used without consent; empty where this version sets up none.
    package var drives: [Drive]
    /// Whether somebody can log in without a new key; nil where that is not known.
    package var hasWayIn: Bool?

    package init(
      hostName: String?, gpus: Int?, drives: [Drive] = [], hasWayIn: Bool?
    ) {
      (self.hostName, self.gpus, self.drives, self.hasWayIn) = (hostName, gpus, drives, hasWayIn)
    }
  }

  /// What is asked.
  package enum Question: Hashable, Sendable {
    case hostName, key, consoleOnly, gpus, drives, layout, model, modelName, runtime, modelGPUs
  }

  private let facts: Facts
  /// What is wrong in the text of a file of answers.
  private let problems: (String) -> [String]
  /// The text of a file that an answer names; nil where it cannot be read.
  private let file: (String) -> String?
  private var open: [Question]
  private var answers = SetupAnswerText()

  /// - Parameters:
  ///   - problems: what `setup validate` says of a text.
  ///   - file: the text of a file.
  package init(
    _ facts: Facts, problems: @escaping (String) -> [String],
    file: @escaping (String) -> String? = { _ in nil }
  ) {
    (self.facts, self.problems, self.file) = (facts, problems, file)
    open = [.hostName, .key, .gpus] + (facts.drives.isEmpty ? [] : [.drives]) + [.model]
  }

  /// The next question; nil where all is answered.
  package var question: Question? { open.first }
  /// The file so far.
  package var text: String { answers.text }

  /// What an empty line stands for; nil for nothing.
  package var proposal: String? {
    switch question {
    case .hostName: facts.hostName
    case .gpus: facts.gpus.map { "\($0)" }
    case .consoleOnly: "no"
    case .layout: "mirror"
    case .runtime: "model"
    case .modelGPUs: (facts.gpus ?? 0) > 0 ? "1" : "0"
    default: nil
    }
  }

  /// The question in words, in lines of a terminal of 80 columns.
  package var lines: [String] {
    switch question {
    case .hostName: ["Name of the host."]
    case .key:
      answers.keys.isEmpty
        ? ["A public key of SSH for root: the key, or the path of its file.", "Empty for none."]
        : ["Another key. Empty for no more."]
    case .consoleOnly:
      [
        facts.hasWayIn == false
          ? "Without a key nobody could log in: no account has a password."
          : "Without a key it is not known who could log in.",
        "Is that right (yes or no)? 'no' asks for a key again.",
      ]
    case .gpus: ["How many GPUs the box must have. Set-up stops at another number."]
    case .drives:
      ["Drives for models and data, by serial number, with commas between them."]
        + facts.drives.map { "  \($0.serial)  \($0.text)" } + [
          "Empty for none: no drive is touched."
        ]
    case .layout:
      [
        "How the drives are put together: mirror or raid0.",
        "A dead drive of raid0 loses all. An array ends transfers from drive to GPU.",
      ]
    case .model:
      [
        "A model: an absolute path, an https address, or hf:OWNER/REPO/FILE.", "Empty for none.",
      ]
    case .modelName: ["The name of the model: its address does not give one."]
    case .runtime: ["The name of the runtime that answers: what clients call 'model'."]
    case .modelGPUs: ["How many GPUs the model has; 0 is the CPUs."]
    case nil: []
    }
  }

  /// Takes an answer.
  /// - Returns: what is wrong with it; empty where nothing is, and the next question is due.
  package mutating func answer(_ line: String) -> [String] {
    guard let question else { return [] }
    let typed = SetupAnswerText.trimmed(line)
    let value = typed.isEmpty ? proposal ?? "" : typed
    var next = answers
    var more: [Question] = []
    if let problem = take(value, for: question, into: &next, &more) { return [problem] }
    let wrong = problems(next.text)
    // A name that is missing is the next question, and not a mistake.
    if question == .model, !wrong.isEmpty {
      var named = next
      named.modelName = "name"
      if problems(named.text).isEmpty {
        answers = next
        open.replaceSubrange(0..<1, with: [.modelName] + more)
        return []
      }
    }
    if !wrong.isEmpty { return wrong }
    answers = next
    open.replaceSubrange(0..<1, with: more)
    return []
  }

  /// Puts a value into the answers, and says what is asked because of it.
  private func take(
    _ value: String, for question: Question, into next: inout SetupAnswerText,
    _ more: inout [Question]
  ) -> String? {
    switch question {
    case .hostName: next.hostName = value.isEmpty ? nil : value
    case .key: return takeKey(value, into: &next, &more)
    case .consoleOnly:
      guard let isYes = Self.yesOrNo(value) else { return "takes yes or no" }
      if isYes { next.consoleOnly = true } else { more = [.key] }
    case .gpus:
      if value.isEmpty { break }
      guard let number = Int(value) else { return "'\(value)' is no number" }
      next.gpus = number
    case .drives:
      next.drives = value.split(separator: ",").map { SetupAnswerText.trimmed(String($0)) }
      let known = facts.drives.map(\.serial)
      if let unknown = next.drives.first(where: { !known.contains($0) }) {
        return "there is no drive '\(unknown)'"
          + (NearestWord.find(unknown, in: known).map { "; did you mean '\($0)'?" } ?? "")
      }
      if next.drives.count > 1 {
        next.layout = "mirror"
        more = [.layout]
      }
    case .layout: next.layout = value
    case .model:
      if value.isEmpty { break }
      next.model = value
      more = [.runtime, .modelGPUs]
    case .modelName: next.modelName = value
    case .runtime: next.runtime = value
    case .modelGPUs:
      guard let number = Int(value) else { return "'\(value)' is no number" }
      if let gpus = next.gpus ?? facts.gpus, number > gpus { return "the box has \(gpus) GPUs" }
      next.modelGPUs = number
    }
    return nil
  }

  private func takeKey(
    _ value: String, into next: inout SetupAnswerText, _ more: inout [Question]
  ) -> String? {
    if value.isEmpty {
      // Whoever can log in by a password, or by a key that is there, needs no other.
      if next.keys.isEmpty, facts.hasWayIn != true { more = [.consoleOnly] }
      return nil
    }
    var added = [value]
    if value.hasPrefix("/") || value.hasPrefix("~") {
      guard let text = file(value) else { return "\(value) cannot be read" }
      do throws(ConfigurationFailure) {
        added = try SetupKeys.parse(Array(text.utf8), path: value)
      } catch {
        return error.problems.first?.description ?? "\(value) has no key"
      }
      if added.isEmpty { return "\(value) has no key" }
    }
    next.keys += added.filter { !next.keys.contains($0) }
    more = [.key]
    return nil
  }

  /// An answer to a question of yes or no; nil for another.
  package static func yesOrNo(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "y", "yes": true
    case "n", "no": false
    default: nil
    }
  }
}

package import Base
package import Configuration
internal import Health
internal import Linux
package import Setup

/// Files of answers for the first boot: read, and held against what this version of tinybox knows.
package enum SetupAnswerOperations {
  /// The file, or everything that is wrong in it.
  /// - Throws: `Failure` (`usage`) where it cannot be read.
  package static func read(
    _ path: String
  ) throws(Failure) -> Result<SetupFile, ConfigurationFailure> {
    let text: [UInt8]
    do throws(Errno) {
      text = try StampedFile.read(path, limit: SetupFile.longest).bytes
    } catch {
      throw Failure("read \(path)", error, code: .usage)
    }
    return parse(text, path: path)
  }

  /// The answers in a text, or everything that is wrong in it.
  package static func parse(
    _ text: [UInt8], path: String
  ) -> Result<SetupFile, ConfigurationFailure> {
    do throws(ConfigurationFailure) {
      let file = try SetupFile.parse(text, path: path)
      var problems: [ConfigurationProblem] = []
      for answers in [file.common] + file.boxes.map(\.answers) {
        for problem in unknownNames(answers) where !problems.contains(problem) {
          problems.append(problem)
        }
      }
      if problems.isEmpty { return .success(file) }
      problems.sort { ($0.line ?? 0) < ($1.line ?? 0) }
      return .failure(ConfigurationFailure(problems: problems))
    } catch {
      return .failure(error)
    }
  }

  /// What is wrong in a text, in words without a place: it is no file yet.
  package static func problems(_ text: String) -> [String] {
    switch parse(Array(text.utf8), path: "") {
    case .success: []
    case .failure(let failure): failure.problems.map(\.message)
    }
  }

  /// The words for a profile that are no name of one.
  static let profileWords = ["learn", "none"]

  /// Names of checks and profiles that this version does not have.
  private static func unknownNames(_ answers: SetupAnswers) -> [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    func judge(
      _ name: Setting<String>, _ known: [String], _ key: String, _ what: String, _ others: String
    ) {
      guard !known.contains(name.value), let position = name.position else { return }
      let hint =
        NearestWord.find(name.value, in: known).map { "did you mean '\($0)'?" }
        ?? others
      problems.append(
        ConfigurationProblem(position, key: key, "there is no \(what) '\(name.value)'; \(hint)"))
    }
    let checks = Checks.all.map { $0.info.id }
    for id in answers.check.accept {
      judge(id, checks, "check.accept", "check", "'tinyboxctl check --all' lists them")
    }
    if let profile = answers.profile {
      judge(
        profile, profileWords + Profile.shipped.map(\.name), "profile", "profile",
        "known are " + (profileWords + Profile.shipped.map(\.name)).joined(separator: ", "))
    }
    return problems
  }
}

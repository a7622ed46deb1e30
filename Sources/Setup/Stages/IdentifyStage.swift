internal import Base
internal import Configuration

/// Which box this is, and what it should have from now on.
struct IdentifyStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .identify }

  private static let key = "profile"

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    let wanted = answers.profile?.value ?? "learn"
    let before = try machine.profile()
    switch wanted {
    case "none": return .work(.init(intent: [Self.key: "none"]))
    case "learn":
      if before != nil { return .work(.init(intent: [Self.key: "keep"])) }
      return .work(.init(["remember what the box has"], intent: [Self.key: "learn"]))
    default:
      if let before, before != wanted {
        throw Failure(
          "use the profile '\(wanted)'", because: "the profile '\(before)' is in force",
          hint: "'tinyboxctl profile forget' removes it", code: .conflict)
      }
      if before != nil { return .work(.init(intent: [Self.key: "keep"])) }
      return .work(.init(["use the profile '\(wanted)'"], intent: [Self.key: "name:\(wanted)"]))
    }
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    let wanted = intent[Self.key] ?? "none"
    if wanted == "learn", try machine.profile() == nil {
      try machine.learnProfile(
        allowsNone: answers.check.gpus?.value == 0, allowsFailures: !answers.check.accept.isEmpty)
    } else if wanted.hasPrefix("name:"), try machine.profile() == nil {
      try machine.useProfile(String(wanted.dropFirst("name:".count)))
    }
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let serials = try machine.serials()
    let profile = try machine.profile()
    let wanted = intent[Self.key] ?? "none"
    let isMet =
      wanted == "none"
      || (wanted.hasPrefix("name:") ? profile == String(wanted.dropFirst(5)) : profile != nil)
    guard isMet else { throw Failure("identify the box", because: "no profile is in force") }
    return [
      serials.isEmpty
        ? "serial number: not readable" : "serial number: \(serials.joined(separator: ", "))",
      "profile: \(profile ?? "none")",
    ]
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    guard let wanted = intent[Self.key], wanted == "learn" || wanted.hasPrefix("name:") else {
      return
    }
    try machine.forgetProfile()
  }
}

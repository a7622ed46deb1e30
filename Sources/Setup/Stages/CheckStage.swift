internal import Base
internal import Configuration

/// What must be right before anything is changed. It changes nothing.
struct CheckStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .check }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    .work(.init(["look for GPUs and links, run the checks"]))
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let hardware = try machine.hardware()
    let accepted = Set(answers.check.accept.map(\.value))
    let failed = hardware.findings.filter { $0.isFailure }
    let standing = failed.filter { !accepted.contains($0.check) }
    var problems: [String] = []
    var hints: [String] = []
    if let (problem, hint) = gpus(hardware, answers) {
      problems.append(problem)
      hints.append(hint)
    }
    if let (problem, hint) = links(hardware, answers) {
      problems.append(problem)
      hints.append(hint)
    }
    for finding in standing {
      problems.append("\(finding.check): \(finding.text)")
      if let advice = finding.advice { hints.append("\(finding.check): \(advice)") }
    }
    if let first = standing.first {
      hints.append(
        "'tinyboxctl check --explain \(first.check)' explains it; accept = [\"\(first.check)\"] in [check] goes on "
          + "all the same")
    }
    if !problems.isEmpty {
      throw Failure(
        "set the box up", because: problems.joined(separator: "\n"),
        hint: hints.joined(separator: "\n"), code: .conflict)
    }
    var notes = ["GPUs: \(hardware.gpus.count)"]
    let down = hardware.links.filter { $0.value == .some(false) }.keys.sorted()
    if !down.isEmpty { notes.append("no link: \(down.joined(separator: ", "))") }
    if !failed.isEmpty {
      notes.append("failed and accepted: " + failed.map(\.check).joined(separator: ", "))
    }
    let warnings = hardware.findings.count - failed.count
    if warnings > 0 { notes.append("warnings: \(warnings); 'tinyboxctl check' shows them") }
    if hardware.unknownChecks > 0 { notes.append("checks not known: \(hardware.unknownChecks)") }
    return notes
  }

  /// A GPU that is missing.
  private func gpus(
    _ hardware: SetupHardware, _ answers: SetupAnswers
  ) -> (problem: String, hint: String)? {
    let found = hardware.gpus.count
    if let wanted = answers.check.gpus {
      if found == wanted.value { return nil }
      return (
        "GPUs: \(found) found, and [check] gpus = \(wanted.value)",
        found < wanted.value
          ? "a card that is missing has no power or is loose: shut down, take the power off, plug it in again"
          : "correct [check] gpus"
      )
    }
    if found > 0 { return nil }
    return (
      "no GPU was found", "plug in the cards and their power; [check] gpus = 0 is for a box without"
    )
  }

  /// No adapter has a link, and something comes over the network.
  private func links(
    _ hardware: SetupHardware, _ answers: SetupAnswers
  ) -> (problem: String, hint: String)? {
    guard answers.needsNetwork, !hardware.links.isEmpty,
      hardware.links.values.allSatisfy({ $0 == .some(false) })
    else { return nil }
    return (
      "no network adapter has a link: \(hardware.links.keys.sorted().joined(separator: ", "))",
      "plug a cable in, or switch the other end on"
    )
  }
}

extension SetupAnswers {
  /// Whether the runtime is to be installed.
  var wantsRuntime: Bool { runtime.install?.value ?? (model.source != nil) }

  /// Whether something may come over the network.
  var needsNetwork: Bool {
    network.required?.value == true || !network.names.isEmpty || model.host != nil
      || wantsRuntime && runtime.wheels == nil
  }
}

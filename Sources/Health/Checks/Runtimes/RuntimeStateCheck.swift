internal import Base
internal import Inventory
internal import RuntimeCatalog

/// Whether each runtime of a model answers, and why not.
enum RuntimeStateCheck: Check {
  static let info = CheckInfo(
    id: "runtime-state",
    title: "States of runtimes",
    area: .runtimes,
    harm: .largeLoss,
    why: """
      A runtime that failed answers nobody. systemd starts one that ends again; after five ends \
      in ten minutes it stops doing so, and tinyboxd tries later, each time later. One without \
      its GPU or with a damaged model is not started at all, since it would only fail.
      """,
    reads: ["runtimes.runtimes[NAME].state, reason, restarts (/run/tinybox/runtimes.json)"],
    verdicts: [
      .pass: "it answers, or starts with the first request; a job that runs",
      .warn: "it ended with a failure and is started again",
      .fail: "it failed, its GPU is missing, or its model is damaged",
      .unknown: "the registry of tinyboxd cannot be read",
      .notApplicable: "no runtime, one that the owner stopped, one that starts, a job that ended",
    ],
    fix: "Read why, and what the runtime printed last.",
    risk: "Starting a runtime again ends the requests it works on.",
    sources: ["systemd.unit(5): StartLimitBurst=", "units/tinybox-runtime@.service"],
    needs: [.runtimes])

  static func evaluate(_ box: Box) -> [Finding] { eachRuntime(box, judge) }

  private static func judge(_ all: RuntimesState, _ runtime: HostedRuntime) -> Finding? {
    let subject = RuntimeEvidence.subject(runtime)
    guard let state = runtime.state else {
      if let gap = all.unknown.first(where: { $0.fact == "registryWritten" }) {
        return unknown(
          "state not known", subject,
          evidence: [
            Evidence(
              missing: RuntimeEvidence.path(runtime, "state"), path: gap.path, reason: gap.reason)
          ])
      }
      // What tinyboxd has not seen yet, on which the check of the registry reports.
      return notApplicable("tinyboxd says nothing of it", subject)
    }
    var evidence = [RuntimeEvidence.ofRegistry(runtime, "state", state.rawValue)]
    if let reason = runtime.reason {
      evidence.append(RuntimeEvidence.ofRegistry(runtime, "reason", reason))
    }
    if let restarts = runtime.restarts, restarts > 0 {
      evidence.append(RuntimeEvidence.ofRegistry(runtime, "restarts", "\(restarts)"))
    }
    let why = runtime.reason.flatMap { $0.split(separator: "\n").first.map(String.init) }
    let isJob = runtime.isJob == true
    switch state {
    case .ready where isJob: return pass("runs", subject, evidence: evidence)
    case .stopped where isJob:
      return notApplicable("ended, or not started", subject, evidence: evidence)
    case .ready: return pass("answers", subject, evidence: evidence)
    case .idle: return pass("idle, starts with a request", subject, evidence: evidence)
    case .stopped: return notApplicable("stopped by the owner", subject, evidence: evidence)
    case .draining: return notApplicable("draining", subject, evidence: evidence)
    case .starting:
      guard let why else { return notApplicable("starts", subject, evidence: evidence) }
      return warn(
        "fails and is started again: \(why)", subject, evidence: evidence, advice: [read(runtime)])
    case .failed:
      return fail(
        "failed" + (why.map { ": \($0)" } ?? ""), subject, evidence: evidence,
        consequence: isJob ? "its work is not done" : "requests for it are answered with 503",
        advice: [read(runtime), again(runtime)])
    case .missingGPU:
      return fail(
        "no GPU" + (why.map { ": \($0)" } ?? ""), subject, evidence: evidence,
        consequence: "it is not started",
        advice: [
          Advice(
            "see which GPUs there are and who uses them",
            commands: [
              "tinyboxctl devices gpu", "tinyboxctl runtime list",
            ]),
          Advice(
            "or give it others: 'gpus' in its file",
            commands: ["editor /etc/tinybox/runtimes/\(runtime.name).toml"]),
        ], harm: .deviceLost)
    case .damagedModel:
      let model = runtime.model.map(Text.quoted) ?? "NAME"
      return fail(
        "damaged model" + (why.map { ": \($0)" } ?? ""), subject, evidence: evidence,
        consequence: "it is not started",
        advice: [
          Advice("see what is wrong", commands: ["tinyboxctl model verify \(model)"]),
          Advice(
            "remove the model and add it again",
            commands: ["tinyboxctl model remove --force \(model)"],
            risk: "its files are deleted"),
        ])
    }
  }

  private static func read(_ runtime: HostedRuntime) -> Advice {
    Advice(
      "read what it printed last",
      commands: ["journalctl -b -u \(RuntimeEvidence.unit(runtime)) -n 50"])
  }

  private static func again(_ runtime: HostedRuntime) -> Advice {
    Advice(
      "start it again when the cause is gone",
      commands: ["tinyboxctl runtime restart \(runtime.name)"])
  }
}

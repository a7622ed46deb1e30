internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Linux
internal import Operations
internal import Placement
internal import Render

extension PlacementCommand.Apply {
  /// Tries the changes of each device, and keeps what does not lose.
  func proveAll() throws {
    var isAllKept = true
    var stopped: TrialFollower.Stopped?
    try perform { () throws(Failure) in
      let session = reading.session
      let changes = try changes(session)
      let style = display.display.style
      var devices: [BenchmarkTrialDocument.Device] = []
      let follower = TrialFollower(
        trial: trial, policy: policy.policy, keeps: true, style: style)
      for group in ProvenGroup.all(changes) {
        do {
          devices.append(try group.tried(by: follower))
        } catch let stop as TrialFollower.Stopped {
          stopped = stop
          break
        } catch {
          throw error as? Failure ?? Failure("try the placement of \(group.subject)", error)
        }
      }
      isAllKept = devices.allSatisfy { $0.outcome == .kept }
      let document = BenchmarkTrialDocument(devices)
      try Output.write(try session.text(document) { TrialTable.render(document, style) })
    }
    if let stopped { throw TrialFollower.stop(stopped) }
    if !isAllKept { throw ExitCode(1) }
  }

  private func changes(_ session: Session) throws(Failure) -> [Change] {
    let step = "apply what is proven"
    if reading.sysroot != nil {
      throw Failure(
        step, because: "a recording cannot be changed",
        hint: "'tinyboxctl benchmark placement DEVICE --sysroot' shows what would be measured",
        code: .usage)
    }
    if !CallingUser.isRoot {
      throw Failure(
        step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
    let planned = try session.placement(policy.policy).plan()
    if planned.policy.mode == .enforce {
      throw Failure(
        step, because: "the policy says mode = \"enforce\": tinyboxd would place again what loses",
        hint: "set mode = \"observe\", or leave a device's settings alone in its "
          + "[placement.device] table", code: .conflict)
    }
    return planned.plan.changes.filter(\.isAllowed)
  }
}

/// The changes of one device, or of what is none.
private struct ProvenGroup {
  var subject: String
  var device: PCIAddress?

  /// One for each device, in the order of the plan.
  static func all(_ changes: [Change]) -> [ProvenGroup] {
    var groups: [ProvenGroup] = []
    for change in changes {
      let isKnown = groups.contains {
        change.device == nil
          ? $0.device == nil && $0.subject == change.subject
          : $0.device == change.device
      }
      if !isKnown { groups.append(ProvenGroup(subject: change.subject, device: change.device)) }
    }
    return groups
  }

  /// The trial of the group. What cannot be tried is a result.
  /// - Throws: `TrialFollower.Stopped`.
  func tried(by follower: TrialFollower) throws -> BenchmarkTrialDocument.Device {
    guard let device else { return notTried("it belongs to no device that can be measured") }
    do {
      return try follower.run("\(device)")
    } catch let failure as Failure {
      return notTried(
        failure.reason + (failure.hint.map { " (\($0))" } ?? ""))
    }
  }

  private func notTried(_ reason: String) -> BenchmarkTrialDocument.Device {
    var tried = BenchmarkTrialDocument.Device(
      device: subject, address: device, plan: nil, outcome: .notTried)
    tried.reason = reason
    return tried
  }
}

public import Base
package import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import Render

/// `tinyboxctl check`.
public struct CheckCommand: Sendable {
  /// Tree and options.
  public var session: Session
  /// Name or file of the profile to hold against the box; `none` for none; nil for the one that
  /// the box has.
  public var profile: String?
  /// Seconds to look while a load runs.
  public var liveSeconds: Double?

  /// The command.
  public init(session: Session, profile: String? = nil, liveSeconds: Double? = nil) {
    self.session = session
    self.profile = profile
    self.liveSeconds = liveSeconds
  }

  /// What was printed, and what the program's exit status says of it.
  public struct Answer: Sendable {
    /// The text.
    public var text: String
    /// 0 all fine, 1 warnings, 2 failures, 3 could not tell.
    public var status: Int32
  }

  /// A table, or JSON.
  /// - Parameter ids: checks to run; all without any.
  public func table(
    ids: [String], all: Bool, _ display: Display
  ) throws(Failure) -> Answer {
    let report = try report(try CheckCommand.checks(ids))
    let text =
      session.json
      ? try JSONOutput.text(report)
      : HealthTable.render(report, display.style, all: all || !ids.isEmpty)
        .joined(separator: "\n") + "\n"
    return Answer(text: text, status: CheckCommand.status(report))
  }

  /// The page of one check, with what it found here.
  public func page(id: String, _ display: Display) throws(Failure) -> Answer {
    let checks = try CheckCommand.checks([id])
    let report = try report(checks)
    if session.json {
      return Answer(text: try JSONOutput.text(report), status: CheckCommand.status(report))
    }
    let text = checks.map { check in
      HealthPage.render(check.info, report.findings, display.style).joined(separator: "\n") + "\n"
    }.joined()
    return Answer(text: text, status: CheckCommand.status(report))
  }

  /// Writes a page in Markdown for each check, and their list.
  public static func writePages(folder: String) throws(Failure) {
    try Output.write(HealthMarkdown.index(Checks.all), file: "\(folder)/README.md")
    for check in Checks.all {
      try Output.write(HealthMarkdown.page(check.info), file: "\(folder)/\(check.info.id).md")
    }
  }

  /// The report of some checks.
  func report(_ checks: [any Check.Type]) throws(Failure) -> HealthReport {
    let tree = try session.tree()
    let profile = try ProfileStore(tree).profile(profile)
    if liveSeconds != nil, !tree.isLive {
      throw Failure(
        "look at a recording with --live", because: "nothing changes in a recording",
        hint: "leave --live out", code: .usage)
    }
    Output.progress("reading the machine ...")
    defer { Output.endProgress() }
    // Looking while a load runs needs the machine itself.
    var session = session
    if liveSeconds != nil { session.source = .machine }
    let inventory = try session.inventory(.all, of: tree)
    let samples = liveSeconds.map { CheckCommand.sample(tree, inventory, seconds: $0) }
    return HealthReport(
      Box(inventory, profile: profile, samples: samples), checks: checks)
  }

  /// Looks ten times a second.
  private static func sample(
    _ tree: KernelTree, _ inventory: Inventory, seconds: Double
  ) -> Samples {
    var sampler = Sampler(tree, inventory)
    let start = Clock.seconds()
    var now = start
    while now - start < seconds {
      sampler.look(at: now)
      Output.progress(
        "looking while the load runs: \(Int(now - start)) of \(Int(seconds)) s ...")
      Clock.sleep(seconds: min(0.1, max(0, start + seconds - now)))
      now = Clock.seconds()
    }
    sampler.finish(at: now)
    return sampler.samples()
  }

  /// The checks of ids; an area's name stands for all of its checks.
  package static func checks(_ ids: [String]) throws(Failure) -> [any Check.Type] {
    if ids.isEmpty { return Checks.all }
    var wanted: Set<String> = []
    for id in ids {
      let area = CheckInfo.Area.allCases.first { $0.rawValue.lowercased() == id.lowercased() }
      if let area {
        wanted.formUnion(Checks.all.filter { $0.info.area == area }.map { $0.info.id })
      } else if Checks.named(id) != nil {
        wanted.insert(id)
      } else {
        let known = Checks.all.map { $0.info.id }
        let nearest = NearestWord.find(id, in: known)
        throw Failure(
          "check '\(id)'", because: "there is no such check",
          hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
            + "'tinyboxctl check --all' lists all",
          code: .usage)
      }
    }
    return Checks.all.filter { wanted.contains($0.info.id) }
  }

  /// Ids and areas, for completions.
  public static var names: [String] {
    Checks.all.map { $0.info.id } + CheckInfo.Area.allCases.map(\.rawValue)
  }

  static func status(_ report: HealthReport) -> Int32 {
    switch report.verdict {
    case .pass, .notApplicable: 0
    case .warn: 1
    case .fail: 2
    case .unknown: 3
    }
  }
}

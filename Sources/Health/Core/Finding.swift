public import Base

/// What a check found out about one subject.
public struct Finding: Codable, Hashable, Sendable {
  /// Id of the check.
  public var check: String
  /// What it is about; absent for the machine as a whole.
  public var subject: String?
  /// PCI address of the subject, when it has one.
  public var address: PCIAddress?
  /// The verdict.
  public var verdict: Verdict
  /// What it threatens; absent where the verdict is neither `warn` nor `fail`.
  public var harm: Harm?
  /// One line: what is wrong.
  public var summary: String
  /// The facts that decided, or that were missing.
  public var evidence: [Evidence]
  /// What it costs, with a number where physics gives one.
  public var consequence: String?
  /// What to do, most advisable first.
  public var advice: [Advice]

  /// A finding. Use the functions of `Check` instead: they keep a pass without evidence out.
  init(
    check: String, subject: Subject, verdict: Verdict, harm: Harm? = nil, summary: String,
    evidence: [Evidence], consequence: String? = nil, advice: [Advice] = []
  ) {
    self.check = check
    self.subject = subject.name
    address = subject.address
    self.verdict = verdict
    self.harm = harm
    self.summary = summary
    self.evidence = evidence
    self.consequence = consequence
    self.advice = advice
    // Added here for every check, because checks do not know about rights.
    if verdict == .unknown, isForRights {
      self.advice.insert(
        Advice("run with sudo: this user may not read all that the check looks at"), at: 0)
    }
  }

  /// Whether a fact is missing for lack of rights.
  public var isForRights: Bool {
    evidence.contains {
      $0.isMissing && UnknownFact(fact: $0.fact, path: $0.path, reason: $0.value).isForRights
    }
  }
}

/// What a finding is about.
public struct Subject: Hashable, Sendable {
  /// Its usual name, such as `GPU 21:00.0`; nil for the machine as a whole.
  public var name: String?
  /// PCI address.
  public var address: PCIAddress?

  /// A subject with this name and address.
  package init(_ name: String?, _ address: PCIAddress? = nil) {
    self.name = name
    self.address = address
  }

  /// The machine as a whole.
  public static let box = Subject(nil)
}

/// A fact that decided a verdict, or was missing for one.
public struct Evidence: Codable, Hashable, Sendable {
  /// The fact as a path in `tinyboxctl devices --json`: `memory.numaBalancing`,
  /// `pci[0000:21:00.0].express.maxPayloadBytes`. Elements of lists are named by their address,
  /// name or id.
  public var fact: String
  /// Its value with unit, or why it is not known.
  public var value: String
  /// The file or call it comes from.
  public var path: String
  /// Whether the value could not be determined.
  public var isMissing: Bool

  /// A fact that was read.
  package init(_ fact: String, _ value: String, path: String) {
    self.fact = fact
    self.value = value
    self.path = path
    isMissing = false
  }

  /// A fact that was not read.
  package init(missing fact: String, path: String, reason: String) {
    self.fact = fact
    value = reason
    self.path = path
    isMissing = true
  }

  /// A missing fact, with the reason from the object's `unknown` list when it has one.
  /// - Parameters:
  ///   - fact: path of the fact in the inventory.
  ///   - key: the name under which the object notes it.
  ///   - unknown: the object's list.
  ///   - path: where the fact would come from, when the list does not say.
  package init(
    missing fact: String, key: String, in unknown: [UnknownFact], path: String
  ) {
    let noted = unknown.first { $0.fact == key || $0.fact.hasPrefix(key + ".") }
    self.init(
      missing: fact, path: noted?.path ?? path,
      reason: noted?.reason ?? "not there, or not in the recording")
  }
}

/// What to do about a finding.
public struct Advice: Codable, Hashable, Sendable {
  /// The step in words, or a BIOS setting by its usual name.
  public var text: String
  /// Exact commands, run as root.
  public var commands: [String]
  /// What it risks or costs.
  public var risk: String?
  /// Whether it takes effect at the next boot only.
  public var needsReboot: Bool
  /// The machines it is for; absent for all. It is shown on those alone.
  public var audience: Audience?

  /// Kinds of machines that some advice is for.
  public enum Audience: String, Codable, Hashable, Sendable, CaseIterable {
    /// A GPU sold for desktops (GeForce, Radeon RX) or workstations.
    case consumerGPU
    /// A GPU sold for data centres (Instinct, H100).
    case dataCentreGPU
    /// A board with a management controller, or a server's processor.
    case server
    /// A desktop's board.
    case desktop
    /// A machine with a battery.
    case portable
  }

  /// A step, with what it risks.
  package init(
    _ text: String, commands: [String] = [], risk: String? = nil, needsReboot: Bool = false,
    audience: Audience? = nil
  ) {
    self.text = text
    self.commands = commands
    self.risk = risk
    self.needsReboot = needsReboot
    self.audience = audience
  }
}

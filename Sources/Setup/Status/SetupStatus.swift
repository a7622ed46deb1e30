public import Base

/// How far the first boot is: kept in `/var/lib/tinybox/setup/state.json` before and after everything that is
/// done, and printed by `tinyboxctl setup status --json`. `/v1/setup` answers with it too, without `intent` and
/// `answersSHA256`, and without user and query of addresses.
public struct SetupStatus: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.setup/1`.
  public static let currentSchema = "tinybox.setup/1"
  /// `tinybox.setup/1`.
  public var schema = SetupStatus.currentSchema
  /// How far all of it is.
  public var state: State
  /// Where the answers came from: a path, or the name of a credential; absent before the first run.
  public var answers: String?
  /// SHA-256 of the answers; absent before the first run. With other answers every stage is looked at anew.
  public var answersSHA256: String?
  /// When all of it was done for the first time, RFC 3339 in UTC; absent before. Other answers leave it.
  public var finished: String?
  /// The stages, in their order.
  public var stages: [Stage]
  /// When it was written, RFC 3339 in UTC; absent before the first run.
  public var written: String?

  /// How far all of it is.
  public enum State: String, CaseIterable, Codable, Hashable, Sendable {
    /// Nothing was begun.
    case notStarted = "not-started"
    /// It works, or was interrupted: it goes on with the next run.
    case running
    /// A stage failed; those that need it wait.
    case failed
    /// Every stage is done, or not asked for.
    case ready
  }

  /// A stage, and how far it is.
  public struct Stage: Codable, Hashable, Sendable {
    /// Which.
    public var stage: SetupStage
    /// How far it is.
    public var state: State = .waiting
    /// What it does, in words; empty where there is nothing to do.
    public var steps: [String] = []
    /// What was decided before it began, by names of its own; absent before. A run that was interrupted goes on by it.
    public var intent: [String: String]?
    /// What it found, in words.
    public var notes: [String] = []
    /// Why it failed, waits, or has nothing to do; absent otherwise.
    public var reason: String?
    /// What to do next; absent where nothing has to be done.
    public var next: String?
    /// When it began, RFC 3339 in UTC; absent before.
    public var began: String?
    /// When it ended, RFC 3339 in UTC; absent before.
    public var ended: String?

    /// How far a stage is.
    public enum State: String, CaseIterable, Codable, Hashable, Sendable {
      /// It has not begun.
      case waiting
      /// The answers do not ask for it.
      case notAskedFor = "not-asked-for"
      /// It works, or was interrupted.
      case running
      /// What it began is taken back, or that was interrupted.
      case undoing
      /// It failed.
      case failed
      /// It is done, and was verified.
      case done
    }

    /// Whether stages that need it may begin.
    package var isComplete: Bool { state == .done || state == .notAskedFor }

    /// A stage that has not begun.
    package init(_ stage: SetupStage) { self.stage = stage }
  }

  /// Nothing was begun.
  package init() {
    state = .notStarted
    stages = SetupStage.allCases.map(Stage.init)
  }

  /// A stage.
  package subscript(_ stage: SetupStage) -> Stage {
    get { stages.first { $0.stage == stage } ?? Stage(stage) }
    set {
      if let index = stages.firstIndex(where: { $0.stage == stage }) { stages[index] = newValue }
    }
  }

  /// How far all of it is, by its stages.
  mutating func judge() {
    if stages.allSatisfy(\.isComplete) {
      state = .ready
    } else if stages.contains(where: { $0.state == .running || $0.state == .undoing }) {
      state = .running
    } else if stages.contains(where: { $0.state == .failed }) {
      state = .failed
    } else {
      state = .running
    }
  }

  /// The status for people who are not root: without what was decided, and without what an address of a model may
  /// carry as a secret, its user and its query.
  package var published: SetupStatus {
    var status = self
    status.answersSHA256 = nil
    for index in status.stages.indices {
      var stage = status.stages[index]
      stage.intent = nil
      stage.steps = stage.steps.map(AddressText.withoutSecrets)
      stage.notes = stage.notes.map(AddressText.withoutSecrets)
      stage.reason = stage.reason.map(AddressText.withoutSecrets)
      stage.next = stage.next.map(AddressText.withoutSecrets)
      status.stages[index] = stage
    }
    return status
  }

  /// Whether all of it was done at any time.
  package var wasFinished: Bool { finished != nil || state == .ready }

  /// The bytes that are kept.
  package func encoded() throws(Failure) -> [UInt8] { Array(try JSON.text(self).utf8) }

  /// The status in the bytes that were kept.
  /// - Throws: `Failure` where they are damaged, or of another version of tinybox.
  package static func decode(_ bytes: [UInt8], path: String) throws(Failure) -> SetupStatus {
    let step = "read \(path)"
    let hint = "what is done is not lost: move the file aside, and every stage is looked at anew"
    struct Head: Decodable { var schema: String }
    guard let head = try? JSON.decode(Head.self, from: bytes) else {
      throw Failure(step, because: "it is damaged", hint: hint, code: .conflict)
    }
    guard head.schema == currentSchema else {
      throw Failure(
        step, because: "its schema is '\(head.schema.prefix(40))', and this is \(currentSchema)",
        hint: hint, code: .conflict)
    }
    do {
      let status = try JSON.decode(SetupStatus.self, from: bytes)
      guard status.stages.map(\.stage) == SetupStage.allCases else {
        throw Reason("it has other stages")
      }
      return status
    } catch {
      throw Failure(step, because: "it is damaged: \(error)", hint: hint, code: .conflict)
    }
  }
}

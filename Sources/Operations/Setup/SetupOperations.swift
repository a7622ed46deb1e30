package import Base
internal import Configuration
internal import Linux
package import Setup

/// The first boot: where the answers come from, what is kept, running the stages.
package struct SetupOperations {
  /// Another root folder for what is written; empty for that of this machine.
  private let root: String
  /// A file of answers in place of those of this machine.
  private let file: String?

  /// Set-up of this machine.
  /// - Parameters:
  ///   - root: another root folder for what is written.
  ///   - file: a file of answers in place of the credential and `/etc/tinybox/setup.toml`.
  package init(root: String = "", file: String? = nil) {
    self.root = root
    self.file = file
  }

  /// The folder of what is kept.
  package static let folder = "/var/lib/tinybox/setup"
  private var statusFile: String { "\(root)\(Self.folder)/state.json" }

  // MARK: answers

  /// Answers, and where they came from.
  package struct Answers: Sendable {
    /// The file, or the name of the credential.
    package var file: SetupFile
    /// Public keys of SSH beside those in it.
    package var keys: [String] = []
    /// SHA-256 of its text, and of those keys where there are any.
    package var sha256: String
  }

  /// The answers: a credential, else the owner's file; nil without any.
  /// - Parameter environment: the value of a variable.
  /// - Throws: `Failure` with everything that is wrong in them.
  package func answers(
    environment: (String) -> String? = { Terminal.environment($0) }
  ) throws(Failure) -> Answers? {
    if let file { return try answers(file, named: file) }
    var given: [UInt8] = []
    // An empty credential is none: the unit has it where nobody gave one (SetCredential=).
    if let folder = environment("CREDENTIALS_DIRECTORY") {
      given = try bytes("\(folder)/\(SetupKeys.credential)", SetupKeys.longest) ?? []
      if let found = try answers(
        "\(folder)/\(SetupFile.credential)", named: "credential \(SetupFile.credential)")
      {
        return found.adding(SetupKeys.plain(given))
      }
    }
    let main = root + SetupFile.main
    return try answers(main, named: main)?.adding(SetupKeys.plain(given) + (try ownerKeys()))
  }

  /// Whether there are answers in the credential.
  func hasCredential(_ environment: (String) -> String?) -> Bool {
    guard let folder = environment("CREDENTIALS_DIRECTORY") else { return false }
    // One that cannot be read is none the less there.
    do throws(Failure) {
      return try bytes("\(folder)/\(SetupFile.credential)", SetupFile.longest)?.isEmpty == false
    } catch {
      return true
    }
  }

  /// The keys beside the owner's file, where a stick's are copied to.
  private func ownerKeys() throws(Failure) -> [String] {
    let path = root + SetupKeys.main
    guard let text = try bytes(path, SetupKeys.longest) else { return [] }
    do throws(ConfigurationFailure) {
      return try SetupKeys.parse(text, path: path)
    } catch {
      throw PlacementOperations.unusable(error.problems, step: "use the keys of SSH")
    }
  }

  private func bytes(_ path: String, _ limit: Int) throws(Failure) -> [UInt8]? {
    do throws(Errno) {
      return try StampedFile.read(path, limit: limit).bytes
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(path)", error, code: .usage)
    }
  }

  private func answers(_ path: String, named name: String) throws(Failure) -> Answers? {
    let text: [UInt8]
    do throws(Errno) {
      text = try StampedFile.read(path, limit: SetupFile.longest).bytes
    } catch {
      if error.isNotFound, file == nil { return nil }
      throw Failure("read \(path)", error, code: .usage)
    }
    if text.isEmpty, file == nil { return nil }
    switch SetupAnswerOperations.parse(text, path: name) {
    case .success(let file):
      return Answers(file: file, sha256: SHA256.hexadecimal(SHA256.hash(text)))
    case .failure(let failure):
      throw PlacementOperations.unusable(failure.problems, step: "use the answers")
    }
  }

  // MARK: the full baseline

  /// When a scheduled run of everything last ended; nil where none has.
  static func fullBaseline(root: String) throws(Failure) -> String? {
    do throws(Errno) {
      let bytes = try StampedFile.read(root + FullBaseline.file, limit: 4096).bytes
      return String(decoding: ASCII.trimmed(bytes[...]), as: UTF8.self)
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(root + FullBaseline.file)", error)
    }
  }

  /// Keeps that a scheduled run of everything has ended now.
  package static func keepFullBaseline() throws(Failure) {
    try DurableFile.write(
      Array((WallClock.now() + "\n").utf8), to: FullBaseline.file,
      access: DurableFile.Access(mode: 0o644))
  }

  // MARK: running

  /// How far it is.
  package func status() throws(Failure) -> SetupStatus {
    let status = try SetupStateFile(path: statusFile).load() ?? SetupStatus()
    // That it was measured is no reason to fail, so neither is a mark that cannot be read.
    return status.withFullBaseline(try? Self.fullBaseline(root: root))
  }

  /// What each stage would do. Nothing is written.
  package func plan(
    _ answers: Answers, _ machine: any SetupMachine
  ) throws(Failure) -> [(stage: SetupStage, plan: Result<SetupPlan, Failure>)] {
    try engine(answers, machine) { _ in }.plan()
  }

  /// Runs the stages that are not complete.
  /// - Parameters:
  ///   - retried: a stage that begins anew.
  ///   - report: called with each status that was kept.
  /// - Throws: `Failure` (`busy`) while another run is going on; and where the status cannot be kept.
  package func run(
    _ answers: Answers, _ machine: any SetupMachine, retrying retried: SetupStage? = nil,
    report: @escaping (SetupStatus) -> Void
  ) throws(Failure) -> SetupStatus {
    FileMode.shareNewFiles()
    try makeFolders(of: Self.folder + "/state.json")
    let folder = root + Self.folder
    let lock: FileLock
    do throws(Errno) {
      lock = try FileLock("\(folder)/.lock")
    } catch {
      throw error == .EAGAIN
        ? Failure(
          "set the box up", because: "another 'tinyboxctl setup' is at it",
          hint: "'tinyboxctl setup' shows how far it is", code: .busy)
        : Failure("lock \(folder)", error)
    }
    let status = try engine(answers, machine, report).run(retrying: retried)
    _ = consume lock
    return status
  }

  private func engine(
    _ answers: Answers, _ machine: any SetupMachine, _ report: @escaping (SetupStatus) -> Void
  ) throws(Failure) -> SetupEngine {
    var own = try answers.file.answers(for: try machine.serials())
    let named = own.ssh.keys.map(\.value)
    own.ssh.keys += answers.keys.filter { !named.contains($0) }.map { Setting($0) }
    return SetupEngine(
      own,
      origin: (answers.file.path, answers.sha256), machine: machine,
      store: SetupStateFile(path: statusFile), now: WallClock.now, report: report)
  }

  /// Makes the folders of a file.
  private func makeFolders(of path: String) throws(Failure) {
    var folder = root
    for part in path.split(separator: "/").dropLast() {
      folder += "/\(part)"
      try DurableFile.makeFolder(folder)
    }
  }

  // MARK: the console

  /// Shows how far it is on the console before somebody logs in. That it cannot be shown stops nothing.
  package func showOnConsole(_ status: SetupStatus) {
    try? makeFolders(of: SetupConsole.path)
    try? DurableFile.write(
      Array(SetupConsole.text(status).utf8), to: root + SetupConsole.path,
      access: DurableFile.Access(mode: 0o644))
  }
}

extension SetupOperations.Answers {
  /// The same with keys beside them: with other keys every stage is looked at anew.
  fileprivate func adding(_ more: [String]) -> Self {
    if more.isEmpty { return self }
    var answers = self
    answers.keys = more
    answers.sha256 = SHA256.hexadecimal(
      SHA256.hash(Array((sha256 + "\n" + more.joined(separator: "\n")).utf8)))
    return answers
  }
}

/// The status in a file. Root's alone: an address of a model may carry a secret of the owner.
struct SetupStateFile: SetupStore {
  let path: String
  /// The longest status, bytes.
  private static let longest = 1 << 20

  func load() throws(Failure) -> SetupStatus? {
    let bytes: [UInt8]
    do throws(Errno) {
      bytes = try StampedFile.read(path, limit: Self.longest).bytes
    } catch {
      if error.isNotFound { return nil }
      let isDenied = error == .EACCES || error == .EPERM
      throw Failure(
        "read \(path)", error, hint: isDenied ? "run it with sudo" : nil,
        code: isDenied ? .notPermitted : .failed)
    }
    return try SetupStatus.decode(bytes, path: path)
  }

  func store(_ status: SetupStatus) throws(Failure) {
    try DurableFile.write(
      try status.encoded(), to: path, access: DurableFile.Access(mode: 0o600))
  }
}

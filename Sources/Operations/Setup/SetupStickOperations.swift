package import Base
internal import Configuration
internal import KernelTree
internal import Linux
package import Setup

/// Answers on a stick: copied to the owner's files before they are used.
package struct SetupStickOperations {
  private let root: String
  /// What finds the stick.
  private let tree: KernelTree

  /// - Parameter root: another root folder for what is written.
  package init(root: String = "") { self.init(root: root, tree: .live) }

  init(root: String, tree: KernelTree) {
    self.root = root
    self.tree = tree
  }

  /// SHA-256 of every file of answers that was copied from a stick, a line each.
  static let record = SetupOperations.folder + "/sticks"
  private static let longestRecord = 1 << 20

  /// What is on a stick.
  package struct Content: Hashable, Sendable {
    /// The file of answers; nil without one.
    package var answers: [UInt8]?
    /// The file of keys; nil without one.
    package var keys: [UInt8]?

    package init(answers: [UInt8]?, keys: [UInt8]?) { (self.answers, self.keys) = (answers, keys) }
  }

  /// What was done.
  package enum Outcome: Hashable, Sendable {
    /// There is no stick.
    case nothing
    /// There is one, and it is not used.
    case refused(String)
    /// Its files were copied: their names here.
    case copied([String])
    /// What is on it is here already.
    case same
  }

  /// Copies the files of a stick, where the rules allow it.
  /// - Parameters:
  ///   - isAsked: whether somebody asks for it who may change the machine; else the boot does.
  ///   - read: reads a stick; the default mounts it.
  /// - Throws: `Failure` where it cannot be read, or something is wrong in its files. Then nothing is copied.
  package func copy(
    isAsked: Bool, mayReplace: Bool = false,
    environment: (String) -> String? = { Terminal.environment($0) },
    read: (SetupStickDevice) throws(Failure) -> Content = SetupStickOperations.read
  ) throws(Failure) -> Outcome {
    let devices = StickReader.devices(tree)
    if devices.isEmpty { return .nothing }
    let situation = SetupStick.Situation(
      devices: devices, wasFinished: wasFinished(),
      hasCredential: SetupOperations(root: root).hasCredential(environment),
      answersFile: try answersFile(), seconds: secondsSinceStart(), isAsked: isAsked,
      mayReplace: mayReplace)
    switch SetupStick.choose(situation) {
    case .nothing: return .nothing
    case .refuse(let reason): return .refused(reason)
    case .unusable(let reason): throw Failure("use the stick", because: reason, code: .conflict)
    case .use(let device): return try copy(try read(device), from: device)
    }
  }

  /// Mounts a stick, and reads its files.
  package static func read(_ device: SetupStickDevice) throws(Failure) -> Content {
    let step = "read the stick \(device.name)"
    do throws(Errno) {
      let node = "/dev/" + device.name.split(separator: "!").joined(separator: "/")
      let stick = try ReadOnlyFileSystem(device: node, kind: device.fileSystem ?? "")
      return Content(
        answers: try stick.bytes(SetupStick.answersFile, limit: SetupFile.longest),
        keys: try stick.bytes(SetupStick.keysFile, limit: SetupKeys.longest))
    } catch {
      let hint: String? =
        switch error {
        case .ENODEV: "this kernel has no \(device.fileSystem ?? "such file system")"
        case .EFBIG:
          "\(SetupStick.answersFile) has at most \(SetupFile.longest) bytes, \(SetupStick.keysFile) "
            + "\(SetupKeys.longest)"
        case .EPERM, .EACCES: "run it with sudo"
        default: nil
        }
      throw Failure(step, error, hint: hint)
    }
  }

  // MARK: what the choice depends on

  private func wasFinished() -> Bool? {
    guard let status = try? SetupOperations(root: root).status() else { return nil }
    return status.wasFinished
  }

  private func secondsSinceStart() -> Double? {
    tree.textIfPresent("/proc/uptime")?.split(separator: " ").first.flatMap { Double($0) }
  }

  private func answersFile() throws(Failure) -> SetupStick.AnswersFile {
    guard let text = try bytes(SetupFile.main, SetupFile.longest) else { return .missing }
    return try copied().contains(SHA256.hexadecimal(SHA256.hash(text))) ? .ofStick : .ofOwner
  }

  private func copied() throws(Failure) -> [String] {
    String(decoding: try bytes(Self.record, Self.longestRecord) ?? [], as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  private func bytes(_ path: String, _ limit: Int) throws(Failure) -> [UInt8]? {
    do throws(Errno) {
      return try StampedFile.read(root + path, limit: limit).bytes
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(root + path)", error)
    }
  }

  // MARK: copying

  private func copy(
    _ content: Content, from device: SetupStickDevice
  ) throws(Failure) -> Outcome {
    let step = "use the stick \(device.name)"
    if content.answers == nil, content.keys == nil {
      throw Failure(
        step,
        because:
          "it has neither \(SetupStick.answersFile) nor \(SetupStick.keysFile) in its top folder",
        code: .conflict)
    }
    // A stick with keys alone: set-up with no other answers than them.
    let answers = content.answers ?? Array("# A stick had keys and no answers.\n".utf8)
    try check(answers, content.keys, step)
    let sameAnswers = try bytes(SetupFile.main, SetupFile.longest) == answers
    let sameKeys = try bytes(SetupKeys.main, SetupKeys.longest) == content.keys
    if sameAnswers, sameKeys { return .same }
    return .copied(try write(answers, content.keys))
  }

  /// Everything that is wrong in its files, and whether the answers are for this box.
  private func check(_ answers: [UInt8], _ keys: [UInt8]?, _ step: String) throws(Failure) {
    let path = "stick/\(SetupStick.answersFile)"
    switch SetupAnswerOperations.parse(answers, path: path) {
    case .success(let file):
      do throws(Failure) {
        if !file.boxes.isEmpty {
          _ = try file.answers(for: try LiveSetupMachine(root: root).serials())
        }
      } catch {
        throw Failure(step, error, code: .conflict)
      }
    case .failure(let failure):
      throw PlacementOperations.unusable(failure.problems, step: step)
    }
    guard let keys else { return }
    do throws(ConfigurationFailure) {
      _ = try SetupKeys.parse(keys, path: "stick/\(SetupStick.keysFile)")
    } catch {
      throw PlacementOperations.unusable(error.problems, step: step)
    }
  }

  /// The answers are written last: while they are not there, the next boot looks at the stick again. Their SHA-256
  /// is on the disk before they are, so that they are never taken for the owner's.
  private func write(_ answers: [UInt8], _ keys: [UInt8]?) throws(Failure) -> [String] {
    // Others read what is in the folders; the files are root's alone.
    FileMode.shareNewFiles()
    var folders: Set<String> = []
    for path in [Self.record, SetupFile.main] {
      var folder = root
      for part in path.split(separator: "/").dropLast() {
        folder += "/\(part)"
        if folders.insert(folder).inserted { try DurableFile.makeFolder(folder) }
      }
    }
    // Root's alone: the address of a model may carry a secret.
    let access = DurableFile.Access(mode: 0o600)
    let hash = SHA256.hexadecimal(SHA256.hash(answers))
    let hashes = try copied().filter { $0 != hash } + [hash]
    try DurableFile.write(
      Array(hashes.map { $0 + "\n" }.joined().utf8), to: root + Self.record, access: access)
    var written: [String] = []
    if let keys {
      try DurableFile.write(keys, to: root + SetupKeys.main, access: access)
      written.append(SetupKeys.main)
    } else {
      try DurableFile.remove(root + SetupKeys.main)
    }
    try DurableFile.write(answers, to: root + SetupFile.main, access: access)
    return written + [SetupFile.main]
  }

  // MARK: the console

  /// Beside that of set-up itself, and before it.
  private static let consoleFile = "/run/issue.d/49-tinybox-stick.issue"

  /// Shows on the console, before somebody logs in, why a stick is not used: a box without a network has no other
  /// place. That it cannot be shown stops nothing.
  package func showOnConsole(_ problem: String?) {
    guard let problem else {
      try? DurableFile.remove(root + Self.consoleFile)
      return
    }
    try? DurableFile.makeFolder("\(root)/run/issue.d")
    try? DurableFile.write(
      Array(SetupConsole.text(ofStick: problem).utf8), to: root + Self.consoleFile,
      access: DurableFile.Access(mode: 0o644))
  }
}

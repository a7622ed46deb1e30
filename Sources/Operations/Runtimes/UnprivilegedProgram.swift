internal import Base
internal import Linux
internal import Runtimes

/// The command line that runs a program without any right of root's: for what touches bytes that may come from
/// anybody. Nothing of it is opened by that program: it gets descriptors.
enum UnprivilegedProgram {
  /// The user `nobody` and its group, the same number on every Linux (nobody in user_namespaces(7)).
  private static let nobody = "65534"

  /// A program with limits. Root becomes `nobody`, without groups and capabilities; who is not root has no rights
  /// to lose.
  /// - Parameters:
  ///   - network: whether it may use the network; without, root gives it a network of its own, with nothing in it.
  ///   - fileBytes: the longest file it may write; pipes are not limited by it.
  ///   - memoryBytes: the most address space; nil without a limit.
  static func command(
    _ command: [String], network: Bool, fileBytes: Int, memoryBytes: Int?, cpuSeconds: Int?
  ) -> [String] {
    var limits = ["prlimit", "--core=0", "--fsize=\(fileBytes)"]
    if let memoryBytes { limits.append("--as=\(memoryBytes)") }
    if let cpuSeconds { limits.append("--cpu=\(cpuSeconds)") }
    limits.append("--")
    guard CallingUser.isRoot else { return limits + command }
    let rights = [
      "setpriv", "--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", "--no-new-privs",
      "--inh-caps=-all", "--bounding-set=-all", "--",
    ]
    return (network ? [] : ["unshare", "--net", "--ipc", "--"]) + limits + rights + command
  }
}

/// Reads the header of a model file in a process without rights.
struct ModelHeaderReader {
  /// `tinyboxctl`, which has the hidden command for it. Everybody must be able to run it.
  var program: String

  /// This program.
  static func ownProgram() throws(Failure) -> String {
    do throws(Errno) {
      return try LinkText.read("/proc/self/exe")
    } catch {
      throw Failure("find this program", error)
    }
  }

  /// What the header says.
  func facts(of path: String, as name: String) throws(Failure) -> ModelFacts {
    let (answer, size) = try answer(of: path, as: name, [])
    return try ModelHeaderAnswer.decode(answer, fileBytes: size, of: name)
  }

  /// The same of a file of which only the first bytes are there; nil when they end within the header.
  /// - Parameter fileBytes: size of the whole file.
  func facts(
    of path: String, as name: String, fileBytes: Int
  ) throws(Failure) -> ModelFacts? {
    let (answer, _) = try answer(of: path, as: name, ["--size", "\(fileBytes)"])
    if ModelHeaderAnswer.isIncomplete(answer) { return nil }
    return try ModelHeaderAnswer.decode(answer, fileBytes: fileBytes, of: name)
  }

  private func answer(
    of path: String, as name: String, _ options: [String]
  ) throws(Failure) -> (bytes: [UInt8], size: Int) {
    let file = try RegularFile(reading: path)
    // Two gigabytes hold the longest header, its parts, and the program itself.
    var child = ChildProcess(
      UnprivilegedProgram.command(
        [program, "model", "read-header"] + options, network: false, fileBytes: 0,
        memoryBytes: 2 << 30,
        cpuSeconds: 60), deadlineSeconds: 120)
    child.input = file.descriptor
    child.outputLimit = 4 << 20
    let outcome = try child.run()
    let size = try file.size()
    guard outcome.status == 0, outcome.ended == nil else {
      throw Failure(
        "read the header of \(name)",
        because: "the process for it failed (status \(outcome.status)): \(outcome.lastLine)",
        hint: outcome.status == 126 || outcome.status == 127
          ? "every user must be able to run \(program)" : nil)
    }
    return (outcome.output, size)
  }
}

internal import Base
internal import Linux

/// A folder that root alone changes and runtimes read: models, environments, the owner's files of runtimes.
struct SharedFolder: Sendable {
  /// The folder.
  let path: String
  /// What is changed, for people: `the models`.
  let subject: String
  /// Who changes it: `tinyboxctl model`.
  let command: String
  private let parents: [String]

  /// A folder of this machine, or below another root folder.
  init(_ folder: String, root: String, _ subject: String, changedBy command: String) {
    self.subject = subject
    self.command = command
    var parents: [String] = []
    var path = root
    for part in folder.split(separator: "/") {
      path += "/\(part)"
      parents.append(path)
    }
    self.path = path
    self.parents = parents
  }

  /// Makes the folder, and runs `body` while no other process changes what is in it.
  /// - Throws: `Failure` (`busy`) when another one does, or what `body` throws.
  func locked<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    // A runtime's own user reads what is made, and everybody may see what there is.
    FileMode.shareNewFiles()
    for parent in parents { try DurableFile.makeFolder(parent) }
    let lock: FileLock
    do throws(Errno) {
      lock = try FileLock("\(path)/.lock")
    } catch {
      throw error == .EAGAIN
        ? Failure(
          "change \(subject)", because: "another '\(command)' is changing them",
          hint: "wait for its end", code: .busy) : Failure("lock \(path)", error)
    }
    let value = try body()
    _ = consume lock
    return value
  }
}

package import Base
internal import Linux
package import RuntimeCatalog

/// The environments that runtimes run in: the only code that writes `/var/lib/tinybox/runtime`. A folder a version,
/// put together aside and renamed; the link `current` leads to the one in use, `previous` to the one before.
package struct RuntimeEnvironments: Sendable {
  /// The folder of all.
  package var folder: String { shared.path }
  private let shared: SharedFolder

  /// Those of this machine, or below another root folder.
  package init(root: String = "") {
    shared = SharedFolder(
      Backend.environments, root: root, "the environments",
      changedBy: "tinyboxctl runtime install")
  }

  /// The folder of a version.
  package func folder(_ backend: Backend) -> String { "\(folder)/\(backend.key)" }
  /// Where it is put together.
  package func partial(_ backend: Backend) -> String { "\(folder)/.\(backend.key).partial" }

  /// The key of the environment that a link leads to: `current`, `previous`; nil for none.
  package func target(_ link: String) -> String? {
    guard let text = try? LinkText.read("\(folder)/\(link)"), !text.contains("/"),
      Backend.named(text) != nil
    else { return nil }
    return text
  }

  /// Runs `body` while no other process changes the environments.
  /// - Throws: `Failure` (`busy`) when another one does.
  package func locked<Value>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try shared.locked(body)
  }

  /// Removes what an interrupted installation has left.
  package func clear(_ backend: Backend) throws(Failure) {
    try FolderChange.remove(partial(backend))
  }

  /// Gives what was put together its place, and lets `current` lead to it. One of the same version is replaced in
  /// one step.
  package func commit(_ backend: Backend) throws(Failure) {
    try FolderChange.synchroniseAll(partial(backend))
    try FolderChange.replace(".\(backend.key).partial", in: folder, by: backend.key)
    // What was replaced has the other's name now.
    try clear(backend)
    try use(backend.key)
  }

  /// Lets `current` lead to an environment, and `previous` to the one that was in use.
  package func use(_ key: String) throws(Failure) {
    let before = target("current")
    if before == key { return }
    if let before { try FolderChange.link(to: before, "previous", in: folder) }
    try FolderChange.link(to: key, "current", in: folder)
  }
}

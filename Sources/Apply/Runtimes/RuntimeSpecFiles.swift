package import Base
internal import Linux
internal import RuntimeCatalog
package import Runtimes

/// The files that say what the owner wants of runtimes: the only code that writes `/etc/tinybox/runtimes`.
package struct RuntimeSpecFiles: Sendable {
  private let root: String
  private let shared: SharedFolder

  /// Those of this machine, or below another root folder.
  package init(root: String = "") {
    self.root = root
    shared = SharedFolder(
      RuntimeSpec.folder, root: root, "the runtimes", changedBy: "tinyboxctl runtime")
  }

  /// The path of the file of a runtime.
  package func path(_ name: String) -> String { root + RuntimeSpec.path(name) }

  /// Writes the file of a runtime, whole or not at all.
  /// - Throws: `Failure` (`conflict`) when there is one.
  package func add(_ spec: RuntimeSpec) throws(Failure) {
    try shared.locked { () throws(Failure) in
      if (try? RegularFile(reading: path(spec.name)).size()) != nil {
        throw Failure(
          "add the runtime '\(spec.name)'", because: "there is \(path(spec.name))",
          hint: "change that file, or 'tinyboxctl runtime remove \(spec.name)' first",
          code: .conflict)
      }
      try DurableFile.write(
        Array(spec.text.utf8), to: path(spec.name), access: DurableFile.Access(mode: 0o644))
    }
  }

  /// Removes the file of a runtime.
  /// - Throws: `Failure` (`notFound`) when there is none.
  package func remove(_ name: String) throws(Failure) {
    try shared.locked { () throws(Failure) in
      guard RuntimeName.problem(name) == nil,
        (try? RegularFile(reading: path(name)).size()) != nil
      else {
        throw Failure(
          "remove the runtime '\(name)'", because: "there is none", code: .notFound)
      }
      try DurableFile.remove(path(name))
    }
  }
}

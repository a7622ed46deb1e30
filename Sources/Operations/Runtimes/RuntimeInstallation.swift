internal import Apply
package import Base
internal import Linux
package import RuntimeCatalog

/// Installs the Python package of a backend in an environment of its own, with pip (packages python3-venv,
/// python3-pip): one wheel, whose hash is data of tinybox.
package struct RuntimeInstallation: Sendable {
  private let environments: RuntimeEnvironments

  /// The installation of this machine, or below another root folder.
  package init(root: String = "") { environments = RuntimeEnvironments(root: root) }

  /// What is installed.
  package struct State: Hashable, Sendable {
    /// The environment in use; nil for none.
    package var current: String?
    /// The one before; nil for none.
    package var previous: String?
    /// The folder of all.
    package var folder: String
  }

  /// What is installed.
  package var state: State {
    State(
      current: environments.target("current"), previous: environments.target("previous"),
      folder: environments.folder)
  }

  /// Installs a backend and uses it.
  /// - Parameters:
  ///   - wheels: a folder with its wheel; nil for PyPI.
  ///   - progress: called before each step with its name.
  package func install(
    _ backend: Backend, wheels: String?, progress: (String) -> Void = { _ in }
  ) throws(Failure) -> State {
    let step = "install \(backend.title)"
    guard let package = backend.package else {
      throw Failure(step, because: "the owner installs it", code: .usage)
    }
    return try environments.locked { () throws(Failure) in
      try environments.clear(backend)
      do throws(Failure) {
        try make(backend, package, step, wheels, progress)
      } catch {
        // pip goes on from nothing: the next try begins anew.
        do throws(Failure) {
          try environments.clear(backend)
        } catch let left {
          throw error.with(hint: "\(environments.partial(backend)) could not be removed: \(left)")
        }
        throw error
      }
      return state
    }
  }

  private func make(
    _ backend: Backend, _ package: Backend.PythonPackage, _ step: String, _ wheels: String?,
    _ progress: (String) -> Void
  ) throws(Failure) {
    let folder = environments.partial(backend)
    progress("make the environment")
    try run(step, ["python3", "-I", "-m", "venv", folder], seconds: 300)
    let python = "\(folder)/bin/python"
    try checkVersion(step, python, package)
    // pip takes hashes from a file alone.
    let list = "\(folder)/requirements.txt"
    try DurableFile.write(
      Array("\(package.name)==\(package.version) --hash=sha256:\(package.sha256)\n".utf8),
      to: list)
    progress(wheels.map { "install from \($0)" } ?? "fetch from PyPI")
    try run(
      step,
      [
        python, "-I", "-m", "pip", "install", "--isolated", "--no-input", "--no-cache-dir",
        "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:",
      ] + (wheels.map { ["--no-index", "--find-links", $0] } ?? []) + ["--requirement", list],
      seconds: 1800)
    progress("check it")
    try checkPackage(step, python, package)
    try environments.commit(backend)
  }

  /// Uses the environment that was used before the present one.
  package func rollBack() throws(Failure) -> State {
    try environments.locked { () throws(Failure) in
      guard let previous = environments.target("previous") else {
        throw Failure("roll back", because: "no earlier environment was kept", code: .conflict)
      }
      let path = "\(environments.folder)/\(previous)/bin/python"
      guard CallingUser.denial(path, writing: false) == nil else {
        throw Failure("roll back", because: "\(path) is not there", code: .conflict)
      }
      try environments.use(previous)
      return state
    }
  }

  // MARK: programs

  private func checkVersion(
    _ step: String, _ python: String, _ package: Backend.PythonPackage
  ) throws(Failure) {
    let output = try run(
      step, [python, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], seconds: 60)
    guard !RuntimeInstallation.isOlder(output, than: package.python) else {
      throw Failure(
        step, because: "it needs Python \(package.python), and python3 is \(output)",
        code: .conflict)
    }
  }

  /// Whether a version `3.9` is older than another.
  static func isOlder(_ version: String, than other: String) -> Bool {
    func numbers(_ text: String) -> [Int] { text.split(separator: ".").map { Int($0) ?? 0 } }
    return numbers(version).lexicographicallyPrecedes(numbers(other))
  }

  private func checkPackage(
    _ step: String, _ python: String, _ package: Backend.PythonPackage
  ) throws(Failure) {
    // By the package's list of files; nothing of it runs as root.
    let program =
      "import importlib.metadata as m, sys; d = m.distribution(sys.argv[1]); "
      + "print(d.version, sum(not f.locate().exists() for f in d.files or []))"
    let output = try run(step, [python, "-I", "-c", program, package.name], seconds: 60)
    guard output == "\(package.version) 0" else {
      throw Failure(step, because: "what was installed is not whole: \(output)")
    }
  }

  @discardableResult
  private func run(
    _ step: String, _ command: [String], seconds: Double
  ) throws(Failure) -> String {
    var child = ChildProcess(command, deadlineSeconds: seconds)
    for name in ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE"] {
      if let value = Terminal.environment(name) { child.environment[name] = value }
    }
    let outcome = try child.run()
    guard outcome.status == 0, outcome.ended == nil else {
      let isVenv = command.contains("venv")
      throw Failure(
        step,
        because: outcome.ended == .deadline
          ? "\(command[0]) took longer than \(Int(seconds)) s" : outcome.lastLine,
        hint: isVenv ? "it needs the package python3-venv" : nil)
    }
    return String(decoding: ASCII.trimmed(outcome.output[...]), as: UTF8.self)
  }
}

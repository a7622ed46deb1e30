import Base

/// A disk whose power is cut at a chosen write: before it, or after it. Then nothing works until `reboot`.
final class SimulatedDisk {
  /// Files by path; nil values are never kept.
  private(set) var files: [String: String] = [:]
  /// Writes so far.
  private(set) var writes = 0
  /// The write at which the power is cut; nil for never.
  var cut: (write: Int, lands: Bool)?
  private var isDead = false

  /// What ends a run in a cut.
  static let dead = Failure("use the machine", because: "its power was cut")

  func check() throws(Failure) { if isDead { throw Self.dead } }

  /// A change that happens whole or not at all.
  func change(_ body: (inout [String: String]) -> Void) throws(Failure) {
    try check()
    writes += 1
    let isCut = writes == cut?.write
    if !isCut || cut?.lands == true { body(&files) }
    if isCut {
      isDead = true
      throw Self.dead
    }
  }

  func put(_ path: String, _ text: String?) throws(Failure) { try change { $0[path] = text } }

  func get(_ path: String) throws(Failure) -> String? {
    try check()
    return files[path]
  }

  /// A file as `DurableFile` writes it: made aside, filled in two parts, renamed.
  func durable(_ path: String, _ text: String) throws(Failure) {
    let aside = path + ".tmp"
    try put(aside, "")
    try put(aside, String(text.prefix(text.count / 2)))
    try put(aside, text)
    try change { files in
      files[aside] = nil
      files[path] = text
    }
  }

  /// The program is started again, on a machine that went on.
  func restart() {
    isDead = false
    cut = nil
  }

  /// The power is back. What was in memory only is lost.
  func reboot() {
    restart()
    files = files.filter { !$0.key.hasPrefix("memory:") }
    files["memory:host-name"] = files["/etc/hostname"]?.split(separator: "\n").first.map(
      String.init)
    // tinyboxd sets what the drop-in says.
    files["memory:power 0000:c1:00.0"] =
      files[SimulatedBox.powerFile]?.split(separator: "\n").first { $0.hasPrefix("power-cap = ") }
      .map { String($0.dropFirst("power-cap = ".count)) }
    // tinyboxd starts the runtimes that have files.
    for path in files.keys where path.hasPrefix("/etc/tinybox/runtimes/") && path.hasSuffix(".toml")
    {
      files["memory:running \(path)"] = "yes"
    }
  }

  /// What is left on it, without files that were made aside.
  var content: [String: String] { files.filter { !$0.key.hasSuffix(".tmp") } }
}

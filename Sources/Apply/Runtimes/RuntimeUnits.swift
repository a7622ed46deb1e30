package import Base
internal import Glibc
internal import Linux
internal import RuntimeCatalog
package import Runtimes

/// The drop-ins of runtimes, below `/run/systemd/system`.
///
/// Each file is written whole or not at all. A run that dies in between is made up for by the next, which compares
/// files with the plan; that systemd has not read them yet is known by systemd itself (`NeedDaemonReload`).
package struct RuntimeUnits: Sendable {
  /// A folder in place of `/`, for tests.
  private let root: String

  package init(root: String = "") { self.root = root }

  /// What was changed, by names of runtimes.
  package struct Changes: Hashable, Sendable {
    /// Had no drop-in before.
    package var added: [String] = []
    /// Are started otherwise than before: more than a comment differs.
    package var changed: [String] = []
    /// Have no drop-in any more.
    package var removed: [String] = []
    /// Where another program's file is in the place of ours, and the path. Nothing was changed there.
    package var foreign: [String: String] = [:]
    /// A file was written or removed: systemd has to read them again.
    package var needsReload = false

    package init() {}
  }

  /// Writes the drop-ins of some units, and removes those of all others.
  ///
  /// Only files that tinyboxd has made are replaced or removed: they have its name and begin with its mark.
  /// - Parameter kept: runtimes whose drop-ins stay as they are, since what they are to be is not known.
  /// - Throws: `Failure` with the path; what was done before stays done.
  package func write(
    _ units: [RuntimeUnit], keeping kept: Set<String> = []
  ) throws(Failure) -> Changes {
    var changes = Changes()
    let found = try files()
    for unit in units where !kept.contains(unit.name) {
      try write(unit, found, &changes)
    }
    let wanted = Set(units.map(\.name)).union(kept)
    let wantedFiles = Set(units.flatMap(\.dropIns).map(\.unit))
    for (unit, file) in found.sorted(by: { $0.key < $1.key })
    where file.isOurs && !kept.contains(file.name) && !wantedFiles.contains(unit) {
      try remove(unit)
      changes.needsReload = true
      if !wanted.contains(file.name), !changes.removed.contains(file.name) {
        changes.removed.append(file.name)
      }
    }
    return changes
  }

  /// What each runtime has by the drop-ins in force, by its name.
  package func held() throws(Failure) -> [String: RuntimeUnit.Held] {
    var held: [String: RuntimeUnit.Held] = [:]
    for (unit, file) in try files() where file.isOurs && unit == RuntimeUnit.service(file.name) {
      held[file.name] = RuntimeUnit.Held(dropIn: file.text)
    }
    return held
  }

  // MARK: files

  /// A drop-in that is there.
  private struct File {
    var name: String
    var text: String
    var isOurs: Bool { text.hasPrefix(RuntimeUnit.DropIn.mark) }
  }

  /// The longest drop-in that is read, bytes: a command has at most 4096 bytes an argument.
  private static let longestFile = 4 << 20

  private func path(_ unit: String) -> String {
    root + RuntimeUnit.DropIn.path(of: unit)
  }

  /// The drop-ins with our name, by unit.
  private func files() throws(Failure) -> [String: File] {
    let folder = root + RuntimeUnit.DropIn.folder
    let names: [String]
    do throws(Errno) {
      names = try FolderNames.list(folder)
    } catch {
      if error.isNotFound { return [:] }
      throw Failure("list \(folder)", error)
    }
    var files: [String: File] = [:]
    for entry in names where entry.hasSuffix(".d") {
      let unit = String(entry.dropLast(2))
      guard let name = RuntimeUnits.runtime(of: unit) else { continue }
      do throws(Errno) {
        let bytes = try StampedFile.read(path(unit), limit: RuntimeUnits.longestFile).bytes
        files[unit] = File(name: name, text: String(decoding: bytes, as: UTF8.self))
      } catch {
        if error.isNotFound { continue }
        throw Failure("read \(path(unit))", error)
      }
    }
    return files
  }

  /// The runtime whose unit, or whose door or its socket, this is; nil for another unit.
  package static func runtime(of unit: String) -> String? {
    guard let at = unit.firstIndex(of: "@"), let dot = unit.lastIndex(of: "."), at < dot else {
      return nil
    }
    let name = String(unit[unit.index(after: at)..<dot])
    let units = [RuntimeUnit.service(name), RuntimeUnit.door(name), RuntimeUnit.doorSocket(name)]
    return RuntimeName.problem(name) == nil && units.contains(unit) ? name : nil
  }

  private func write(
    _ unit: RuntimeUnit, _ found: [String: File], _ changes: inout Changes
  ) throws(Failure) {
    for dropIn in unit.dropIns {
      if let file = found[dropIn.unit], !file.isOurs {
        changes.foreign[unit.name] = path(dropIn.unit)
        return
      }
    }
    var isChanged = false
    // The service last: while its drop-in is not there, nothing starts.
    for dropIn in unit.dropIns.reversed() {
      let before = found[dropIn.unit]?.text
      if before == dropIn.text { continue }
      try DurableFile.makeFolder(root + RuntimeUnit.DropIn.folder)
      try DurableFile.makeFolder("\(root)\(RuntimeUnit.DropIn.folder)/\(dropIn.unit).d")
      try DurableFile.write(
        Array(dropIn.text.utf8), to: path(dropIn.unit), access: .init(mode: 0o644))
      changes.needsReload = true
      if before.map(RuntimeUnits.withoutComments) != RuntimeUnits.withoutComments(dropIn.text) {
        isChanged = true
      }
    }
    if found[RuntimeUnit.service(unit.name)] == nil {
      changes.added.append(unit.name)
    } else if isChanged {
      changes.changed.append(unit.name)
    }
  }

  private static func withoutComments(_ text: String) -> [Substring] {
    text.split(separator: "\n").filter { !$0.hasPrefix("#") }
  }

  private func remove(_ unit: String) throws(Failure) {
    let path = path(unit)
    try DurableFile.remove(path)
    // Another program's drop-ins may be in it: then it stays.
    _ = unsafe rmdir(String(path.dropLast(RuntimeUnit.DropIn.file.utf8.count + 1)))
  }
}

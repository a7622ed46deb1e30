internal import Synchronization

/// Resolves paths inside a recording the way the kernel would, without ever leaving it: an
/// absolute link starts again at the recording's root, and `..` stops there.
///
/// Folders that were resolved once are remembered: a sweep asks for dozens of files behind the same
/// links. So what lies behind `lookup` must not change.
package final class PathResolver: Sendable {
  /// What lies at a path that holds no links but possibly the last component.
  package enum Lookup {
    case link(String)
    case present
    case missing
  }

  /// Links followed in one path before it counts as a loop, as the kernel does (MAXSYMLINKS).
  static let maximumLinks = 40

  private let folders = Mutex<[Substring: Result<String, ReadFailure>]>([:])

  package init() {}

  /// The path without links, `.` and `..`.
  package func resolve(
    _ path: String, followLast: Bool, lookup: (String) throws(ReadFailure) -> Lookup
  ) throws(ReadFailure) -> String {
    guard let (folder, name) = PathResolver.split(path) else {
      return try PathResolver.walk(path, followLast: followLast, lookup: lookup)
    }
    let parent: String
    do throws(ReadFailure) {
      parent = try resolveFolder(folder, lookup: lookup)
    } catch {
      throw ReadFailure(path: path, cause: error.cause)
    }
    let here = parent == "/" ? "/" + name : parent + "/" + name
    switch try lookup(here) {
    case .missing: throw ReadFailure(path: path, cause: .notFound)
    case .present: return here
    case .link:
      if !followLast { return here }
      do throws(ReadFailure) {
        return try PathResolver.walk(here, followLast: true, lookup: lookup)
      } catch {
        throw ReadFailure(path: path, cause: error.cause)
      }
    }
  }

  private func resolveFolder(
    _ folder: Substring, lookup: (String) throws(ReadFailure) -> Lookup
  ) throws(ReadFailure) -> String {
    if let known = folders.withLock({ $0[folder] }) { return try known.get() }
    let found: Result<String, ReadFailure>
    do throws(ReadFailure) {
      found = .success(
        try PathResolver.walk(String(folder), followLast: true, lookup: lookup))
    } catch {
      found = .failure(error)
    }
    folders.withLock { $0[folder] = found }
    return try found.get()
  }

  /// The folder and the name of a path; nil where only a walk finds them.
  static func split(_ path: String) -> (folder: Substring, name: Substring)? {
    guard let slash = path.utf8.lastIndex(of: 0x2f) else { return nil }
    let name = path[path.utf8.index(after: slash)...]
    let folder = path[..<slash]
    if name.isEmpty || folder.isEmpty || name == "." || name == ".." { return nil }
    return (folder, name)
  }

  /// Resolves component by component, without memory of earlier walks.
  package static func walk(
    _ path: String, followLast: Bool, lookup: (String) throws(ReadFailure) -> Lookup
  ) throws(ReadFailure) -> String {
    // The path so far, and the length it had before each of its components.
    var done = ""
    var lengths: [Int] = []
    var todo = components(path)
    var links = 0
    while let component = todo.popLast() {
      if component == "." { continue }
      if component == ".." {
        if let length = lengths.popLast() { done = String(done.utf8.prefix(length)) ?? "" }
        continue
      }
      lengths.append(done.utf8.count)
      done += "/"
      done += component
      switch try lookup(done) {
      case .missing: throw ReadFailure(path: path, cause: .notFound)
      case .present: continue
      case .link(let target):
        if todo.isEmpty && !followLast { return done }
        links += 1
        if links > maximumLinks { throw ReadFailure(path: path, cause: .linkLoop) }
        if target.utf8.first == 0x2f {
          done = ""
          lengths = []
        } else if let length = lengths.popLast() {
          done = String(done.utf8.prefix(length)) ?? ""
        }
        todo += components(target)
      }
    }
    return done.isEmpty ? "/" : done
  }

  /// The components, the last one first.
  private static func components(_ path: String) -> [Substring] {
    path.utf8.split(separator: 0x2f).reversed().map { Substring($0) }
  }
}

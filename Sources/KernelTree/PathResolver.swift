/// Resolves paths inside a recording the way the kernel would, without ever leaving it: an
/// absolute link starts again at the recording's root, and `..` stops there.
enum PathResolver {
  /// What lies at a path that holds no links but possibly the last component.
  enum Lookup {
    case link(String)
    case present
    case missing
  }

  /// Links followed in one path before it counts as a loop, as the kernel does (MAXSYMLINKS).
  static let maximumLinks = 40

  /// The path without links, `.` and `..`.
  static func resolve(
    _ path: String, followLast: Bool, lookup: (String) throws(ReadFailure) -> Lookup
  ) throws(ReadFailure) -> String {
    var done: [Substring] = []
    var todo = Array(path.split(separator: "/").reversed())
    var links = 0
    while let component = todo.popLast() {
      if component == "." { continue }
      if component == ".." {
        _ = done.popLast()
        continue
      }
      done.append(component)
      let here = "/" + done.joined(separator: "/")
      switch try lookup(here) {
      case .missing: throw ReadFailure(path: path, cause: .notFound)
      case .present: continue
      case .link(let target):
        if todo.isEmpty && !followLast { return here }
        links += 1
        if links > maximumLinks { throw ReadFailure(path: path, cause: .linkLoop) }
        _ = done.popLast()
        if target.hasPrefix("/") { done = [] }
        todo += target.split(separator: "/").reversed()
      }
    }
    return done.isEmpty ? "/" : "/" + done.joined(separator: "/")
  }
}

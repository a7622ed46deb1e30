internal import CLinux
internal import Glibc

/// Names of processes for people.
package enum ProcessNames {
  /// The number of this process.
  package static var own: Int { Int(getpid()) }

  /// `irqbalance (process 812, irqbalance.service)`; without the unit where it is in none;
  /// `process 812, which has ended` when there is none any more. Ask at once: a number may go to
  /// another process later.
  /// - Parameter folder: where procfs is mounted.
  package static func describe(_ pid: Int32, in folder: String = "/proc") -> String {
    guard let name = name(pid, in: folder) else { return "process \(pid), which has ended" }
    guard let unit = unit(pid, in: folder) else { return "\(name) (process \(pid))" }
    return "\(name) (process \(pid), \(unit))"
  }

  /// The name that a process gave itself, at most 15 bytes for programs (proc_pid_comm(5)); nil
  /// when it has ended. Control characters, which a terminal would obey, become `?`.
  package static func name(_ pid: Int32, in folder: String = "/proc") -> String? {
    guard let content = read("\(folder)/\(pid)/comm") else { return nil }
    let line = content.last == 0x0a ? content.dropLast() : content[...]
    let name = printable(String(decoding: line, as: UTF8.self))
    // A process may call itself nothing.
    return name.isEmpty ? "a process without name" : name
  }

  /// The systemd unit a process belongs to, from its control group: the innermost service, else the
  /// innermost scope; nil when it is in none or has ended.
  package static func unit(_ pid: Int32, in folder: String = "/proc") -> String? {
    guard let content = read("\(folder)/\(pid)/cgroup") else { return nil }
    return unit(inControlGroups: String(decoding: content, as: UTF8.self))
  }

  /// The unit in the text of /proc/PID/cgroup (cgroups(7)): `0::PATH` of version 2, or where only
  /// version 1 is mounted `N:name=systemd:PATH`.
  static func unit(inControlGroups text: String) -> String? {
    var path: Substring?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1] == "name=systemd" || (parts[0] == "0" && path == nil) { path = parts[2] }
    }
    let names = (path ?? "").split(separator: "/").reversed()
    let unit =
      names.first { $0.hasSuffix(".service") } ?? names.first { $0.hasSuffix(".scope") }
    return unit.map { printable(unescaped($0)) }
  }

  /// systemd puts `_` before names that a control group's own files have, or that start with one.
  private static func unescaped(_ name: Substring) -> String {
    String(name.hasPrefix("_") ? name.dropFirst() : name)
  }

  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          // Format characters turn the direction of a line round.
          case .control, .format, .lineSeparator, .paragraphSeparator: "?"
          default: scalar
          }
        }))
  }

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = unsafe tbx_open_read(path)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    while content.count < 1 << 16 {
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      // ESRCH: it ended between open and read.
      if count < 0 { return nil }
      if count == 0 { break }
      content += chunk.prefix(count)
    }
    return content
  }
}

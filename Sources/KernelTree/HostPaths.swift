/// What a service with mounts of its own does not see of the machine, and where it finds it.
///
/// systemd's sandbox gives a service other mounts (systemd.exec(5), ProtectSystem=, ProtectHome=,
/// PrivateTmp=): `/` is read only there, `/home` empty and `/tmp` another folder. Facts are about
/// the machine, so mounts, space and temporary files are looked at as process 1 sees them.
/// `/proc/1/root` leads there for those who may look into process 1 (proc_pid_root(5),
/// CAP_SYS_PTRACE); everybody else has their own view, which is process 1's for a plain shell.
package enum HostPaths {
  /// What goes before paths outside of `/proc`, `/sys` and `/dev`: empty where the mounts are those
  /// of process 1, or where this process may not know.
  package static let root: String = {
    guard let ours = try? readLinkText(hostPath: "/proc/self/ns/mnt", "/proc/self/ns/mnt"),
      let theirs = try? readLinkText(hostPath: "/proc/1/ns/mnt", "/proc/1/ns/mnt")
    else { return "" }
    return ours == theirs ? "" : "/proc/1/root"
  }()

  /// Where a path of the machine is found from here.
  package static func path(_ path: String) -> String { self.path(path, root: root) }

  /// Where a path is found with such a `root`.
  package static func path(_ path: String, root: String) -> String {
    if root.isEmpty { return path }
    switch path {
    case "/proc/mounts", "/proc/self/mounts": return "/proc/1/mounts"
    case "/proc/self/mountinfo": return "/proc/1/mountinfo"
    default:
      let isKernels = ["/proc/", "/sys/", "/dev/"].contains { path.hasPrefix($0) }
      return isKernels ? path : root + path
    }
  }
}

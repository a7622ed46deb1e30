package import KernelTree

/// Containers of an ordinary user (rootless podman and docker): they run below the user's own
/// service manager, and have only the controllers that systemd delegates to it.
public enum RootlessEngine {
  /// Why a container of a user cannot be kept to CPUs and memory nodes, and how to fix it; nil when
  /// it can.
  /// - Parameters:
  ///   - controllers: those that the container needs.
  package static func obstacle(
    user: UInt32, controllers: [String], isUnified: Bool?, _ tree: KernelTree
  ) -> (reason: String, hint: String)? {
    let manager = "user@\(user).service"
    if isUnified == false {
      return (
        "containers of an ordinary user have no control groups of version 1, and no CPUs of their "
          + "own",
        "run it with sudo, or start the machine with systemd.unified_cgroup_hierarchy=1"
      )
    }
    let path = "/sys/fs/cgroup/user.slice/user-\(user).slice/\(manager)/cgroup.controllers"
    let delegated: [Substring]
    do throws(ReadFailure) {
      delegated = try tree.text(path).split { $0 == " " }
    } catch {
      if error.cause == .notFound {
        return (
          "user \(user) has no service manager: \(path) is not there",
          "log in as that user, or 'sudo loginctl enable-linger \(user)'; or run it with sudo"
        )
      }
      return ("what systemd delegates to \(manager) is not known: \(error)", "run it with sudo")
    }
    let missing = controllers.filter { controller in !delegated.contains { $0 == controller } }
    if missing.isEmpty { return nil }
    // systemd.resource-control(5), Delegate=; without it users have memory and pids.
    let all = ["cpu", "cpuset", "io", "memory", "pids"].joined(separator: " ")
    return (
      "systemd does not delegate \(missing.joined(separator: " and ")) to \(manager)",
      "'sudo systemctl edit user@.service' with the lines [Service] and Delegate=\(all), then "
        + "'sudo systemctl daemon-reload' and a new login; or run it with sudo"
    )
  }
}

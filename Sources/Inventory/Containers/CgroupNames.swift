/// Names of control groups, as systemd, podman and docker give them.
enum CgroupNames {
  /// The container a group belongs to, from its name and the name of the group above:
  /// `libpod-ID.scope` and `docker-ID.scope` with the systemd driver, `libpod-ID` below
  /// `libpod_parent` and `ID` below `docker` with cgroupfs. `libpod-conmon-ID` is its monitor.
  static func container(
    _ name: String, below parent: String
  ) -> (engine: Container.Engine, id: String)? {
    if name.hasSuffix(".scope") {
      let unit = name.dropLast(6)
      if unit.hasPrefix("libpod-"), isID(unit.dropFirst(7)) {
        return (.podman, String(unit.dropFirst(7)))
      }
      if unit.hasPrefix("docker-"), isID(unit.dropFirst(7)) {
        return (.docker, String(unit.dropFirst(7)))
      }
      return nil
    }
    if name.hasPrefix("libpod-"), isID(name.dropFirst(7)) {
      return (.podman, String(name.dropFirst(7)))
    }
    return parent == "docker" && isID(name[...]) ? (.docker, name) : nil
  }

  /// The engine of a container that Kubernetes asked for: `crio-ID.scope`, `cri-containerd-ID.scope` with the
  /// systemd driver, the same without `.scope` with cgroupfs; nil for others, such as `crio-conmon-ID.scope`,
  /// which is the host's.
  static func kubernetesEngine(_ name: String) -> String? {
    let unit = name.hasSuffix(".scope") ? name.dropLast(6) : name[...]
    return ["crio-", "cri-containerd-"].first { prefix in
      unit.hasPrefix(prefix) && isID(unit.dropFirst(prefix.count))
    }
  }

  /// Whether a group is one of Kubernetes' pods: `kubepods` with cgroupfs, with systemd
  /// `kubepods.slice`, `kubepods-besteffort-podUID.slice`, in a node that is a container
  /// `kubelet-kubepods.slice`. containerd without its systemd option makes
  /// `kubepods-podUID.slice:cri-containerd:ID`.
  static func isPods(_ name: String) -> Bool {
    if name == "kubepods" { return true }
    let unit = name.prefix { $0 != ":" }
    return unit.hasSuffix(".slice")
      && unit.dropLast(6).split(separator: "-").contains("kubepods")
  }

  /// Whether a group may hold slices or containers: slices, the managers of users, and the
  /// parents that engines use without systemd. Services and scopes are not looked into.
  static func mayHoldContainers(_ name: String) -> Bool {
    name.hasSuffix(".slice") || name == "docker" || name == "libpod_parent"
      || (name.hasPrefix("user@") && name.hasSuffix(".service"))
  }

  /// Files of a group start with the name of their controller; everything else is a group.
  static func isFile(_ name: String) -> Bool {
    guard let dot = name.firstIndex(of: ".") else {
      // The files of version 1 that have no controller's name.
      return name == "tasks" || name == "notify_on_release" || name == "release_agent"
    }
    if [".slice", ".scope", ".service", ".mount", ".socket", ".swap"].contains(
      where: name.hasSuffix)
    {
      return false
    }
    return controllers.contains(name[..<dot])
  }

  private static let controllers: Set<Substring> = [
    "cgroup", "cpu", "cpuset", "memory", "io", "pids", "hugetlb", "misc", "rdma", "irq", "dmem",
    "perf_event", "blkio", "devices", "freezer",
  ]

  private static func isID(_ text: Substring) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
  }
}

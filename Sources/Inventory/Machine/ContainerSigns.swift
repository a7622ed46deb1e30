internal import Base
internal import KernelTree

/// What shows a container from inside where its engine left no marker file: Kubernetes' engines
/// (containerd, CRI-O), LXC and plain runc leave none.
///
/// Some signs are proof by themselves. Others have innocent causes: live systems have their root on
/// overlay too, and a program may be started in a process namespace of its own. Two of those are
/// proof together.
struct ContainerSigns {
  /// Type of the root file system.
  var rootType: String?
  /// Mount points and types of the mount table.
  var mounts: [(point: String, type: String)] = []
  /// `/proc/1/cgroup`, `/proc/self/cgroup`: path and text.
  var cgroups: [(path: String, text: String)] = []
  /// `/proc/1/comm`.
  var firstProcess: String?
  /// Where `/proc/self/ns/pid` leads: `pid:[4026531836]`.
  var processNamespace: String?
  /// Whether `/run/secrets/kubernetes.io` is there: a service account is mounted there.
  var hasKubernetesSecret = false

  /// The container; nil when nothing proves one.
  var found: Virtualization? {
    if hasKubernetesSecret {
      return container("kubernetes", "/run/secrets/kubernetes.io")
    }
    for (path, text) in cgroups {
      if let (word, name) = ContainerSigns.engine(cgroup: text) {
        return container(name, "\(path) names \(word)")
      }
    }
    if let mount = mounts.first(where: { $0.type == "fuse.lxcfs" && $0.point.hasPrefix("/proc/") })
    {
      return container("lxc", "lxcfs is mounted on \(mount.point)")
    }
    let signs = [rootSign, processSign, hostsSign].compactMap { $0 }
    return signs.count >= 2 ? container(nil, signs.joined(separator: "; ")) : nil
  }

  /// Whether a marker file was only left behind: a virtual machine, or a disk, made from the image
  /// of a container still has it. An engine gives its container a root of its own, its network
  /// files, and but for `--pid=host` a process namespace; where all of these contradict it, the
  /// file does not count.
  var contradictMarkerFile: Bool {
    rootType != nil && rootSign == nil && hostsSign == nil
      && processNamespace == ContainerSigns.firstProcessNamespace
  }

  /// The first process namespace of a kernel has a fixed number (PROC_PID_INIT_INO,
  /// include/linux/proc_ns.h).
  private static let firstProcessNamespace = "pid:[4026531836]"

  private func container(_ name: String?, _ evidence: String) -> Virtualization {
    Virtualization(kind: .container, name: name, evidence: evidence)
  }

  /// The engine in a control group's name, and the word that shows it. Where the container has a
  /// namespace of control groups, the path is `/` and shows nothing.
  ///
  /// Whole names of groups count: services of engines (`docker.service`, `crio.service`) and monitors of
  /// containers (`libpod-conmon-ID.scope`) are the host's.
  private static func engine(cgroup text: String) -> (word: String, name: String)? {
    for line in text.split(separator: "\n") {
      // `11:memory:/docker/ID`; the path may have colons.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard let path = fields.last, fields.count == 3 else { continue }
      let groups = path.split(separator: "/").map(String.init)
      for (place, group) in groups.enumerated() {
        let parent = place > 0 ? groups[place - 1] : ""
        if CgroupNames.isPods(group) { return ("kubepods", "kubernetes") }
        switch CgroupNames.container(group, below: parent)?.engine {
        case .docker: return ("docker", "docker")
        case .podman: return ("libpod", "podman")
        default: break
        }
        if let word = CgroupNames.kubernetesEngine(group) { return (word, "kubernetes") }
        if group.hasPrefix("lxc.payload") { return ("lxc.payload", "lxc") }
        if parent == "lxc" { return ("/lxc/", "lxc") }
        if parent == "buildkit" { return ("/buildkit/", "buildkit") }
      }
    }
    return nil
  }

  private var rootSign: String? {
    guard let rootType, ["overlay", "aufs", "fuse.fuse-overlayfs"].contains(rootType)
    else { return nil }
    return "the root file system is \(rootType)"
  }

  /// Where the link is not known, the first process must be an init.
  private var processSign: String? {
    if let processNamespace {
      return processNamespace == ContainerSigns.firstProcessNamespace
        ? nil : "process namespace \(processNamespace) is not the first"
    }
    guard let firstProcess, !ContainerSigns.inits.contains(firstProcess) else { return nil }
    return "process 1 is \(firstProcess)"
  }

  /// Engines mount these three files, each by itself.
  private var hostsSign: String? {
    let points = Set(mounts.map(\.point))
    return points.isSuperset(of: ["/etc/hosts", "/etc/resolv.conf"])
      ? "/etc/hosts and /etc/resolv.conf are mounted" : nil
  }

  /// Names of what starts a system: systemd, System V, busybox, runit, s6, OpenRC, dinit, shepherd,
  /// procd.
  private static let inits: Set<String> = [
    "systemd", "init", "linuxrc", "runit", "runit-init", "s6-svscan", "openrc-init", "dinit",
    "shepherd", "procd", "finit", "launchd",
  ]
}

extension ContainerSigns {
  /// Reads the signs. A file that does not exist is not missed.
  init(_ tree: KernelTree) {
    if let text = try? MountTable.text(tree) {
      let table = MountTable(text)
      rootType = table.root?.type
      mounts = table.mounts.map { ($0.point, $0.type) }
    }
    for path in ["/proc/1/cgroup", "/proc/self/cgroup"] {
      if let text = tree.textIfPresent(path, sensitivity: .freeText) {
        cgroups.append((path, text))
      }
    }
    firstProcess = tree.textIfPresent("/proc/1/comm")
    processNamespace = try? tree.linkName("/proc/self/ns/pid")
    hasKubernetesSecret = tree.exists("/run/secrets/kubernetes.io")
  }
}

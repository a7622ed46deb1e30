public import Base

/// What runs on the box, where it matters for placement.
public struct Workloads: Codable, Hashable, Sendable {
  /// Whether `/sys/fs/cgroup` is the unified hierarchy; placement needs it.
  public var isUnified: Bool?
  /// Controllers the root offers, `cgroup.controllers`.
  public var controllers: [String]?
  /// Containers of podman and docker, by name.
  public var containers: [Container] = []
  /// systemd slices, by path.
  public var slices: [ControlGroup] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// Nothing known.
  package init() {}
}

/// A control group and the CPUs and memory nodes it grants.
public struct ControlGroup: Codable, Hashable, Sendable {
  /// Path below `/sys/fs/cgroup`, starting with a slash.
  public var path: String
  /// `cpuset.cpus`: what was asked for; empty means whatever the parent has.
  public var cpus: NumberSet?
  /// `cpuset.cpus.effective`: what is granted.
  public var effectiveCPUs: NumberSet?
  /// `cpuset.mems`: what was asked for.
  public var memoryNodes: NumberSet?
  /// `cpuset.mems.effective`: what is granted.
  public var effectiveMemoryNodes: NumberSet?
  /// Processes in it and below, `cgroup.procs`; counted for containers only.
  public var processCount: Int?
  /// Tasks in it and below, threads included, `pids.current`.
  public var taskCount: Int?
  /// Bytes of memory on each node, `memory.numa_stat` (anon and file).
  public var memoryByNode: [Int: Int] = [:]
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// A group without facts.
  package init(path: String) { self.path = path }
}

/// A container of podman or docker.
public struct Container: Codable, Hashable, Sendable {
  /// Which program runs it.
  public enum Engine: String, Codable, Hashable, Sendable { case podman, docker }
  /// Its id, 64 hex digits.
  public var id: String
  /// Its name, when the engine's own files could be read.
  public var name: String?
  /// Its image.
  public var image: String?
  /// Engine.
  public var engine: Engine
  /// Labels that start with `dev.tinybox.`; with podman annotations, as it keeps labels in its
  /// database.
  public var labels: [String: String] = [:]
  /// Its control group.
  public var group: ControlGroup
  /// Device nodes its processes hold open (`/dev/kfd`, `/dev/nvidia0`), sorted.
  public var devices: [String] = []
  /// GPUs behind those device nodes.
  public var gpus: [PCIAddress] = []
  /// Facts that could not be determined; those of its control group are in `group`.
  public var unknown: [UnknownFact] = []

  /// A container in its control group.
  package init(id: String, engine: Engine, group: ControlGroup) {
    self.id = id
    self.engine = engine
    self.group = group
  }
}

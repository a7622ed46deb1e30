public import Base
public import RuntimeCatalog

/// The runtimes of models of a machine: what the owner asked for, what was made of it, what they do.
public struct RuntimesState: Codable, Hashable, Sendable {
  /// When tinyboxd wrote its registry (`/run/tinybox/runtimes.json`), RFC 3339 in UTC; absent without one.
  public var registryWritten: String?
  /// Whether there is a registry; absent when that could not be determined.
  public var hasRegistry: Bool?
  /// The runtimes, by name.
  public var runtimes: [HostedRuntime] = []
  /// GPUs that a program has leased, by address; absent when nobody could look.
  public var leases: [GPULease]?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// Nothing known.
  package init() {}

  /// Who has leased a GPU; nil for nobody.
  package func lease(_ gpu: PCIAddress) -> GPULease? { leases?.first { $0.gpu == gpu } }
}

/// A runtime of models.
public struct HostedRuntime: Codable, Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Whether the owner's file is there (`/etc/tinybox/runtimes/NAME.toml`); absent when the folder could not be
  /// listed.
  public var hasSpec: Bool?
  /// Whether its unit was made; absent when that could not be determined.
  public var hasUnit: Bool?
  /// Whether it works until it is done, and answers no requests. Absent without a unit, and where the registry does
  /// not list it.
  public var isJob: Bool?
  /// GPUs that its unit gives it.
  public var gpus: [PCIAddress] = []
  /// NUMA nodes that its memory comes from (`AllowedMemoryNodes=`); absent where it is bound to none.
  public var memoryNodes: NumberSet?
  /// Whether its memory is spread over them page by page (`NUMAPolicy=interleave`); absent without a unit.
  public var isInterleaved: Bool?
  /// The most main memory it may have, bytes (`MemoryMax=`); absent without a limit.
  public var memoryLimitBytes: Int?
  /// Its model; absent for a command without a model.
  public var model: String?
  /// What it does, by the registry; absent where the registry does not list it. A job that runs is `ready`; one that
  /// has ended, or was not started, is `stopped`.
  public var state: RuntimeInstance.State?
  /// Why, where the state is no good one.
  public var reason: String?
  /// When the state began, RFC 3339 in UTC.
  public var since: String?
  /// How often it was started again by itself; absent for jobs.
  public var restarts: Int?
  /// Of a job: the step that it reported last; absent where it reports none.
  public var step: Int?
  /// Of a job: how many steps it says it has.
  public var steps: Int?
  /// Of a job: steps a second of about the last minute.
  public var stepsPerSecond: Double?

  /// A runtime of which nothing is known.
  package init(name: String) { self.name = name }
}

/// Who has leased a GPU (`/run/tinybox/leases/ADDRESS`).
public struct GPULease: Codable, Hashable, Sendable {
  /// The GPU.
  public var gpu: PCIAddress
  /// For people: `runtime llama`, `benchmark gpu`.
  public var holder: String
  /// Its process.
  public var processID: Int

  /// A lease with its holder.
  package init(gpu: PCIAddress, holder: String, processID: Int) {
    self.gpu = gpu
    self.holder = holder
    self.processID = processID
  }
}

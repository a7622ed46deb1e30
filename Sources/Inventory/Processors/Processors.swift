public import Base

/// The CPUs of the machine.
public struct Processors: Codable, Hashable, Sendable {
  /// Marketing name, `model name` of `/proc/cpuinfo` (`cpu` on POWER). Several, joined by ` + `,
  /// when the CPUs differ.
  public var model: String?
  /// Vendor, `vendor_id` of `/proc/cpuinfo`.
  public var vendor: String?
  /// Family, decimal: 23 is Zen and Zen 2, 25 Zen 3 and 4, 26 Zen 5.
  public var family: Int?
  /// Model number within the family, decimal.
  public var modelNumber: Int?
  /// Stepping, decimal.
  public var stepping: Int?
  /// Microcode revision as the kernel prints it (`0x830107c`).
  public var microcode: String?
  /// Logical CPUs that could ever be there, `/sys/devices/system/cpu/possible`.
  public var possible: NumberSet?
  /// Logical CPUs that are there.
  public var present: NumberSet?
  /// Logical CPUs that run.
  public var online: NumberSet?
  /// Logical CPUs that are there and do not run.
  public var offline: NumberSet?
  /// CPUs taken out of the scheduler by `isolcpus=`.
  public var isolated: NumberSet?
  /// CPUs without a tick, `nohz_full=`.
  public var nohzFull: NumberSet?
  /// Sockets, by package id. Offline CPUs belong to none. All of them or, when one CPU could not
  /// be placed, none.
  public var packages: [Package] = []
  /// Physical cores with their hardware threads, by first CPU number.
  public var cores: [Core] = []
  /// Whether SMT is active, `/sys/devices/system/cpu/smt/active`.
  public var smtActive: Bool?
  /// `on`, `off`, `forceoff`, `notsupported` or `notimplemented`.
  public var smtControl: String?
  /// Caches shared by a group of cores: the last level, one entry a group.
  public var lastLevelCaches: [Cache] = []
  /// Nodes per socket, where the nodes show it.
  public var nodesPerSocket: NodesPerSocket?
  /// Frequency scaling.
  public var frequency: Frequency?
  /// Idle states.
  public var idle: Idle?
  /// Highest temperature any CPU sensor reports, degrees Celsius, with each sensor.
  public var temperatures: [Temperature] = []
  /// Share of time all online CPUs were busy since boot or between two samples, 0 to 1.
  public var busyShare: Double?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// Processors without facts.
  package init() {}

  /// A socket.
  public struct Package: Codable, Hashable, Sendable {
    /// `topology/physical_package_id`.
    public var id: Int
    /// Its online logical CPUs.
    public var cpus: NumberSet
    /// Number of physical cores with at least one online thread.
    public var coreCount: Int

    /// A socket with its CPUs.
    package init(id: Int, cpus: NumberSet, coreCount: Int) {
      self.id = id
      self.cpus = cpus
      self.coreCount = coreCount
    }
  }

  /// A physical core.
  public struct Core: Codable, Hashable, Sendable {
    /// The socket it is in, `topology/physical_package_id`.
    public var package: Int
    /// Its die, `topology/die_id`, where the kernel has it.
    public var die: Int?
    /// `topology/core_id`; unique only within a die.
    public var id: Int?
    /// Its online hardware threads, `topology/thread_siblings_list`.
    public var cpus: NumberSet

    /// A core with its threads.
    package init(package: Int, die: Int?, id: Int?, cpus: NumberSet) {
      self.package = package
      self.die = die
      self.id = id
      self.cpus = cpus
    }
  }

  /// A cache and the CPUs that share it.
  public struct Cache: Codable, Hashable, Sendable {
    /// Level, from `level`, never from the index number.
    public var level: Int
    /// Size in bytes.
    public var sizeBytes: Int?
    /// CPUs that share it.
    public var cpus: NumberSet

    /// A cache with its CPUs.
    package init(level: Int, sizeBytes: Int?, cpus: NumberSet) {
      self.level = level
      self.sizeBytes = sizeBytes
      self.cpus = cpus
    }
  }

  /// Nodes per socket (the BIOS option NPS), inferred from the nodes with CPUs per socket.
  public struct NodesPerSocket: Codable, Hashable, Sendable {
    /// Nodes with CPUs in each socket, when all sockets have the same number.
    public var value: Int?
    /// How sure that is the BIOS option.
    public var confidence: Confidence
    /// What it was inferred from, or why it could not be.
    public var evidence: String
    /// Whether each node is one L3 domain although the socket has more than four: the likely
    /// cause is the BIOS option "L3 as NUMA", not NPS.
    public var likelyL3AsNUMA: Bool

    /// An inference with its evidence.
    package init(
      value: Int?, confidence: Confidence, evidence: String, likelyL3AsNUMA: Bool = false
    ) {
      self.value = value
      self.confidence = confidence
      self.evidence = evidence
      self.likelyL3AsNUMA = likelyL3AsNUMA
    }

    /// How sure an inference is.
    public enum Confidence: String, Codable, Hashable, Sendable {
      /// No other explanation.
      case certain
      /// Another cause is possible and unlikely.
      case likely
      /// Not known.
      case unknown
    }
  }

  /// Frequency scaling over the online CPUs.
  public struct Frequency: Codable, Hashable, Sendable {
    /// CPUs by `scaling_driver`.
    public var drivers: [String: NumberSet] = [:]
    /// CPUs by `scaling_governor`.
    public var governors: [String: NumberSet] = [:]
    /// CPUs by `energy_performance_preference`.
    public var energyPreferences: [String: NumberSet] = [:]
    /// `amd_pstate/status`: `active`, `passive`, `guided` or `disable`.
    public var amdPstateStatus: String?
    /// Whether boost is on (`cpufreq/boost`, or the opposite of `intel_pstate/no_turbo`).
    public var boost: Bool?
    /// While boost is off: the highest performance of a core over its nominal one, of the core that
    /// has most to gain (`cpuN/acpi_cppc/{highest_perf,nominal_perf}`). 1 means no gain.
    public var boostGain: Double?
    /// Lowest and highest frequency the hardware has, Hz.
    public var minimumHertz: Int?
    /// Highest frequency the hardware has, Hz.
    public var maximumHertz: Int?

    /// No facts.
    package init() {}
  }

  /// Idle states (C-states).
  public struct Idle: Codable, Hashable, Sendable {
    /// `cpuidle/current_driver`.
    public var driver: String?
    /// `cpuidle/current_governor`.
    public var governor: String?
    /// States by index, as the first CPU has them; in a full collection only, and without those for
    /// which it is not known on which CPUs they are disabled.
    public var states: [State] = []

    /// No facts.
    package init() {}

    /// One idle state.
    public struct State: Codable, Hashable, Sendable {
      /// `stateK`.
      public var index: Int
      /// `POLL`, `C1`, `C2`.
      public var name: String
      /// Exit latency in microseconds.
      public var latencyMicroseconds: Int?
      /// CPUs on which it is disabled.
      public var disabledCPUs: NumberSet

      /// A state with the CPUs that may not use it.
      package init(index: Int, name: String, latencyMicroseconds: Int?, disabledCPUs: NumberSet) {
        self.index = index
        self.name = name
        self.latencyMicroseconds = latencyMicroseconds
        self.disabledCPUs = disabledCPUs
      }
    }
  }
}

/// A temperature sensor.
public struct Temperature: Codable, Hashable, Sendable {
  /// The driver's name for it: `Tctl`, `junction`, `Composite`.
  public var label: String
  /// Degrees Celsius.
  public var celsius: Double
  /// Where the driver says it becomes critical, degrees Celsius.
  public var criticalCelsius: Double?
  /// The device behind the chip (`0000:00:18.3`, `coretemp.0`): distinguishes the sockets of CPU
  /// sensors with the same label. Absent where the object it belongs to says it.
  public var device: String?

  /// A reading of a sensor.
  package init(
    label: String, celsius: Double, criticalCelsius: Double? = nil, device: String? = nil
  ) {
    self.label = label
    self.celsius = celsius
    self.criticalCelsius = criticalCelsius
    self.device = device
  }
}

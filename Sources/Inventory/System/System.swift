public import Base

/// What the operating system reports about itself: file systems, arrays, clock, units.
public struct SystemState: Codable, Hashable, Sendable {
  /// Mounted file systems that hold files, the root first, then by mount point: on block devices, in
  /// ZFS pools, on servers; not those of programs (`fuse.*`). A file system mounted several times,
  /// and a ZFS pool, is listed once, at its first mount point.
  public var fileSystems: [FileSystemState] = []
  /// md arrays, by name.
  public var arrays: [RAIDArray] = []
  /// Whether the clock is kept on time.
  public var clock: ClockState?
  /// Units that systemd lists as failed, by name; absent when systemd could not be asked.
  public var failedUnits: [FailedUnit]?
  /// The interrupt balancer, when it runs; absent when it does not, or that could not be
  /// determined.
  public var irqbalance: IRQBalance?
  /// Whether processes could be looked at: without it, the absence of `irqbalance` proves nothing.
  public var processesListed: Bool?
  /// Lock files of user space GPU drivers, by path.
  public var runtimeLocks: [RuntimeLock] = []
  /// Whether the folders of those lock files could be listed: `/tmp`, `/var/tmp`, `/dev/shm`.
  public var locksListed: Bool?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// Nothing known.
  package init() {}
}

/// A mounted file system.
public struct FileSystemState: Codable, Hashable, Sendable {
  /// Where it is mounted.
  public var mountPoint: String
  /// Block device, `nvme0n1p2`, as the mount table has it without `/dev/`; what the table names where
  /// there is none: `rpool/ROOT/pve-1`, `server:/export`.
  public var device: String
  /// `ext4`, `xfs`, ...
  public var type: String
  /// Whether it is mounted read only.
  public var isReadOnly: Bool
  /// Whether the mount options ask for read only when errors occur (`errors=remount-ro`).
  public var remountsReadOnly: Bool?
  /// Size in bytes (statvfs).
  public var totalBytes: Int?
  /// Bytes that ordinary users may still write.
  public var freeBytes: Int?
  /// Files it can hold; 0 where the file system has no limit.
  public var totalFiles: Int?
  /// Files that may still be made.
  public var freeFiles: Int?
  /// Errors the file system noted since it was made or checked (`/sys/fs/ext4/DEVICE/errors_count`);
  /// absent where it keeps no such count.
  public var errorCount: Int?
  /// Speed of the USB port the device is plugged into, Mb/s; absent for other buses.
  public var usbMegabitsPerSecond: Double?
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// A file system without facts.
  package init(mountPoint: String, device: String, type: String, isReadOnly: Bool) {
    self.mountPoint = mountPoint
    self.device = device
    self.type = type
    self.isReadOnly = isReadOnly
  }
}

/// An md array, from `/sys/block/mdN/md`.
public struct RAIDArray: Codable, Hashable, Sendable {
  /// `md0`.
  public var name: String
  /// `raid0`, `raid1`, ...
  public var level: String?
  /// `clean`, `active`, `inactive`, ... (`array_state`).
  public var state: String?
  /// Format of its description on the drives (`metadata_version`): `1.2`, or `external:imsm` of a
  /// container, or `external:/md127/0` of an array in one.
  public var metadata: String?
  /// Members it should have (`raid_disks`).
  public var memberCount: Int?
  /// Members missing (`degraded`); absent for levels without redundancy.
  public var missingMembers: Int?
  /// What it is doing (`sync_action`): `idle`, `resync`, `recover`, `check`, ...
  public var syncAction: String?
  /// Members with their state (`dev-NAME/state`): `in_sync`, `faulty`, `spare`, ...
  public var members: [Member] = []
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []

  /// A member of an array.
  public struct Member: Codable, Hashable, Sendable {
    /// Block device.
    public var device: String
    /// State as the kernel writes it.
    public var state: String?
    /// Errors corrected by reading elsewhere (`errors`).
    public var errors: Int?

    /// A member in its state.
    package init(device: String, state: String?, errors: Int? = nil) {
      self.device = device
      self.state = state
      self.errors = errors
    }
  }

  /// An array without facts.
  package init(name: String) { self.name = name }

  /// Whether it is a container: drives whose firmware or format describes the arrays in them (Intel
  /// RST and VROC, DDF). It has no level and no data of its own, and the kernel never starts it:
  /// `inactive` is its only state (kernel: Documentation/admin-guide/md.rst, metadata_version).
  /// An array in a container names it, by a slash, or by a dash where it is read only.
  public var isContainer: Bool {
    if level == "container" { return true }
    guard let metadata, metadata.hasPrefix("external:") else { return false }
    let place = metadata.dropFirst("external:".count)
    return !place.hasPrefix("/") && !place.hasPrefix("-")
  }
}

/// The state of the kernel's clock discipline (adjtimex).
public struct ClockState: Codable, Hashable, Sendable {
  /// Whether something keeps the clock on time: STA_UNSYNC is not set.
  public var isSynchronized: Bool
  /// The kernel's bound on the clock's error, microseconds.
  public var maximumErrorMicroseconds: Int?

  /// A state of the clock.
  package init(isSynchronized: Bool, maximumErrorMicroseconds: Int?) {
    self.isSynchronized = isSynchronized
    self.maximumErrorMicroseconds = maximumErrorMicroseconds
  }
}

/// A unit of systemd that failed.
public struct FailedUnit: Codable, Hashable, Sendable {
  /// `nvidia-persistenced.service`.
  public var name: String
  /// The unit's own description.
  public var summary: String?

  /// A unit that failed.
  package init(name: String, summary: String?) {
    self.name = name
    self.summary = summary
  }
}

/// A running irqbalance.
public struct IRQBalance: Codable, Hashable, Sendable {
  /// Process id.
  public var pid: Int
  /// Its arguments, from `/proc/PID/cmdline`.
  public var arguments: [String]
  /// The unit it runs in; absent when it was started by hand.
  public var unit: String?

  /// A process of irqbalance.
  package init(pid: Int, arguments: [String], unit: String?) {
    self.pid = pid
    self.arguments = arguments
    self.unit = unit
  }
}

/// A lock file of a user space GPU driver (tinygrad's AM and NV).
public struct RuntimeLock: Codable, Hashable, Sendable {
  /// The file.
  public var path: String
  /// The GPU it is about, when its name shows that.
  public var gpu: PCIAddress?
  /// Processes that took the lock (`/proc/locks`); empty when nobody holds it.
  public var holders: [Int]
  /// Whether all holders still run; when one has ended, a process that it started keeps the lock.
  /// Absent when nobody holds it or the holders are not known.
  public var holdersAlive: Bool?
  /// Whether the holders are known.
  public var holdersKnown: Bool

  /// A lock with its holders.
  package init(
    path: String, gpu: PCIAddress?, holders: [Int], holdersAlive: Bool? = nil,
    holdersKnown: Bool
  ) {
    self.path = path
    self.gpu = gpu
    self.holders = holders
    self.holdersAlive = holdersAlive
    self.holdersKnown = holdersKnown
  }
}

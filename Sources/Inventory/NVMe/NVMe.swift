public import Base

/// An NVMe controller: a drive, or with native multipath one of the paths to a drive.
public struct NVMeController: Codable, Hashable, Sendable {
  /// `nvme0`: a name of this boot, not an identity.
  public var name: String
  /// PCI address; absent for drives over a network.
  public var address: PCIAddress?
  /// `pcie`, `rdma`, `tcp`, ...
  public var transport: String?
  /// Model without padding.
  public var model: String?
  /// Serial number, only when serials were asked for.
  public var serial: String?
  /// Firmware revision.
  public var firmware: String?
  /// `live`, `resetting`, `dead`, ...
  public var state: String?
  /// The NVM subsystem it belongs to, `nvme-subsys0`: controllers of one subsystem are paths to one
  /// drive.
  public var subsystem: String?
  /// The controller that stands for the drive, where this one is a further path to it.
  public var pathOf: String?
  /// NUMA node of the function.
  public var numaNode: Int?
  /// Queues, the admin queue included.
  public var queueCount: Int?
  /// Controller memory buffer, bytes; absent without one, or when the kernel cannot use it.
  public var controllerMemoryBytes: Int?
  /// Sum of its namespaces, bytes.
  public var capacityBytes: Int?
  /// Its namespaces, by id.
  public var namespaces: [Namespace] = []
  /// Whether the root file system or the boot partition lies on it.
  public var isBootDisk: Bool?
  /// Health, from the SMART log. Root only.
  public var health: Health?
  /// Temperatures by sensor, degrees Celsius.
  public var temperatures: [Temperature] = []
  /// Numbers of its interrupts; details are in the inventory's `interrupts`.
  public var interrupts = NumberSet()
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// A controller without facts.
  package init(name: String) { self.name = name }

  /// A namespace: a drive as the block layer sees it.
  public struct Namespace: Codable, Hashable, Sendable {
    /// Block device, `nvme0n1`; it need not belong to the controller of the same number.
    public var name: String
    /// Namespace id.
    public var id: Int?
    /// Size in bytes.
    public var sizeBytes: Int?
    /// Logical block, bytes.
    public var blockBytes: Int?
    /// What lies on it: partitions, file systems, RAID, LVM, swap.
    public var uses: [Use] = []

    /// A namespace without facts.
    package init(name: String) { self.name = name }
  }

  /// What a block device or a part of it is used for.
  public struct Use: Codable, Hashable, Sendable {
    /// Kind of use.
    public enum Kind: String, Codable, Hashable, Sendable {
      /// Mounted file system.
      case mount
      /// Swap.
      case swap
      /// Member of an md array.
      case raid
      /// Held by device mapper: LVM, encryption, multipath.
      case deviceMapper
      /// Held by something else that has a `holders` link.
      case other
      /// Nothing uses the partition.
      case idle
    }
    /// Block device: the namespace, a partition, an array on it.
    public var device: String
    /// Kind.
    public var kind: Kind
    /// Mount point, array or mapping.
    public var target: String?
    /// File system, RAID level.
    public var detail: String?
    /// Free space of a mounted file system, bytes.
    public var freeBytes: Int?
    /// Size of the device, bytes.
    public var sizeBytes: Int?

    /// A use of a device.
    package init(
      device: String, kind: Kind, target: String? = nil, detail: String? = nil,
      freeBytes: Int? = nil, sizeBytes: Int? = nil
    ) {
      self.device = device
      self.kind = kind
      self.target = target
      self.detail = detail
      self.freeBytes = freeBytes
      self.sizeBytes = sizeBytes
    }
  }

  /// The SMART / health information log (NVM Express Base Specification, log page 02h).
  public struct Health: Codable, Hashable, Sendable {
    /// Critical warning bits: 0 spare, 1 temperature, 2 reliability, 3 read only, 4 volatile
    /// backup, 5 persistent memory.
    public var criticalWarning: Int
    /// Composite temperature, degrees Celsius.
    public var temperatureCelsius: Double?
    /// Spare left, 0 to 1; absent when the drive reports more than 1.
    public var availableSpare: Double?
    /// Spare below which the drive warns, 0 to 1; absent when it reports more than 1.
    public var spareThreshold: Double?
    /// Life used by the maker's estimate, 0 to 2.55: it may pass 1.
    public var lifeUsed: Double
    /// Bytes read by the host.
    public var bytesRead: Double
    /// Bytes written by the host.
    public var bytesWritten: Double
    /// Hours powered on.
    public var powerOnHours: Double
    /// Power cycles.
    public var powerCycles: Double
    /// Shutdowns without notice.
    public var unsafeShutdowns: Double
    /// Unrecovered data integrity errors.
    public var mediaErrors: Double
    /// Entries of the error log over its life.
    public var errorLogEntries: Double

    /// A log decoded elsewhere.
    package init(
      criticalWarning: Int, temperatureCelsius: Double?, availableSpare: Double?,
      spareThreshold: Double?, lifeUsed: Double, bytesRead: Double, bytesWritten: Double,
      powerOnHours: Double, powerCycles: Double, unsafeShutdowns: Double, mediaErrors: Double,
      errorLogEntries: Double
    ) {
      self.criticalWarning = criticalWarning
      self.temperatureCelsius = temperatureCelsius
      self.availableSpare = availableSpare
      self.spareThreshold = spareThreshold
      self.lifeUsed = lifeUsed
      self.bytesRead = bytesRead
      self.bytesWritten = bytesWritten
      self.powerOnHours = powerOnHours
      self.powerCycles = powerCycles
      self.unsafeShutdowns = unsafeShutdowns
      self.mediaErrors = mediaErrors
      self.errorLogEntries = errorLogEntries
    }
  }
}

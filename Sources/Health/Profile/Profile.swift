public import Base
public import Inventory

/// What a box should have: declared by its maker, or learned from it while it was healthy.
///
/// Every expectation is optional: what a profile leaves out is not expected. The file format is
/// `docs/profiles.md`.
public struct Profile: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.profile/1`.
  public static let currentSchema = "tinybox.profile/1"
  /// `tinybox.profile/1`.
  public var schema: String
  /// Name, `tinybox-red-1` or the host's.
  public var name: String
  /// What it is, in a line.
  public var title: String?
  /// Whether it was published by the maker or learned from this box.
  public var origin: Origin
  /// When it was learned, UTC, ISO 8601.
  public var learnedAt: String?
  /// Where the figures come from.
  public var sources: [String]?
  /// GPUs expected: how many of which kind.
  public var gpus: [ExpectedGPU]?
  /// Drives expected, the boot disk included.
  public var nvme: ExpectedCount?
  /// Network interfaces of PCI functions expected.
  public var nics: ExpectedCount?
  /// Sockets.
  public var packageCount: Int?
  /// Physical cores.
  public var coreCount: Int?
  /// Memory, bytes: what the modules add up to.
  public var memoryBytes: Int?
  /// Memory channels that have modules.
  public var memoryChannels: Int?
  /// Speed of the modules, mega-transfers a second.
  public var memoryMegatransfersPerSecond: Int?
  /// Bandwidth of all channels together, bytes a second.
  public var memoryBytesPerSecond: Double?
  /// NUMA nodes with CPUs in a socket.
  public var nodesPerSocket: Int?
  /// Devices by place; only in learned profiles.
  public var places: [Place]?

  /// Where a profile comes from.
  public enum Origin: String, Codable, Hashable, Sendable {
    /// Declared by the maker of the box.
    case declared
    /// Learned from this box.
    case learned
  }

  /// A kind of GPU.
  public struct ExpectedGPU: Codable, Hashable, Sendable {
    /// How many.
    public var count: Int
    /// Vendor and device id, `1002:744c`.
    public var pciID: String?
    /// Name, for people.
    public var name: String?
    /// Slot link each should have.
    public var link: PCIeRate?
    /// Video memory, bytes.
    public var memoryBytes: Int?
    /// Power cap the box is meant to run at, watts; absent for the card's own.
    public var powerCapWatts: Double?

    /// An expected kind of GPU.
    package init(
      count: Int, pciID: String? = nil, name: String? = nil, link: PCIeRate? = nil,
      memoryBytes: Int? = nil, powerCapWatts: Double? = nil
    ) {
      self.count = count
      self.pciID = pciID
      self.name = name
      self.link = link
      self.memoryBytes = memoryBytes
      self.powerCapWatts = powerCapWatts
    }
  }

  /// How many devices of a kind, and on what link.
  public struct ExpectedCount: Codable, Hashable, Sendable {
    /// How many.
    public var count: Int
    /// Link each should have.
    public var link: PCIeRate?

    /// An expected number of devices.
    package init(count: Int, link: PCIeRate? = nil) {
      self.count = count
      self.link = link
    }
  }

  /// A device where it was when the profile was learned.
  public struct Place: Codable, Hashable, Sendable {
    /// PCI address.
    public var address: PCIAddress
    /// What it is.
    public var kind: Kind
    /// Vendor and device id, `1002:744c`.
    public var pciID: String?
    /// Slot label.
    public var slot: String?
    /// NUMA node.
    public var numaNode: Int?
    /// The most the link below the slot's port could do, both ends taken together: not what it
    /// ran at when the profile was learned, which may have been idle.
    public var link: PCIeRate?
    /// Name of the device, for people.
    public var name: String?

    /// The kind of device in a place.
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
      case gpu, accelerator, nvme, nic

      /// As in the file; the error for another word lists the valid ones.
      public init(from decoder: any Decoder) throws {
        let word = try decoder.singleValueContainer().decode(String.self)
        guard let kind = Kind(rawValue: word) else {
          let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
          throw DecodingError.dataCorrupted(
            .init(
              codingPath: decoder.codingPath,
              debugDescription: "'\(word.prefix(40))' is not one of \(known)"))
        }
        self = kind
      }

      /// Its usual name.
      public var label: String {
        switch self {
        case .gpu: "GPU"
        case .accelerator: "accelerator"
        case .nvme: "drive"
        case .nic: "NIC"
        }
      }
    }

    /// A device in its place.
    package init(
      address: PCIAddress, kind: Kind, pciID: String?, slot: String?, numaNode: Int?,
      link: PCIeRate?, name: String?
    ) {
      self.address = address
      self.kind = kind
      self.pciID = pciID
      self.slot = slot
      self.numaNode = numaNode
      self.link = link
      self.name = name
    }
  }

  /// A profile that expects nothing.
  package init(name: String, origin: Origin) {
    schema = Profile.currentSchema
    self.name = name
    self.origin = origin
  }
}

extension Inventory {
  /// Numbers the GPUs as the profile has them: a card that is missing keeps its number.
  package mutating func numberGPUs(by profile: Profile?) {
    let places = (profile?.places ?? []).filter { $0.kind == .gpu }
    numberGPUs(expected: places.map(\.address))
  }
}

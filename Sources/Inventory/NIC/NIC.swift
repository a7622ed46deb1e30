public import Base

/// A network interface with hardware behind it, or an RDMA device without an interface.
public struct NIC: Codable, Hashable, Sendable {
  /// Interface name: a name of this boot, not an identity. The name of the RDMA device, where
  /// there is no interface.
  public var name: String
  /// PCI address of the function behind it; absent for USB and other buses.
  public var address: PCIAddress?
  /// Bus of the device behind it: `pci`, `virtio`, `usb`, ...
  public var bus: String?
  /// Port of a function with several, `dev_port`.
  public var port: Int?
  /// Vendor and device from pci.ids.
  public var model: String?
  /// Driver.
  public var driver: String?
  /// Driver version (ethtool); in-tree drivers give the kernel release.
  public var driverVersion: String?
  /// Firmware version (ethtool).
  public var firmwareVersion: String?
  /// Hardware address, only when serials were asked for.
  public var hardwareAddress: String?
  /// Speed, bits a second; absent while the link is down.
  public var speedBitsPerSecond: Int?
  /// `full` or `half`.
  public var duplex: String?
  /// `up`, `down`, ... (`operstate`).
  public var operationalState: String?
  /// Whether there is a signal; absent while the interface is down, when the kernel does not know.
  public var carrier: Bool?
  /// How often the carrier changed, `carrier_changes`.
  public var carrierChanges: Int?
  /// MTU, bytes.
  public var mtuBytes: Int?
  /// Queues.
  public var queues = Queues()
  /// NUMA node of the function behind it.
  public var numaNode: Int?
  /// Numbers of its interrupts; details are in the inventory's `interrupts`.
  public var interrupts = NumberSet()
  /// RDMA devices on the same function, such as `mlx5_0`.
  public var rdmaDevices: [RDMADevice] = []
  /// Whether it is a virtual function of SR-IOV.
  public var isVirtualFunction: Bool
  /// Whether it has no network interface: a host channel adapter without IP over InfiniBand, an
  /// EFA. Absent for an interface.
  public var isRDMAOnly: Bool?
  /// What the driver calls the port, `phys_port_name`: `p0` of an adapter, `pf0vf3` of a
  /// representor.
  public var physicalPortName: String?
  /// Whether it stands for the other end of a virtual function, a subfunction or a host's port in
  /// an adapter that switches (switchdev): it has no link and no queues of its own. Absent
  /// otherwise.
  public var isRepresentor: Bool?
  /// The bond, team or bridge it is part of, `master`.
  public var controller: String?
  /// Receive and transmit errors and drops since the interface appeared, by the
  /// kernel's name of the counter; one that could not be read is absent.
  public var errors: [String: Int] = [:]
  /// Facts that could not be determined.
  public var unknown: [UnknownFact] = []
  /// Path of each fact, when sources were asked for.
  public var sources: [String: String]?

  /// An interface without facts.
  package init(name: String, isVirtualFunction: Bool = false) {
    self.name = name
    self.isVirtualFunction = isVirtualFunction
  }

  /// Whether it is a port of the box: a network interface with hardware of its own, neither a
  /// virtual function nor a representor of one.
  public var isPort: Bool { !isVirtualFunction && isRepresentor != true }

  /// Whether there is a network interface of that name.
  public var hasInterface: Bool { isRDMAOnly != true }

  /// Queues of an interface. Folders in sysfs are queues allocated, not queues in use.
  public struct Queues: Codable, Hashable, Sendable {
    /// Receive queues allocated (`queues/rx-*`).
    public var receiveAllocated: Int?
    /// Transmit queues allocated (`queues/tx-*`).
    public var transmitAllocated: Int?
    /// Channels in use (ethtool).
    public var channels: Channels?
    /// Most channels there can be (ethtool).
    public var channelsMaximum: Channels?
    /// CPUs that process packets of each receive queue in software, by queue; empty sets left out.
    public var rps: [Int: NumberSet] = [:]
    /// CPUs that each transmit queue serves, by queue; empty sets left out.
    public var xps: [Int: NumberSet] = [:]
    /// Flow table entries of receive flow steering over all queues, `rps_flow_cnt`.
    public var rfsFlows: Int?

    /// Nothing known.
    package init() {}
  }

  /// Channel counts as ethtool reports them.
  public struct Channels: Codable, Hashable, Sendable {
    /// Receive only.
    public var receive: Int
    /// Transmit only.
    public var transmit: Int
    /// Neither: link changes, control.
    public var other: Int
    /// Receive and transmit together.
    public var combined: Int

    /// Counts of each kind.
    package init(receive: Int, transmit: Int, other: Int, combined: Int) {
      self.receive = receive
      self.transmit = transmit
      self.other = other
      self.combined = combined
    }
  }

  /// An RDMA device.
  public struct RDMADevice: Codable, Hashable, Sendable {
    /// `mlx5_0`.
    public var name: String
    /// State of each port by number, as the kernel writes it (`4: ACTIVE`).
    public var portStates: [Int: String]
    /// Rate of each active port by number, bits per second; a port that is not active has none.
    public var portBitsPerSecond: [Int: Int]

    /// A device with its ports.
    package init(name: String, portStates: [Int: String], portBitsPerSecond: [Int: Int]) {
      self.name = name
      self.portStates = portStates
      self.portBitsPerSecond = portBitsPerSecond
    }

    /// Whether a port moves data (`4: ACTIVE`); nil where its state is not known.
    package func isActive(_ port: Int) -> Bool? { portStates[port].map { $0.hasPrefix("4:") } }

    /// The name under which a port's rate is noted as unknown.
    package func rateFact(_ port: Int) -> String { "rdmaDevices.\(name).portBitsPerSecond.\(port)" }

    /// The name under which a port's state is noted as unknown.
    package func stateFact(_ port: Int) -> String { "rdmaDevices.\(name).portStates.\(port)" }
  }
}

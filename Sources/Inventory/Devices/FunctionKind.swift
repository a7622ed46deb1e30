package import Base

/// What a PCI function is, by its class and ids alone: whether or not a driver is bound to it, and
/// whether or not it answers. Everything that asks "is this a GPU, a NIC, a drive?" asks here.
public enum FunctionKind: Hashable, Sendable {
  case gpu(GPU.Vendor)
  /// A processor for one kind of computation other than a GPU.
  case accelerator
  /// A network adapter: Ethernet, InfiniBand, wireless.
  case nic
  /// An NVMe controller.
  case drive
  /// A display that computes nothing: a BMC's, a virtual machine's, or the second head of a GPU.
  case display
  /// A display of an unknown maker: its vendor id could not be read.
  case unknownDisplay
  /// Something else.
  case other

  /// Whether it is a device that people bought the box for.
  public var carriesData: Bool {
    switch self {
    case .gpu, .accelerator, .nic, .drive: true
    case .display, .unknownDisplay, .other: false
    }
  }

  /// The usual word for such a function without a name of its own: `NIC`, `drive`.
  public var label: String? {
    switch self {
    case .gpu: "GPU"
    case .accelerator: "accelerator"
    case .nic: "NIC"
    case .drive: "drive"
    case .display, .unknownDisplay, .other: nil
    }
  }

  /// Whether the links and names of a function matter: by its class alone, before the rest is read.
  static func isDataClass(_ function: PCIFunction) -> Bool {
    guard let code = function.identity.classCode else { return false }
    return [0x02, 0x03, 0x12].contains(code >> 16) || code >> 8 == 0x0108
      || AcceleratorDrivers.isAccelerator(function.driver)
  }

  /// The kinds of all functions of a machine.
  package static func kinds(of functions: [PCIFunction]) -> [PCIAddress: FunctionKind] {
    var kinds = [PCIAddress: FunctionKind](minimumCapacity: functions.count)
    var mains: [PCIAddress: PCIFunction] = [:]
    for function in functions where kinds[function.address] == nil {
      kinds[function.address] = FunctionKind(function)
      if function.address.function == 0 { mains[function.address] = function }
    }
    for function in functions where function.address.function != 0 {
      var first = function.address
      first.function = 0
      guard let main = mains[first], isSecondHead(function, of: main, kinds) else { continue }
      kinds[function.address] = .display
    }
    mergeCards(functions, &kinds)
    return kinds
  }

  /// What a function is, seen alone.
  package init(_ function: PCIFunction) {
    self = .other
    guard let code = function.identity.classCode else { return }
    // A virtual function on its host is a share of a device that is listed already.
    if function.physicalFunction != nil { return }
    let vendor = function.identity.vendorID
    switch code >> 8 {
    case 0x0200...0x02ff: self = .nic
    case 0x0108: self = .drive
    // VGA, 3D and other display controllers.
    case 0x0300, 0x0302, 0x0380:
      guard let vendor else {
        self = .unknownDisplay
        return
      }
      self =
        Displays.isDisplayOnly(vendor, function.identity.deviceID) ? .display : .gpu(.of(vendor))
    // Processing accelerators. AMD's and NVIDIA's are GPUs (Instinct MI300X has this class); those
    // of others are made for one purpose: learning, inference, FPGA.
    case 0x1200:
      if AcceleratorDrivers.isManagement(function.driver) { return }
      let maker = vendor.map(GPU.Vendor.of)
      self = maker == .amd || maker == .nvidia ? .gpu(maker ?? .other) : .accelerator
    default:
      if AcceleratorDrivers.isAccelerator(function.driver) { self = .accelerator }
    }
  }

  /// Whether a function is a placeholder for the second monitor of the GPU that is function 0 of the
  /// same device. i915 (i915_pci_probe) binds to function 0 only, since "early generations used
  /// function 1 as a placeholder for multi-head"; Radeon cards up to X1950 had one too.
  private static func isSecondHead(
    _ function: PCIFunction, of main: PCIFunction, _ kinds: [PCIAddress: FunctionKind]
  ) -> Bool {
    guard case .gpu(let vendor)? = kinds[function.address],
      case .gpu(vendor)? = kinds[main.address],
      function.driver == nil || function.driver.map(HandedOn.isHandedOn) == true
    else { return false }
    let isOther = function.identity.classCode.map { $0 >> 8 == 0x0380 } ?? false
    let isMain = main.identity.classCode.map { $0 >> 8 == 0x0300 } ?? false
    return vendor == .intel || isOther && isMain
  }

  /// An Alveo card shows two functions of one class, for management and for its user: one card.
  private static func mergeCards(
    _ functions: [PCIFunction], _ kinds: inout [PCIAddress: FunctionKind]
  ) {
    var cards: [PCIAddress: [PCIFunction]] = [:]
    for function in functions
    where kinds[function.address] == .accelerator && function.identity.vendorID == 0x10ee {
      var device = function.address
      device.function = 0
      cards[device, default: []].append(function)
    }
    for members in cards.values where members.count > 1 {
      // The user's function comes second; with its driver it is known.
      let chosen = members.first { $0.driver == "xocl" } ?? members.max { $0.address < $1.address }
      for member in members where member.address != chosen?.address {
        kinds[member.address] = .other
      }
    }
  }
}

extension GPU.Vendor {
  /// The maker of a vendor id.
  static func of(_ id: UInt16) -> GPU.Vendor {
    switch id {
    case 0x1002: .amd
    case 0x10de: .nvidia
    case 0x8086: .intel
    default: .other
    }
  }
}

/// Which PCI functions are GPUs.
enum GPUKind {
  /// What a function is.
  enum Verdict: Hashable {
    /// A GPU of a vendor.
    case gpu(GPU.Vendor)
    /// A display that computes nothing: a BMC's, or a virtual machine's.
    case display
    /// A display of nobody knows whom: its vendor id could not be read.
    case unknownDisplay
    /// Something else.
    case other
  }

  /// What a function is, by its class and ids.
  static func verdict(_ function: PCIFunction) -> Verdict {
    guard let code = function.identity.classCode else { return .other }
    let isDisplay: Bool
    switch code >> 8 {
    // VGA, 3D and other display controllers.
    case 0x0300, 0x0302, 0x0380: isDisplay = true
    // Processing accelerators: data centre GPUs, but also FPGAs and vector engines.
    case 0x1200: isDisplay = false
    default: return .other
    }
    // A virtual function on its host is a share of a GPU that is listed already.
    if function.physicalFunction != nil { return .other }
    guard let vendor = function.identity.vendorID else {
      return isDisplay ? .unknownDisplay : .gpu(.other)
    }
    switch vendor {
    case 0x1002: return .gpu(.amd)
    case 0x10de: return .gpu(.nvidia)
    // Intel's accelerators of class 1200 are no GPUs: cryptography, compression, FPGA.
    case 0x8086: return .gpu(isDisplay ? .intel : .other)
    default:
      return isDisplay && displays.contains(Display(vendor, function.identity.deviceID))
        ? .display : .gpu(.other)
    }
  }

  /// A display's vendor and device; a nil device stands for all of the vendor's.
  private struct Display: Hashable {
    var vendor: UInt16
    var device: UInt16?

    init(_ vendor: UInt16, _ device: UInt16?) {
      self.vendor = vendor
      self.device = Display.wholeVendors.contains(vendor) ? nil : device
    }

    /// Vendors whose displays are all BMC or virtual: ASPEED, Matrox, VMware, Cirrus Logic,
    /// Bochs and QEMU, VirtualBox, XGI (Volari in servers), Hyper-V, and SiliconMotion.
    static let wholeVendors: Set<UInt16> = [
      0x1a03, 0x102b, 0x15ad, 0x1013, 0x1234, 0x80ee, 0x18ca, 0x1414, 0x126f,
    ]
  }

  private static let displays: Set<Display> = Set(
    Display.wholeVendors.map { Display($0, nil) } + [
      // virtio-gpu, QXL, HiSilicon's BMC, Huawei's BMC.
      Display(0x1af4, 0x1050), Display(0x1b36, 0x0100), Display(0x19e5, 0x1711),
    ])
}

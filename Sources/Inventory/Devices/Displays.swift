/// Displays that compute nothing: those of management controllers and of virtual machines.
enum Displays {
  /// Whether a device of display class is one of them.
  static func isDisplayOnly(_ vendor: UInt16, _ device: UInt16?) -> Bool {
    if wholeVendors.contains(vendor) { return true }
    guard let device else { return false }
    return devices.contains(UInt32(vendor) << 16 | UInt32(device))
  }

  /// Vendors whose displays are all BMC or virtual: ASPEED, Matrox, VMware, Cirrus Logic, Bochs and
  /// QEMU, VirtualBox, XGI (Volari in servers), Hyper-V, SiliconMotion, bhyve, Parallels, Amazon
  /// EC2.
  private static let wholeVendors: Set<UInt16> = [
    0x1a03, 0x102b, 0x15ad, 0x1013, 0x1234, 0x80ee, 0x18ca, 0x1414, 0x126f, 0xfb5d, 0x1ab8, 0x1d0f,
  ]

  /// Single devices of vendors who also make GPUs or much else, by vendor and device.
  private static let devices: Set<UInt32> = [
    // virtio-gpu, QXL, HiSilicon's BMC, Huawei's BMC, Xen's.
    0x1af4_1050, 0x1b36_0100, 0x19e5_1711, 0x5853_c147,
    // ATI on server boards (pci.ids): ES1000 is RN50, a Radeon 7000 without 3D, and Rage XL stood
    // there before it. radeon (radeon_device.c, RADEON_SINGLE_CRTC) drives the first as a display.
    0x1002_515e, 0x1002_515f, 0x1002_5969, 0x1002_4752, 0x1002_4753, 0x1002_474d, 0x1002_474e,
    0x1002_474f, 0x1002_4749, 0x1002_4750, 0x1002_4751, 0x1002_474c, 0x1002_4759, 0x1002_475a,
  ]
}

/// Drivers that keep a function for somebody else and do not use it.
public enum HandedOn {
  /// Whether a driver hands its function on: to a guest (vfio, Xen), to a program in user space
  /// (vfio, uio), or holds it so that no other driver binds (pci-stub).
  package static func isHandedOn(_ driver: String) -> Bool { drivers.contains(driver) }

  private static let drivers: Set<String> = [
    "vfio-pci", "pci-stub", "xen-pciback", "pciback", "uio_pci_generic", "igb_uio",
    "nvgrace_gpu_vfio_pci",
    "mlx5_vfio_pci", "hisi_acc_vfio_pci", "pds_vfio_pci", "virtio_vfio_pci", "qat_vfio_pci",
    "xe_vfio_pci", "nvidia_vgpu_vfio",
  ]
}

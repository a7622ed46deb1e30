/// Which GPUs are part of the processor or the chipset: they share its memory, and drive the screen
/// of the machine.
enum BuiltInGPU {
  /// Whether a GPU is built in; nil where it is not known.
  ///
  /// Ids come first, since a hypervisor puts any card on the root bus of its guest.
  static func verdict(_ vendor: GPU.Vendor, _ function: PCIFunction) -> Bool? {
    guard let device = function.identity.deviceID else { return nil }
    switch vendor {
    case .amd: return amd.contains { $0.contains(device) }
    case .intel:
      // Behind a bridge there is a slot, whatever the id: later cards have ids of their own.
      return function.parent == nil && !intelCards.contains { $0.contains(device) }
    // NVIDIA's chipsets with a GPU ended with the MCP89 of 2010, before its present drivers. Its
    // processors with a GPU (GH200, GB10) have it for computing.
    case .nvidia: return false
    case .other: return nil
    }
  }

  /// AMD numbers the GPUs of its processors with the processors' other functions, 0x1304 (Kaveri)
  /// to 0x1902 and on, and those of its older chipsets and processors from 0x9600 (RS780) to 0x99a4
  /// (Richland). Cards have 0x4xxx to 0x7xxx and 0x94xx to 0x95xx: the kernel's amdgpu_drv.c and
  /// include/drm/drm_pciids.h, where the former have AMD_IS_APU and RADEON_IS_IGP. MI300A computes,
  /// and has the id of a card, 0x74a0.
  private static let amd: [ClosedRange<UInt16>] = [0x1100...0x1fff, 0x9600...0x99ff]

  /// Intel's cards by the kernel's include/drm/intel/pciids.h: Ponte Vecchio, DG1, flex DG2, DG2 with
  /// ATS-M, and Battlemage.
  private static let intelCards: [ClosedRange<UInt16>] = [
    0x0b60...0x0bff, 0x4905...0x4909, 0x4f80...0x4f8f, 0x5690...0x56ff, 0xe200...0xe2ff,
  ]
}

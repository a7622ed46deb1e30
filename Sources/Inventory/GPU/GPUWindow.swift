internal import Accelerators

/// What the window to a GPU's memory, its BAR, is needed for, and who sets its size.
extension GPU {
  /// Whether other devices reach the card's memory only as far as its BAR shows it; nil when the
  /// card's name does not show that.
  ///
  /// amdgpu offers no peer access to a card whose BAR does not show all of its memory
  /// (`amdgpu_device_is_peer_accessible`). NVIDIA's driver does peer access on its data centre and
  /// workstation cards with a small BAR too: their BAR1 is a window that it moves, and some of them
  /// have 256 MiB by design (Tesla T4). GeForce cards get peer access over PCIe from a patched
  /// driver alone, which needs all memory in the BAR.
  public var peersNeedLargeBar: Bool? { driver == "nvidia" ? isGeForce : true }

  /// Who decides how large the window is.
  public enum WindowOwner: String, Hashable, Sendable {
    /// The board's firmware: its settings.
    case firmware
    /// The card's own firmware, which offers nothing larger.
    case card
    /// The hypervisor, for a guest.
    case hypervisor
  }

  /// Who decides how large the window is: in a guest the hypervisor, and where the card offers no
  /// size that covers its memory, the card.
  package func windowOwner(_ function: PCIFunction?, _ machine: Machine) -> WindowOwner {
    if machine.isGuest { return .hypervisor }
    let index = GPU.memoryBar(of: vendor)
    guard let bar = function?.bars.first(where: { $0.index == index }),
      let most = bar.possibleSizesBytes?.max(), let total = memoryTotalBytes
    else { return .firmware }
    // A BAR is a power of two, and some cards offer a little less than all of an odd size.
    return most < UInt64(clamping: total) / 2 ? .card : .firmware
  }

  /// The BAR of video memory: 0 of an AMD card, 1 of an NVIDIA card, 2 of an Intel card.
  package static func memoryBar(of vendor: Vendor) -> Int? {
    switch vendor {
    case .amd: 0
    case .nvidia: 1
    case .intel: 2
    case .other: nil
    }
  }

  /// Where a fact of the card comes from, when its PCI function has no file for it: NVIDIA's driver
  /// has no files for most of them, and KFD keeps its own tree.
  package func source(of fact: String) -> String? {
    if let source = sources?[fact] { return source }
    switch (driver, fact) {
    case ("nvidia", "memoryTotalBytes"), ("nvidia", "name"), ("nvidia", "peerAnswers"):
      return NVML.library
    case ("amdgpu", "peerAnswers"): return KFDTopology.base
    default: return nil
    }
  }
}

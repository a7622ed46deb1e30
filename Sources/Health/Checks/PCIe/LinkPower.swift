internal import Base
internal import Inventory

/// The power states of a link that counts errors, when it may enter any.
///
/// A link that leaves a power state badly makes receiver errors and bad packets like a loose card
/// does, and switching the states off costs nothing but a little power: so that is tried first.
struct LinkPower {
  /// The states, in the words of the fact.
  var evidence: Evidence
  /// How to try without.
  var advice: [Advice]

  /// Nil for a link whose states are off or not known.
  init?(_ link: AERLink, _ box: Box) {
    let hop = box.inventory.pci.lazy.compactMap { function in
      function.path?.hops.first { $0.device == link.device }
    }.first
    guard let hop, let states = hop.aspm, !states.isEmpty else { return nil }
    let folder = "/sys/bus/pci/devices/\(hop.device)"
    let isKernels = box.function(hop.device)?.aspm != nil
    let list = states.joined(separator: " ")
    evidence = Evidence(
      "pci[\(hop.device)].path", "\(hop.port.short) - \(hop.device.short): ASPM \(list)",
      path: folder + (isKernels ? "/link" : "/config (LnkCtl 1:0)"))
    // Without L1 there are no substates of it either.
    let files = states.filter { !$0.hasPrefix("L1.") || !states.contains("L1") }
    advice = [
      Advice(
        "ASPM is on for this link (\(list)): try it off first, until the next boot, and see whether "
          + "the errors stop",
        commands: isKernels
          ? files.map {
            "echo 0 > \(folder)/link/\($0.lowercased().replacing(".", with: "_"))_aspm"
          }
          // The lower end first: L1 must not be off above it while it may still ask for it (kernel:
          // drivers/pci/pcie/aspm.c, pcie_config_aspm_link).
          : [hop.device, hop.port].map { "setpci -s \($0) CAP_EXP+10.w=0:3" },
        risk: "more power when idle"),
      Advice(
        "when that helps, keep it off: add pcie_aspm.policy=performance to the kernel command line",
        risk: "all links stay awake: more power when idle", needsReboot: true),
    ]
  }
}

internal import Inventory

/// Whether every link has all its lanes.
enum LinkWidthCheck: Check {
  static let info = CheckInfo(
    id: "link-width",
    title: "Link width",
    area: .pcie,
    harm: .largeLoss,
    why: """
      A link has 1 to 16 lanes, and its bandwidth is in proportion. A dirty contact, a riser, or a \
      slot set to two times x8 leaves some lanes out, without any message; half the lanes is half \
      the bandwidth.

      Every link from the device up to its root port is compared with what both of its ends can \
      do. AMD's GPUs sit behind a switch on the card: the GPU function's own link is inside the \
      card and always looks perfect; the slot link is the one that counts.
      """,
    reads: linkFacts,
    verdicts: linkVerdicts,
    fix: """
      Reseat the card and its riser, clean the contacts; look at the slot's bifurcation in the \
      BIOS; try another slot.
      """,
    risk: "those of opening the machine",
    sources: linkSources + [
      "kernel: drivers/gpu/drm/amd/amdgpu/amdgpu_device.c, amdgpu_device_partner_bandwidth "
        + "(walks up from the GPU past AMD's own bridges)"
    ],
    needs: [.pci], usesSamples: true)

  static func evaluate(_ box: Box) -> [Finding] { linkFindings(box, .width) }

  static let linkFacts = [
    "pci[].path.hops (current_link_speed, current_link_width, max_link_* of both ends; "
      + "LnkCap and LnkSta in configuration space)",
    "pci[].express.targetGigatransfersPerSecond (LnkCtl2)", "gpus[].busyShare",
    "nics[].speedBitsPerSecond",
    "profile: places[].link, gpus[].link", "with --live: rates under load",
  ]
  static let linkVerdicts: [Verdict: String] = [
    .pass: "at what both ends can do, or lower only when idle",
    .warn: """
    below that in one sample; capped by software; or a slot that allows less than the card could \
    use, and no profile that expects it: a server's GPU below its own rate, a drive that lacks \
    lanes, ports of a network card that are faster than its slot
    """,
    .fail:
      "below that in every sample under load, or the slot allows less than the profile expects",
    .unknown: "low on an idle GPU: test under load with --live; or a link is not known",
    .notApplicable: "no link: on the root bus, conventional PCI, or inside a chip",
  ]
  static let linkSources = [
    "kernel: Documentation/ABI/testing/sysfs-bus-pci (current_link_*, max_link_*)",
    "PCI Express Base Specification, Link Capabilities, Status and Control 2 registers",
    "local-inference-lab/rtx6kpro PR 88: 1,415 idle transitions in two minutes on one machine",
  ]
}

internal import Inventory

/// Whether every link runs at its full speed.
enum LinkSpeedCheck: Check {
  static let info = CheckInfo(
    id: "link-speed",
    title: "Link speed",
    area: .pcie,
    harm: .largeLoss,
    why: """
      Each PCIe generation doubles the speed of a lane. When the signal is poor the two ends agree \
      on a lower generation at start, or firmware caps it, and stay there: half or a quarter of \
      the bandwidth with nothing in the log.

      Idle GPUs lower their link to save power and raise it when there is work. So one reading of \
      an idle GPU is reported as unknown, and --live takes samples while a load runs.
      """,
    reads: LinkWidthCheck.linkFacts,
    verdicts: LinkWidthCheck.linkVerdicts,
    fix: """
      Reseat the card and its riser; set the slot's speed to Auto in the BIOS; use a riser made \
      for the generation. When software caps the speed, raise LnkCtl2's target and retrain.
      """,
    risk: "retraining a link while the device works can hang it",
    sources: LinkWidthCheck.linkSources,
    needs: [.pci], usesSamples: true)

  static func evaluate(_ box: Box) -> [Finding] { linkFindings(box, .speed) }
}

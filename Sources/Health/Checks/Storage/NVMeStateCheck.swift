internal import Inventory

/// Whether NVMe controllers answer.
enum NVMeStateCheck: Check {
  static let info = CheckInfo(
    id: "nvme-state",
    title: "NVMe controller state",
    area: .storage,
    harm: .deviceLost,
    why: """
      The kernel keeps the name of a drive whose controller no longer answers. Reads and writes \
      then wait or fail, and so does everything above them.
      """,
    reads: ["nvme[*].state (/sys/class/nvme/nvme*/state)"],
    verdicts: [
      .pass: "live", .warn: "on its way: new, resetting, connecting, deleting",
      .fail: "dead", .notApplicable: "no NVMe drive",
    ],
    fix: "Look for the reason in the kernel log; reset the controller, then the power.",
    risk: "A reset drops what the drive has not written yet.",
    sources: ["kernel: drivers/nvme/host/sysfs.c, state_name"],
    needs: [.nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    eachController(box) { drive, subject in
      let path = "/sys/class/nvme/\(drive.name)/state"
      guard let state = drive.state else {
        return unknown(
          "state not known", subject,
          evidence: [
            Evidence(
              missing: "nvme[\(drive.name)].state", key: "state", in: drive.unknown, path: path)
          ])
      }
      let evidence = [Evidence("nvme[\(drive.name)].state", state, path: path)]
      if state == "live" { return pass("live", subject, evidence: evidence) }
      let advice = [
        Advice("read why", commands: ["dmesg | grep -w \(drive.name)"]),
        Advice(
          "reset the controller",
          commands: ["echo 1 > /sys/class/nvme/\(drive.name)/reset_controller"],
          risk: "what the drive has not written yet is lost"),
      ]
      return state == "dead"
        ? fail(
          "the controller is dead", subject, evidence: evidence,
          consequence: "nothing on it can be read or written", advice: advice)
        : warn(
          "the controller is \(state)", subject, evidence: evidence,
          consequence: "reads and writes wait until it is live", advice: advice)
    }
  }
}

internal import Base
internal import Configuration

/// Whether every GPU has a driver that models can use, and what to do where it has none. Nothing is installed: a
/// driver needs a package of a source that the owner chooses, and a reboot.
struct DriverStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .driver }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    if let power = answers.power.first {
      throw Failure(
        "limit the power of \(power.address)",
        because: "this version of tinybox sets no power limits",
        hint: "take [power] out of the answers", code: .conflict)
    }
    return .work(.init(["look at the drivers of GPUs"]))
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let hardware = try machine.hardware()
    var notes: [String] = []
    var missing: [(problem: String, hint: String)] = []
    for gpu in hardware.gpus {
      if let advice = DriverAdvice.advice(gpu, hasAMDFirmware: hardware.hasAMDFirmware) {
        missing.append(advice)
      } else if let driver = gpu.driver {
        notes.append("\(gpu.address) \(gpu.name): \(driver)")
      }
    }
    if missing.isEmpty { return notes }
    if answers.driver.missing?.value == .report {
      return notes + missing.map { "\($0.problem); \($0.hint)" }
    }
    var hints: [String] = []
    for (_, hint) in missing where !hints.contains(hint) { hints.append(hint) }
    throw Failure(
      "use the GPUs", because: missing.map(\.problem).joined(separator: "\n"),
      hint: (hints + ["missing = \"report\" in [driver] goes on all the same"]).joined(
        separator: "\n"), code: .conflict)
  }
}

/// Which driver a GPU needs, and where it comes from.
enum DriverAdvice {
  /// Device ids of Blackwell cards, GeForce RTX 50: GB202 2b80 to GB205 2fff (pci.ids, vendor 10de).
  private static let blackwell: ClosedRange<UInt16> = 0x2b80...0x2fff

  /// What is wrong with the driver of a GPU, and what to do; nil where nothing is, and for makers whose cards no
  /// runtime of tinybox uses.
  static func advice(
    _ gpu: SetupHardware.GPU, hasAMDFirmware: Bool?
  ) -> (problem: String, hint: String)? {
    let name = "\(gpu.address) \(gpu.name)"
    switch (gpu.vendor, gpu.driver) {
    case (.other, _), (.amd, "amdgpu"), (.nvidia, "nvidia"): return nil
    case (_, "vfio-pci"):
      return ("\(name) is given to a guest (vfio-pci)", "bind it to its driver again")
    case (.amd, let driver):
      let problem = "\(name) has " + (driver.map { "the driver \($0)" } ?? "no driver")
      switch hasAMDFirmware {
      case false:
        return (
          problem,
          "install firmware-amd-graphics of Debian's non-free-firmware (amdgpu does not start without it), reboot"
        )
      case true:
        return (
          problem, "the firmware is there: 'journalctl -k -g amdgpu' has the driver's own reason"
        )
      case nil: return (problem, "whether there is firmware in /lib/firmware/amdgpu is not known")
      }
    case (.nvidia, let driver):
      let problem = "\(name) has " + (driver.map { "the driver \($0)" } ?? "no driver")
      if let id = gpu.deviceID, blackwell.contains(id) {
        return (
          problem,
          "install nvidia-open, 570 or later, of NVIDIA's repository for Debian: Debian's own driver is 550, which "
            + "knows no RTX 50, and these cards need the open modules; reboot"
        )
      }
      return (
        problem,
        "install nvidia-driver of Debian's non-free, or nvidia-open of NVIDIA's repository; reboot"
      )
    }
  }
}

internal import Base
internal import Configuration

/// Whether every GPU has a driver that models can use, and what to do where it has none; then how much power it may
/// draw. No driver is installed: it needs a package of a source that the owner chooses, and a reboot.
struct DriverStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .driver }

  private enum Key {
    static let file = "power-file"
    static let fileBefore = "power-file-before"
    static let settings = "power"
    static let before = "power-before"
  }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    var work = SetupPlan.Work(["look at the drivers of GPUs"])
    if answers.power.isEmpty { return .work(work) }
    // A card without its driver has no cap: which driver it needs comes first.
    _ = try drivers(answers)
    let wishes = try PowerWishes(
      answers.power, try machine.power(without: PowerWishes.file))
    work.steps += wishes.steps
    let present = try machine.text(PowerWishes.file)
    if present != wishes.text { work.steps.append("write \(PowerWishes.file)") }
    work.intent[Key.file] = wishes.text
    work.intent[Key.fileBefore] = present
    work.intent[Key.settings] = SetupPower.Setting.text(wishes.settings)
    work.intent[Key.before] = SetupPower.Setting.text(wishes.before)
    return .work(work)
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    guard let text = intent[Key.file] else { return }
    if try machine.text(PowerWishes.file) != text {
      try machine.write(text, to: PowerWishes.file, mode: 0o644)
    }
    try machine.setPower(SetupPower.Setting.parse(intent[Key.settings] ?? ""))
    // From now on it sets them at each boot, and when a driver is loaded again.
    try machine.reloadConfiguration()
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    let notes = try drivers(answers)
    guard let text = intent[Key.file] else {
      let isThere = try machine.text(PowerWishes.file) != nil
      return notes + (isThere ? ["\(PowerWishes.file) of earlier answers stays"] : [])
    }
    let step = "limit the power of GPUs"
    guard try machine.text(PowerWishes.file) == text else {
      throw Failure(step, because: "\(PowerWishes.file) is not as it was written")
    }
    let (held, missing) = PowerWishes.judge(
      answers.power, try machine.power(without: PowerWishes.file))
    guard missing.isEmpty else {
      throw Failure(
        step, because: missing.joined(separator: "\n"),
        hint: "firmware of some cards refuses low caps that their driver offers", code: .conflict)
    }
    return notes + held
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    guard let text = intent[Key.file] else { return }
    // A file that somebody changed since stays.
    if try machine.text(PowerWishes.file) == text {
      if let before = intent[Key.fileBefore] {
        try machine.write(before, to: PowerWishes.file, mode: 0o644)
      } else {
        try machine.remove(PowerWishes.file)
      }
    }
    try machine.setPower(SetupPower.Setting.parse(intent[Key.before] ?? ""))
    try machine.reloadConfiguration()
  }

  /// The driver of each GPU, in words.
  /// - Throws: `Failure` where one has none that models can use, unless the answers only want that reported.
  private func drivers(_ answers: SetupAnswers) throws(Failure) -> [String] {
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

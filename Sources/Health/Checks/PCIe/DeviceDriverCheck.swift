internal import Base
internal import Inventory

/// Whether each drive, network adapter and accelerator has a kernel driver.
enum DeviceDriverCheck: Check {
  static let info = CheckInfo(
    id: "device-driver",
    title: "Kernel driver of drives, network adapters and accelerators",
    area: .pcie,
    harm: .deviceLost,
    why: """
      A device without a driver appears in the list of the PCI bus only: there is no drive, no \
      interface and no error. Its driver is missing, or tried and gave up: then the kernel's log \
      says why. A device that is kept for a guest or a program in user space is in use and not \
      forgotten. GPUs have a check of their own, gpu-driver.
      """,
    reads: [
      "pci[ADDRESS].identity.classCode (classes 02, 0108, 12), pci[ADDRESS].driver (link driver)",
      "pci[ADDRESS].driverOverride", "pci[ADDRESS].isDead",
      "pci[ADDRESS].kernelMessages (lines of the kernel's log that name the device)",
    ],
    verdicts: [
      .pass: "a driver is bound",
      .warn: "none is bound",
      .fail: "none is bound, and the kernel's log says that a driver tried and failed",
      .notApplicable:
        "handed on (vfio, pci-stub, uio), kept for another driver (driver_override), asleep, or it "
        + "answers no longer (device-lost)",
      .unknown: "the link could not be read",
    ],
    fix: "Load the driver, or read in the kernel's log why it gave up.",
    risk: "None; a device that was kept free on purpose is then taken.",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-bus-pci: driver, driver_override",
      "kernel: drivers/base/dd.c, call_driver_probe: `probe with driver NAME failed with error N`",
    ],
    needs: [.pci, .nics, .nvme, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    let devices = box.dataDevices.filter { function in
      switch box.kind(of: function.address) {
      case .nic, .drive, .accelerator: true
      default: false
      }
    }
    if devices.isEmpty {
      return [
        none(box, collector: "PCI", "drive, network adapter or accelerator", includesGPUs: false)
      ]
    }
    return devices.map { judge($0, box) }
  }

  private static func judge(_ function: PCIFunction, _ box: Box) -> Finding {
    let subject = box.subject(function.address)
    let fact = "pci[\(function.address)].driver"
    let path = "/sys/bus/pci/devices/\(function.address)/driver"
    if let driver = function.driver {
      let evidence = [Evidence(fact, driver, path: path)]
      if HandedOn.isHandedOn(driver) {
        return notApplicable("\(driver): handed on", subject, evidence: evidence)
      }
      return pass("has a driver", subject, evidence: evidence)
    }
    if function.unknown.contains(where: { $0.fact == "driver" || $0.fact == "identity" }) {
      return unknown(
        "driver not known", subject,
        evidence: [Evidence(missing: fact, key: "driver", in: function.unknown, path: path)])
    }
    // Only a driver registers an interface or a drive: its link is missing, in a recording at most.
    if let entry = entry(function.address, box) {
      return unknown(
        "driver not known", subject,
        evidence: [
          Evidence(missing: fact, path: path, reason: "no such link, and \(entry) is registered")
        ])
    }
    let none = Evidence(fact, "none", path: path)
    if function.isDead == true {
      return notApplicable("answers no longer (device-lost)", subject, evidence: [none])
    }
    if let driver = function.driverOverride {
      return notApplicable(
        "kept for \(driver) (driver_override)", subject,
        evidence: [
          none,
          Evidence("pci[\(function.address)].driverOverride", driver, path: path + "_override"),
        ])
    }
    return missing(function, subject, none)
  }

  /// What a driver has registered for a function.
  private static func entry(_ address: PCIAddress, _ box: Box) -> String? {
    box.inventory.nics.first { $0.address == address }?.name
      ?? box.inventory.nvme.first { $0.address == address }?.name
  }

  private static func missing(
    _ function: PCIFunction, _ subject: Subject, _ none: Evidence
  ) -> Finding {
    let address = function.address
    let advice = Advice(
      "see which driver is meant for it and why it is not bound",
      commands: ["lspci -k -s \(address)", "journalctl -k -b | grep -F \(address)"])
    let load = Advice(
      "load its driver", commands: ["modprobe $(cat /sys/bus/pci/devices/\(address)/modalias)"],
      risk: "the device is taken into use")
    let consequence = "nothing can be stored on it, sent through it or computed on it"
    guard let reason = function.kernelMessages?.last else {
      return warn(
        "no kernel driver", subject, evidence: [none], consequence: consequence,
        advice: [load, advice])
    }
    let log = Evidence(
      "pci[\(address)].kernelMessages", reason, path: KernelMessages.source)
    let summary = "no kernel driver: \(reason)"
    // Other lines may be about something that was mended since.
    if KernelMessages.isFailedProbe(function.kernelMessages ?? []) {
      return fail(
        summary, subject, evidence: [none, log], consequence: consequence, advice: [advice])
    }
    return warn(
      summary, subject, evidence: [none, log], consequence: consequence, advice: [load, advice])
  }
}

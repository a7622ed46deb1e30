internal import Inventory

/// Whether all of the memory is there, and the kernel has it.
enum MemorySizeCheck: Check {
  static let info = CheckInfo(
    id: "memory-size",
    title: "Size of the memory",
    area: .memory,
    harm: .largeLoss,
    why: """
      A module that fails its test is left out at boot, and the machine starts with less. The \
      kernel keeps a few per cent for itself; what is missing beyond that was never handed to it.
      """,
    reads: [
      "memory.totalBytes (/proc/meminfo MemTotal)", "memory.modules (SMBIOS type 17: size, type)",
      "the profile's memoryBytes",
    ],
    verdicts: [
      .pass: "the modules add up to what the profile says, and the kernel has it",
      .warn: "the kernel has less than the modules hold, on a server; more than the profile says",
      .fail: "less memory than the profile says",
      .notApplicable: "less than the modules outside servers, where a built-in GPU takes some; "
        + "a guest",
      .unknown: "modules (root only) or the kernel's size could not be read",
    ],
    fix: "Reseat the module that is missing; look for mem= on the kernel's command line.",
    risk: "Those of opening the machine.",
    sources: [
      "kernel: Documentation/filesystems/proc.rst, MemTotal: less reserved bits and the kernel",
      "DMTF DSP0134 (SMBIOS), type 17; memory type 1fh is persistent memory, not counted here",
    ],
    needs: [.machine, .processors, .memory, .gpus])

  static func evaluate(_ box: Box) -> [Finding] {
    skipInGuestOrControlDomain(box, serversOnly(box, [judge(box)]))
  }

  private static func judge(_ box: Box) -> Finding {
    let memory = box.inventory.memory
    let wanted = box.profile?.memoryBytes
    guard let total = memory.totalBytes else {
      return unknown(
        "memory of the kernel not known",
        evidence: [
          Evidence(
            missing: "memory.totalBytes", key: "totalBytes", in: memory.unknown,
            path: "/proc/meminfo")
        ])
    }
    let kernel = Evidence("memory.totalBytes", Text.capacity(total), path: "/proc/meminfo")
    let modules = memory.mainModules
    let sizes = modules.compactMap(\.sizeBytes)
    let sum = modules.isEmpty || sizes.count < modules.count ? nil : CheckedNumbers.sum(sizes)
    if let wanted, sum.map({ $0 < wanted }) ?? (Double(total) < least(of: wanted)) {
      let found = sum ?? total
      return fail(
        "\(Text.capacity(found)), expected \(Text.capacity(wanted))",
        evidence: [kernel] + (sum == nil ? [] : [modulesEvidence(box)]),
        consequence: "\(Text.capacity(Double(wanted) - Double(found))) missing",
        advice: [
          Advice(
            "find the module that is missing and reseat it",
            commands: ["dmidecode -t memory | grep -E 'Locator|Size'"],
            risk: "those of opening the machine")
        ])
    }
    guard let sum else {
      return noModules(box)
    }
    let evidence = [kernel, modulesEvidence(box)]
    if Double(total) < least(of: sum) {
      return warn(
        "the kernel has \(Text.capacity(total)) of \(Text.capacity(sum))",
        evidence: evidence,
        consequence: "\(Text.capacity(Double(sum) - Double(total))) that no program can use",
        advice: [
          Advice(
            "look for mem= or a large crashkernel= on the command line, then in the event log of "
              + "the management controller for a module that was mapped out",
            commands: ["cat /proc/cmdline", "ipmitool sel list | grep -i memory"], risk: "none")
        ])
    }
    if let wanted, sum > wanted {
      return warn(
        "\(Text.capacity(sum)), expected \(Text.capacity(wanted))", evidence: evidence,
        advice: [Advice("if modules were added, learn the profile anew")])
    }
    return pass(Text.capacity(sum), evidence: evidence)
  }

  /// The least the kernel should have of so much: it keeps 1.6 % for its page tables, firmware
  /// takes some, and a crash kernel up to 1 GiB.
  private static func least(of bytes: Int) -> Double { Double(bytes) * 0.93 - 1_073_741_824 }
}

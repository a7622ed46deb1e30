/// Whether user space may move an interrupt, decided from what the kernel shows without a write.
///
/// Since 6.12 the mode of `smp_affinity` shows it: 0444 means the kernel refuses every write. Older
/// kernels show 0644 for managed interrupts too, and root passes any other test of permission.
struct InterruptMobility: Equatable {
  /// The verdict.
  var mobility: Interrupt.Mobility
  /// Why it cannot be moved, or why that is unknown.
  var reason: String?

  /// What is known of an interrupt.
  struct Evidence {
    /// Permission bits of `smp_affinity_list`; nil when they could not be read.
    var permissions: UInt16?
    /// Whether the modes of this tree are the kernel's own.
    var hasModes = true
    /// Whether this kernel shows by mode that an interrupt is managed.
    var modesTell = true
    /// Whether the handler's name is one whose driver leaves its queues to the kernel.
    var isManagedByName = false
    /// Whether drivers of this kind of device may use managed interrupts.
    var isStorage = false
    /// `IRQD_AFFINITY_MANAGED` in debugfs; nil when that could not be read.
    var isProvenManaged: Bool?
    /// Number, for the interrupts that chips keep to themselves.
    var number: Int?
    /// Chip text.
    var chip: String?
    /// Handlers.
    var actions: [String] = []
  }

  /// No verdict without modes.
  static let noModes = InterruptMobility(
    mobility: .unknown, reason: "the recording contains no file modes")

  static func decide(_ evidence: Evidence) -> InterruptMobility {
    let proof =
      "managed: the kernel spreads this driver's queues (IRQD_AFFINITY_MANAGED)"
    if evidence.isProvenManaged == true {
      return InterruptMobility(mobility: .fixed, reason: proof)
    }
    guard evidence.hasModes else { return noModes }
    guard let permissions = evidence.permissions else {
      return InterruptMobility(mobility: .unknown, reason: "the mode of smp_affinity is not known")
    }
    if permissions & 0o222 != 0 {
      if evidence.modesTell || evidence.isProvenManaged == false {
        return InterruptMobility(mobility: .movable)
      }
      if evidence.isManagedByName || evidence.isStorage {
        return InterruptMobility(
          mobility: .unknown,
          reason: "kernels before 6.12 show managed interrupts as writable")
      }
      return InterruptMobility(mobility: .movable)
    }
    let reason =
      if evidence.isManagedByName && evidence.isProvenManaged == nil {
        "managed: the kernel spreads this driver's queues"
      } else if isKeptByChip(evidence) {
        "the interrupt chip cannot move it"
      } else if evidence.isProvenManaged == false {
        "user space may not set it (not managed: per-CPU, or its chip cannot)"
      } else {
        "user space may not set it (managed or per-CPU)"
      }
    return InterruptMobility(mobility: .fixed, reason: reason)
  }

  /// The legacy timer and cascade, and chips without a way to set an affinity.
  private static func isKeptByChip(_ evidence: Evidence) -> Bool {
    if evidence.actions.contains(where: { $0 == "timer" || $0 == "cascade" }) { return true }
    if evidence.number == 0 || (evidence.number == 2 && evidence.actions.isEmpty) { return true }
    guard let chip = evidence.chip else { return false }
    return chip.hasPrefix("XT-PIC") || chip.hasPrefix("xen-percpu")
  }
}

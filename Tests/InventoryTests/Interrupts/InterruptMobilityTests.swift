import Testing

@testable import Inventory

@Suite struct InterruptMobilityTests {
  typealias Evidence = InterruptMobility.Evidence

  @Test(
    arguments: [
      (Evidence(permissions: 0o644), .movable, nil),
      (Evidence(permissions: 0o444), .fixed, "user space may not set it (managed or per-CPU)"),
      (
        Evidence(permissions: 0o444, isManagedByName: true), .fixed,
        "managed: the kernel spreads this driver's queues"
      ),
      (
        Evidence(permissions: 0o444, isProvenManaged: true), .fixed,
        "managed: the kernel spreads this driver's queues (IRQD_AFFINITY_MANAGED)"
      ),
      // The kernel's own flag beats the name.
      (
        Evidence(permissions: 0o444, isManagedByName: true, isProvenManaged: false), .fixed,
        "user space may not set it (not managed: per-CPU, or its chip cannot)"
      ),
      (
        Evidence(permissions: 0o444, number: 0, actions: ["timer"]), .fixed,
        "the interrupt chip cannot move it"
      ),
      (Evidence(permissions: 0o444, number: 2), .fixed, "the interrupt chip cannot move it"),
      (
        Evidence(permissions: 0o444, number: 40, chip: "XT-PIC 7"), .fixed,
        "the interrupt chip cannot move it"
      ),
      // Copied with cat: every file is 0644 or 0444, whatever it was.
      (
        Evidence(permissions: 0o444, hasModes: false), .unknown,
        "the recording contains no file modes"
      ),
      (
        Evidence(permissions: 0o644, hasModes: false), .unknown,
        "the recording contains no file modes"
      ),
      (Evidence(permissions: nil), .unknown, "the mode of smp_affinity is not known"),
      // Kernels before 6.12.
      (
        Evidence(permissions: 0o644, modesTell: false, isManagedByName: true), .unknown,
        "kernels before 6.12 show managed interrupts as writable"
      ),
      (
        Evidence(permissions: 0o644, modesTell: false, isStorage: true), .unknown,
        "kernels before 6.12 show managed interrupts as writable"
      ),
      (Evidence(permissions: 0o644, modesTell: false), .movable, nil),
      (
        Evidence(
          permissions: 0o644, modesTell: false, isManagedByName: true, isProvenManaged: true),
        .fixed, "managed: the kernel spreads this driver's queues (IRQD_AFFINITY_MANAGED)"
      ),
      (
        Evidence(
          permissions: 0o644, modesTell: false, isManagedByName: true, isProvenManaged: false),
        .movable, nil
      ),
    ] as [(Evidence, Interrupt.Mobility, String?)])
  func decides(evidence: Evidence, mobility: Interrupt.Mobility, reason: String?) {
    #expect(
      InterruptMobility.decide(evidence) == InterruptMobility(mobility: mobility, reason: reason))
  }
}

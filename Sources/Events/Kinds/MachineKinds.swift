/// Devices, containers, services and checks.
extension EventKind {
  static let machine: [EventKind] = [
    .deviceAdded, .deviceRemoved, .checkWorse, .checkBetter, .irqbalanceStarted, .irqbalanceStopped,
    .containerStarted, .containerStopped, .unitFailed,
  ]

  /// A device was added.
  public static let deviceAdded = EventKind(
    "device.added", .info, "3f0c9931918c40bf9670c342c6cce996",
    "A device was added",
    """
    A GPU, network interface or NVMe drive appeared: plugged in, or its driver was \
    bound.
    """)

  /// A device is gone.
  public static let deviceRemoved = EventKind(
    "device.removed", .warning, "004498f4b98747c18c9c26a813678d7a",
    "A device is gone",
    """
    A GPU, network interface or NVMe drive is not there any more: unplugged, its driver \
    unbound, or it fell off the bus. `tinyboxctl status` shows what is left; the \
    kernel's own lines around this time (`journalctl -k`) say why.
    """)

  /// A check's verdict got worse.
  public static let checkWorse = EventKind(
    "check.worse", .warning, "c1af446506f142fca1010f154a9f2968",
    "A check's verdict got worse",
    """
    The verdict of a check is worse than before. `tinyboxctl check --explain NAME` gives evidence, \
    consequence and what to do.
    """)

  /// A check's verdict got better.
  public static let checkBetter = EventKind(
    "check.better", .info, "b459071afb8a4f9ebf72c46dca8fbe35",
    "A check's verdict got better",
    """
    The verdict of a check is better than before.
    """)

  /// irqbalance runs.
  public static let irqbalanceStarted = EventKind(
    "irqbalance.started", .warning, "4d1dd7de07c1437b95d0c57b811008b7",
    "irqbalance runs",
    """
    irqbalance was started. It moves interrupts by load, without regard to the node of \
    their device. In mode `enforce` tinyboxd asks it to leave placed interrupts alone. \
    `systemctl disable --now irqbalance` ends it.
    """)

  /// irqbalance does not run any more.
  public static let irqbalanceStopped = EventKind(
    "irqbalance.stopped", .info, "06f3179fec434ae0a6e144cf0b4152c8",
    "irqbalance does not run any more",
    """
    irqbalance has ended. Interrupts stay where they are.
    """)

  /// A container started.
  public static let containerStarted = EventKind(
    "container.started", .info, "c78165de8458420c88ba29b1f8223c08",
    "A container started",
    """
    A container engine made a new control group for a container.
    """)

  /// A container stopped.
  public static let containerStopped = EventKind(
    "container.stopped", .info, "7aa1caa066de4e968867119277832f1d",
    "A container stopped",
    """
    The control group of a container is gone.
    """)

  /// A systemd unit failed.
  public static let unitFailed = EventKind(
    "unit.failed", .warning, "83f11b2d9bbc4685bcc3323c673940a8",
    "A systemd unit failed",
    """
    systemd reports that a unit is in the state failed. `systemctl status UNIT` shows why.
    """)
}

/// Settings that are placed.
extension EventKind {
  static let placement: [EventKind] = [
    .placementDrift, .placementCorrected, .placementConflict, .placementResumed, .placementApplied,
    .placementRolledBack, .placementTrialDied, .placementRefused,
  ]

  /// A placed setting was changed.
  public static let placementDrift = EventKind(
    "placement.drift", .warning, "5a3c1fbdf9da4bf3a81696a68afe2312",
    "A placed setting was changed",
    """
    Something changed an interrupt, a queue or another setting that was placed. The mode \
    is `observe`, so nothing was put back: `tinyboxctl placement apply` does, and `mode \
    = "enforce"` in /etc/tinybox/tinybox.toml makes tinyboxd do it.
    """)

  /// A placed setting was put back.
  public static let placementCorrected = EventKind(
    "placement.corrected", .notice, "135d63cf1293424c802a2e8f96fc5ce8",
    "A placed setting was put back",
    """
    Something changed a placed setting, and tinyboxd, in mode `enforce`, put it back. The message \
    names who changed it, as far as the kernel reports it.
    """)

  /// Something keeps changing a placed setting; tinyboxd suspends it.
  public static let placementConflict = EventKind(
    "placement.conflict", .error, "a4ea3938d4294c52810915b0875b0b21",
    "Something keeps changing a placed setting; tinyboxd suspends it",
    """
    A placed setting was changed again each time it was put back. tinyboxd now leaves the \
    setting alone for a while, longer each time. Stop the other \
    program (often irqbalance, a tuning script or a NIC vendor's tool), or take the \
    setting out of the policy.
    """)

  /// tinyboxd restores a suspended setting again.
  public static let placementResumed = EventKind(
    "placement.resumed", .notice, "bdfaef428c7d4431b331dab129ea3a7b",
    "tinyboxd restores a suspended setting again",
    """
    The suspension is over: tinyboxd puts the setting back again when something changes it.
    """)

  /// The placement was applied.
  public static let placementApplied = EventKind(
    "placement.applied", .notice, "4260ce86ca964d78ba569ee452a5d423",
    "The placement was applied",
    """
    Interrupts, queues and slices were set as planned. `tinyboxctl \
    placement rollback` undoes it.
    """)

  /// The placement was rolled back.
  public static let placementRolledBack = EventKind(
    "placement.rolledBack", .notice, "44e767f743bb4898ac59157196f119be",
    "The placement was rolled back",
    """
    Every setting that tinybox had changed was put back to its original value. tinyboxd \
    places nothing until `tinyboxctl placement apply`.
    """)

  /// The program of a trial died.
  public static let placementTrialDied = EventKind(
    "placement.trialDied", .warning, "d3a327f4b0bd57af843c5c75a96ebd7a",
    "The trial of a placement was broken off",
    """
    The program that tried the placement of a device was killed. tinyboxd put every setting back to \
    what the trial had found.
    """)

  /// A setting could not be placed.
  public static let placementRefused = EventKind(
    "placement.refused", .warning, "23cc390c935440e38e1f39485d23d1f3",
    "A setting could not be placed",
    """
    The machine refused a setting, or accepted it and another value is in place. The message \
    has the kernel's reason.
    """)
}

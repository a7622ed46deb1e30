/// A kind of event: what can happen to a box, with the name under which programs know it.
///
/// Each has a `MESSAGE_ID` of the journal (systemd.journal-fields(7)), which never changes, and a
/// page in the journal's catalog, so that `journalctl -x` explains it.
public enum EventKind: String, Codable, Hashable, Sendable, CaseIterable {
  case daemonStarted = "daemon.started"
  case daemonStopped = "daemon.stopped"
  case daemonRecovered = "daemon.recovered"
  case daemonReloaded = "daemon.reloaded"
  case configurationInvalid = "configuration.invalid"
  case deviceAdded = "device.added"
  case deviceRemoved = "device.removed"
  case checkWorse = "check.worse"
  case checkBetter = "check.better"
  case placementDrift = "placement.drift"
  case placementCorrected = "placement.corrected"
  case placementFight = "placement.fight"
  case placementResumed = "placement.resumed"
  case placementApplied = "placement.applied"
  case placementRolledBack = "placement.rolledBack"
  case placementRefused = "placement.refused"
  case irqbalanceStarted = "irqbalance.started"
  case irqbalanceStopped = "irqbalance.stopped"
  case containerStarted = "container.started"
  case containerStopped = "container.stopped"
  case unitFailed = "unit.failed"
  case watchLost = "watch.lost"
  case eventsUnstored = "events.unstored"
}

extension EventKind {
  /// What the catalog and the reference say of a kind.
  struct Page {
    var messageID: String
    var severity: Event.Severity
    var subject: String
    var explanation: String
  }

  /// One page for each kind.
  var page: Page {
    switch self {
    case .daemonStarted:
      Page(
        messageID: "f3c95789ace14954ac5d6baed2eac902", severity: .info,
        subject: "tinyboxd watches this machine",
        explanation: """
          tinyboxd watches this machine from now on.
          """)
    case .daemonStopped:
      Page(
        messageID: "cbf27734ac1045258b66402800e03d2c", severity: .info,
        subject: "tinyboxd stopped",
        explanation: """
          tinyboxd was stopped in order. What is placed stays placed until a reboot or a \
          rollback; nothing is watched until it starts again.
          """)
    case .daemonRecovered:
      Page(
        messageID: "e0a3a91f23464c13bc27ed12b10877a9", severity: .warning,
        subject: "tinyboxd was not stopped in order",
        explanation: """
          The previous tinyboxd did not end in order: it was killed, its watchdog expired, or \
          the power failed. Its events up to then are kept. `journalctl -u tinyboxd` has the \
          reason where there is one.
          """)
    case .daemonReloaded:
      Page(
        messageID: "f1260ebc7d564b56b714dc919b27dbdf", severity: .info,
        subject: "The configuration was read again",
        explanation: """
          /etc/tinybox was read again, on SIGHUP or `systemctl reload tinyboxd`, and is in \
          force.
          """)
    case .configurationInvalid:
      Page(
        messageID: "6caf76a5703548ae8280ad3729a6f2e7", severity: .error,
        subject: "The configuration cannot be used",
        explanation: """
          A file in /etc/tinybox, or the profile in force, has a mistake; the message names it. \
          Of /etc/tinybox what was in force before stays in force: correct it, then `systemctl \
          reload tinyboxd`. Without the profile the checks tell nothing of what it expects.
          """)
    case .deviceAdded:
      Page(
        messageID: "3f0c9931918c40bf9670c342c6cce996", severity: .info,
        subject: "A device was added",
        explanation: """
          A GPU, network interface or NVMe drive appeared: plugged in, or its driver was \
          bound.
          """)
    case .deviceRemoved:
      Page(
        messageID: "004498f4b98747c18c9c26a813678d7a", severity: .warning,
        subject: "A device is gone",
        explanation: """
          A GPU, network interface or NVMe drive is not there any more: unplugged, its driver \
          unbound, or it fell off the bus. `tinyboxctl status` shows what is left; the \
          kernel's own lines around this time (`journalctl -k`) tell why.
          """)
    case .checkWorse:
      Page(
        messageID: "c1af446506f142fca1010f154a9f2968", severity: .warning,
        subject: "A check says worse than before",
        explanation: """
          A check's verdict has got worse. `tinyboxctl check --explain NAME` gives evidence, consequence \
          and what to do.
          """)
    case .checkBetter:
      Page(
        messageID: "b459071afb8a4f9ebf72c46dca8fbe35", severity: .info,
        subject: "A check says better than before",
        explanation: """
          A check's verdict has got better.
          """)
    case .placementDrift:
      Page(
        messageID: "5a3c1fbdf9da4bf3a81696a68afe2312", severity: .warning,
        subject: "A placed setting was changed",
        explanation: """
          Something changed an interrupt, a queue or another setting that was placed. The mode \
          is `observe`, so nothing was put back: `tinyboxctl placement apply` does, and `mode \
          = "enforce"` in /etc/tinybox/tinybox.toml makes tinyboxd do it.
          """)
    case .placementCorrected:
      Page(
        messageID: "135d63cf1293424c802a2e8f96fc5ce8", severity: .notice,
        subject: "A placed setting was put back",
        explanation: """
          Something changed a placed setting, and tinyboxd put it back, as mode `enforce` \
          wants. The message names who changed it, as far as the kernel tells.
          """)
    case .placementFight:
      Page(
        messageID: "a4ea3938d4294c52810915b0875b0b21", severity: .error,
        subject: "Something keeps changing a placed setting; tinyboxd backs off",
        explanation: """
          A placed setting was changed again each time it was put back. tinyboxd does not \
          fight: it leaves the setting alone for a while, longer each time. Stop the other \
          program (often irqbalance, a tuning script or a NIC vendor's tool), or take the \
          setting out of the policy.
          """)
    case .placementResumed:
      Page(
        messageID: "bdfaef428c7d4431b331dab129ea3a7b", severity: .notice,
        subject: "tinyboxd keeps a contested setting again",
        explanation: """
          The time of backing off is over and the setting is kept again.
          """)
    case .placementApplied:
      Page(
        messageID: "4260ce86ca964d78ba569ee452a5d423", severity: .notice,
        subject: "The placement was applied",
        explanation: """
          Interrupts, queues and slices were put where the plan wants them. `tinyboxctl \
          placement rollback` undoes it.
          """)
    case .placementRolledBack:
      Page(
        messageID: "44e767f743bb4898ac59157196f119be", severity: .notice,
        subject: "The placement was rolled back",
        explanation: """
          Every setting that tinybox had changed was put back to its original value. tinyboxd \
          places nothing until `tinyboxctl placement apply`.
          """)
    case .placementRefused:
      Page(
        messageID: "23cc390c935440e38e1f39485d23d1f3", severity: .warning,
        subject: "A setting could not be placed",
        explanation: """
          The machine refused a setting, or accepted it and something else holds. The message \
          has the kernel's reason.
          """)
    case .irqbalanceStarted:
      Page(
        messageID: "4d1dd7de07c1437b95d0c57b811008b7", severity: .warning,
        subject: "irqbalance runs",
        explanation: """
          irqbalance was started. It moves interrupts by load, without regard to the node of \
          their device. In mode `enforce` tinyboxd tells it to leave placed interrupts alone. \
          `systemctl disable --now irqbalance` ends it.
          """)
    case .irqbalanceStopped:
      Page(
        messageID: "06f3179fec434ae0a6e144cf0b4152c8", severity: .info,
        subject: "irqbalance does not run any more",
        explanation: """
          irqbalance has ended. Interrupts stay where they are.
          """)
    case .containerStarted:
      Page(
        messageID: "c78165de8458420c88ba29b1f8223c08", severity: .info,
        subject: "A container started",
        explanation: """
          A container engine made a new control group for a container.
          """)
    case .containerStopped:
      Page(
        messageID: "7aa1caa066de4e968867119277832f1d", severity: .info,
        subject: "A container stopped",
        explanation: """
          The control group of a container is gone.
          """)
    case .unitFailed:
      Page(
        messageID: "83f11b2d9bbc4685bcc3323c673940a8", severity: .warning,
        subject: "A systemd unit failed",
        explanation: """
          systemd says that a unit is in the state failed. `systemctl status UNIT` tells why.
          """)
    case .watchLost:
      Page(
        messageID: "510adc2735aa450aad7af233a7ffb088", severity: .error,
        subject: "A source of change notices was lost",
        explanation: """
          tinyboxd cannot be told of some changes at once: the bus, udev or the kernel's file \
          notices ended or were never there. It looks again at the interval of the checks \
          instead. The message names the source and the reason.
          """)
    case .eventsUnstored:
      Page(
        messageID: "cd033de175d742d46332cf15a619426f", severity: .error,
        subject: "Events cannot be stored",
        explanation: """
          /var/lib/tinybox/events.db is damaged or cannot be written; the message has the reason. \
          A damaged one was put aside and a new one begun. One that cannot be written, as on a \
          full disk, is tried again with each event; until then events are in the journal and \
          the newest thousand in memory.
          """)
    }
  }

  /// The `MESSAGE_ID`: 128 random bits in hexadecimal, the same for ever.
  public var messageID: String { page.messageID }
  /// How bad it is, unless the event says otherwise.
  public var severity: Event.Severity { page.severity }
  /// What happened, in a few words.
  public var subject: String { page.subject }
  /// What it means and what to do, in a few sentences.
  public var explanation: String { page.explanation }
}

/// The daemon itself and its configuration.
extension EventKind {
  static let daemon: [EventKind] = [
    .daemonStarted, .daemonStopped, .daemonRecovered, .daemonReloaded, .configurationInvalid,
    .watchLost, .eventsUnstored, .eventsPutAside,
  ]

  /// tinyboxd watches this machine.
  public static let daemonStarted = EventKind(
    "daemon.started", .info, "f3c95789ace14954ac5d6baed2eac902",
    "tinyboxd watches this machine",
    """
    tinyboxd watches this machine from now on.
    """)

  /// tinyboxd stopped.
  public static let daemonStopped = EventKind(
    "daemon.stopped", .info, "cbf27734ac1045258b66402800e03d2c",
    "tinyboxd stopped",
    """
    tinyboxd was stopped in order. What is placed stays placed until a reboot or a \
    rollback; nothing is watched until it starts again.
    """)

  /// tinyboxd was not stopped in order.
  public static let daemonRecovered = EventKind(
    "daemon.recovered", .warning, "e0a3a91f23464c13bc27ed12b10877a9",
    "tinyboxd was not stopped in order",
    """
    The previous tinyboxd did not end in order: it was killed, its watchdog expired, or \
    the power failed. Its events up to then are kept. `journalctl -u tinyboxd` has the \
    reason where there is one.
    """)

  /// The configuration was read again.
  public static let daemonReloaded = EventKind(
    "daemon.reloaded", .info, "f1260ebc7d564b56b714dc919b27dbdf",
    "The configuration was read again",
    """
    /etc/tinybox was read again, on SIGHUP or `systemctl reload tinyboxd`, and is in \
    force.
    """)

  /// The configuration cannot be used.
  public static let configurationInvalid = EventKind(
    "configuration.invalid", .error, "6caf76a5703548ae8280ad3729a6f2e7",
    "The configuration cannot be used",
    """
    A file in /etc/tinybox, or the profile in force, has a mistake; the message names it. The \
    previous settings of /etc/tinybox stay active: correct the file, then `systemctl reload \
    tinyboxd`. Without a usable profile the checks cannot compare the box with it.
    """)

  /// A source of change notifications was lost.
  public static let watchLost = EventKind(
    "watch.lost", .error, "510adc2735aa450aad7af233a7ffb088",
    "A source of change notifications was lost",
    """
    Notifications from D-Bus, udev or the kernel ended or could not be opened, so tinyboxd finds \
    some changes only at the next run of the checks. The message names the source and the reason.
    """)

  /// Events cannot be stored.
  public static let eventsUnstored = EventKind(
    "events.unstored", .error, "cd033de175d742d46332cf15a619426f",
    "Events cannot be stored",
    """
    /var/lib/tinybox/events.db is damaged or cannot be written; the message has the reason. A \
    damaged file was put aside and a new one begun. After a failed write, as on a full disk, it is \
    tried again with each event; after a failed open, once a minute at most and on `systemctl \
    reload tinyboxd`. Until then events are in the journal, and the newest thousand in memory. They \
    may be stored later under higher numbers than they were reported with.
    """)

  /// Events of a newer tinybox were put aside.
  public static let eventsPutAside = EventKind(
    "events.putAside", .warning, "a865c20606ef487690d5b5158d001d7b",
    "Events of a newer tinybox were put aside",
    """
    This tinyboxd is older than the one that wrote /var/lib/tinybox/events.db, and must not write \
    it any more. The file was put aside under the name in the message and a new one begun; nothing \
    was deleted. After the update is made again, `mv` it back while tinyboxd is stopped.
    """)
}

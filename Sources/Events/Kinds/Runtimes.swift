/// The runtimes of models.
extension EventKind {
  static let runtimes: [EventKind] = [
    .runtimeStarted, .runtimeReady, .runtimeStopped, .runtimeFailed, .runtimeHung,
    .runtimeRefused, .runtimeInvalid,
  ]

  /// A runtime loads its model.
  public static let runtimeStarted = EventKind(
    "runtime.started", .info, "edd9705c609d4628d5056979e88efc8f",
    "A runtime starts",
    """
    The unit of a runtime runs, and its program does not answer yet: a large model takes minutes to \
    load. Requests wait for it.
    """)

  /// A runtime answers.
  public static let runtimeReady = EventKind(
    "runtime.ready", .info, "0528943768294bb487e85066a6b89f8c",
    "A runtime answers",
    """
    The program of a runtime has answered a request of tinyboxd. Models can be used through the \
    gateway.
    """)

  /// A runtime was stopped.
  public static let runtimeStopped = EventKind(
    "runtime.stopped", .info, "0db2655748fc4067fd4d7b9eabf79e44",
    "A runtime was stopped",
    """
    Neither the runtime nor the socket of its door is active: requests for it are refused. \
    `tinyboxctl runtime start` starts it again; so does the next boot.
    """)

  /// A runtime failed.
  public static let runtimeFailed = EventKind(
    "runtime.failed", .error, "dc8334017c1d4bc5b32de7ae7fe039e4",
    "A runtime failed",
    """
    Its program ended again and again, or its unit could not be started. The message says how; \
    `journalctl -u` with the unit in the message shows what the program wrote. tinyboxd tries again \
    after a minute, then after twice as long each time, up to an hour.
    """)

  /// A runtime hung.
  public static let runtimeHung = EventKind(
    "runtime.hung", .error, "c0b5e6f75a104a17b321aebc2bc2f988",
    "A runtime hung and was restarted",
    """
    It had requests, answered no question of tinyboxd for three minutes and produced nothing. It is \
    restarted, with SIGKILL where it does not end by itself; its requests end with an error. \
    `journalctl -u` with its unit shows what the program wrote last.
    """)

  /// A runtime cannot be started.
  public static let runtimeRefused = EventKind(
    "runtime.refused", .warning, "0ee9a5e7e77648857c580111ba259362",
    "A runtime cannot be started",
    """
    A GPU that it is to have is missing or used by something else, its model is missing or damaged, or \
    the model does not fit. The message says which. It is started once the reason has gone.
    """)

  /// The file of a runtime cannot be used.
  public static let runtimeInvalid = EventKind(
    "runtime.configuration-invalid", .error, "c5b59a33c7ec41f3ae5eaf8e2796f450",
    "The file of a runtime cannot be used",
    """
    A file in /etc/tinybox/runtimes has a mistake; the message names file, line and key. The runtime \
    goes on as it was before; the others are not concerned.
    """)
}

/// What the benchmarks show.
extension EventKind {
  static let benchmarks: [EventKind] = [
    .benchmarkSuspected, .benchmarkDeclined, .benchmarkImproved, .benchmarkContextChanged,
    .benchmarkHistoryPutAside,
  ]

  /// A figure may have fallen.
  public static let benchmarkSuspected = EventKind(
    "benchmark.suspected", .info, "32f91df9ec3a43dda01abf601041bb39",
    "A benchmark may have fallen",
    """
    The last run was worse than the history of the series explains by chance. One run proves \
    nothing: runs on the following nights confirm it or not. `tinyboxctl benchmark history SERIES` \
    shows the figures.
    """)

  /// A figure has fallen.
  public static let benchmarkDeclined = EventKind(
    "benchmark.declined", .warning, "11c3afbe2b244a7cac7427dad8fa3cae",
    "A benchmark has fallen",
    """
    The figures of this machine are worse than before: several runs confirm a step, or a slow \
    movement shows over about eight months or more. The message names what \
    changed with it, where anything did: a link, a power cap, a driver, a failed check. \
    `tinyboxctl benchmark history SERIES` shows when; `tinyboxctl check` shows what is wrong now. \
    `tinyboxctl benchmark acknowledge NUMBER` accepts the new level.
    """)

  /// A figure has improved.
  public static let benchmarkImproved = EventKind(
    "benchmark.improved", .info, "ceb5009d882a4834ad366fa5b934f49f",
    "A benchmark has improved",
    """
    The figures of this machine are better than before: several runs confirm a step. The message \
    names what changed with it, where anything did.
    """)

  /// A figure was measured under other facts.
  public static let benchmarkContextChanged = EventKind(
    "benchmark.context-changed", .info, "30325ed784ac470da1edd4aa83f681b4",
    "A benchmark was measured under other facts",
    """
    A fact that decides a figure changed since the run before: a link, a slot, a power cap, a \
    driver, the kernel, the governor. A figure that changes with it is explained by it.
    """)

  /// A damaged history of benchmarks was put aside.
  public static let benchmarkHistoryPutAside = EventKind(
    "benchmark.history-put-aside", .error, "5c1de6c2b7f84a0fa3b9d6a1d7740e52",
    "A damaged history of benchmarks was put aside",
    """
    /var/lib/tinybox/benchmarks.db could not be read as a database. It was put aside under the name \
    in the message and a new history begun; nothing was deleted. A damaged file is often the first \
    sign of a failing drive: `tinyboxctl check`.
    """)
}

public import Base

/// `GET /v1/daemon`: the daemon itself.
public struct DaemonDocument: Codable, VersionedDocument, Hashable, Sendable {
  /// `tinybox.daemon/1`.
  public var schema = DaemonDocument.currentSchema
  package static let currentSchema = "tinybox.daemon/1"
  /// Version of tinybox.
  public var version: String
  /// Its process id.
  public var pid: Int
  /// When it started: UTC, RFC 3339.
  public var started: String
  /// `observe` or `enforce`; absent while the policy cannot be used.
  public var mode: String?
  /// Whether nothing is placed until the next apply or boot, because the placement was rolled back.
  public var isSuspended = false
  /// Why the configuration is not in force; absent when it is.
  public var configurationProblem: String?
  /// Why the profile in force cannot be used; absent when it can, or there is none.
  public var profileProblem: String?
  /// Why events are not stored; absent when they are.
  public var eventStoreProblem: String?
  /// Seconds between two runs of all checks.
  public var checkIntervalSeconds: Int
  /// When all checks ran last: UTC, RFC 3339; absent before the first run.
  public var checked: String?
  /// The sources that report changes to it.
  public var watches: [Watch]
  /// Settings that are left alone for a while because something else keeps changing them.
  public var contested: [Contested]
  /// What it counted since it started.
  public var counters: Counters

  /// A source of change notifications.
  public struct Watch: Codable, Hashable, Sendable {
    /// `devices` (udev), `links` (rtnetlink), `settings` (fanotify), `folders` (inotify),
    /// `programs` (fanotify), `units` (systemd).
    public var name: String
    /// Whether it works.
    public var isActive: Bool
    /// What it watches, or why it does not.
    public var note: String

    /// A source, and whether it works.
    package init(name: String, isActive: Bool, note: String) {
      self.name = name
      self.isActive = isActive
      self.note = note
    }
  }

  /// A setting that is left alone for a while.
  public struct Contested: Codable, Hashable, Sendable {
    /// What it is: a path, or `NAME.slice AllowedCPUs`.
    public var setting: String
    /// Seconds until it is kept again.
    public var secondsLeft: Int
    /// Who likely changes it.
    public var cause: String?

    /// A setting, and when it is kept again.
    package init(setting: String, secondsLeft: Int, cause: String?) {
      self.setting = setting
      self.secondsLeft = secondsLeft
      self.cause = cause
    }
  }

  /// Counts since the start.
  public struct Counters: Codable, Hashable, Sendable {
    /// Settings found changed.
    public var drifts = 0
    /// Settings put back.
    public var corrections = 0
    /// Times it backed off.
    public var conflicts = 0
    /// Runs of all checks.
    public var checkRuns = 0
    /// Times the machine was read.
    public var readings = 0
    /// Requests answered.
    public var requests = 0
    /// Times the main loop woke up.
    public var wakeups = 0

    /// All counts zero.
    package init() {}
  }

  /// The document of a daemon.
  package init(
    version: String, pid: Int, started: String, checkIntervalSeconds: Int
  ) {
    self.version = version
    self.pid = pid
    self.started = started
    self.checkIntervalSeconds = checkIntervalSeconds
    watches = []
    contested = []
    counters = Counters()
  }
}

/// A part of the daemon that decides something: it handles notifications, and reports when it is
/// next due and its status. To add one is a file, and a line in the list of `Daemon`.
///
/// All controllers run on the main thread, one after the other. What takes long is done elsewhere,
/// and handed back through `MainQueue`.
protocol Controller: AnyObject, SendableMetatype {
  /// The sources that report changes to it. Everything that a source reads goes to every
  /// controller.
  var sources: [any EventSource] { get }
  /// Something happened.
  func handle(_ notification: Notification)
  /// When it next has something to do, monotonic seconds; nil when it only waits for notifications.
  var due: Double? { get }
  /// Does what is due.
  func run(at now: Double)
  /// Before the loop waits: what the sources watch is brought up to date.
  func prepareToWait()
  /// Its status, for the one line of `systemctl status`; empty for nothing to say.
  var status: [String] { get }
}

extension Controller {
  var sources: [any EventSource] { [] }
  func handle(_ notification: Notification) {}
  var due: Double? { nil }
  func run(at now: Double) {}
  func prepareToWait() {}
  var status: [String] { [] }
}

/// The controllers of a daemon, in the order in which they are notified and run.
final class Controllers {
  let all: [any Controller]

  init(_ all: [any Controller]) { self.all = all }

  func the<Wanted: Controller>(_ type: Wanted.Type) -> Wanted {
    for controller in all {
      if let found = controller as? Wanted { return found }
    }
    preconditionFailure("the daemon has no \(type)")
  }
}

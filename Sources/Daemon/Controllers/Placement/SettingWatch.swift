internal import Base
internal import Linux

/// Watches who writes to settings, through every instance of procfs that matters.
///
/// Each mount of procfs has inodes of its own, and a service may have such a mount: irqbalance's own
/// unit does. So the files are watched as process 1 sees them, and once more as irqbalance does.
final class SettingWatch {
  private let watch: FileWatch
  /// Process 1 where this process has a procfs of its own; else nil.
  private let machine: Int32?
  /// Another writer with a procfs of its own.
  private var balancer: Int32?

  /// - Throws: `Failure` without CAP_SYS_ADMIN or fanotify.
  init() throws(Failure) {
    watch = try FileWatch()
    let first = FileWatch.procfs(seenBy: 1)
    machine = first == nil || first == FileWatch.procfs() ? nil : 1
  }

  /// What to poll.
  var descriptor: Int32 { watch.descriptor }

  /// A write by another process; nil when there is none for now.
  func next() throws(Failure) -> FileNotice? { try watch.next() }

  /// Watches these files and no others.
  /// - Parameter irqbalance: its process id while it runs.
  func set(_ paths: Set<String>, irqbalance: Int32?) {
    var writer = irqbalance
    if let pid = writer {
      let procfs = FileWatch.procfs(seenBy: pid)
      if procfs == nil || procfs == FileWatch.procfs(seenBy: machine) { writer = nil }
    }
    if let balancer, balancer != writer { watch.unwatch(seenBy: balancer) }
    balancer = writer
    for path in watch.watched where !paths.contains(path) {
      watch.unwatch(path)
      watch.unwatch(path, seenBy: 1)
      if let writer { watch.unwatch(path, seenBy: writer) }
    }
    for path in paths {
      // A file that is gone with its device is no loss; another source reports the end of the
      // device.
      guard path.hasPrefix("/proc/") else {
        try? watch.watch(path)
        continue
      }
      try? watch.watch(path, seenBy: machine)
      if let writer { try? watch.watch(path, seenBy: writer) }
    }
  }
}

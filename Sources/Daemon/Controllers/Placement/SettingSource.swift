internal import Linux

/// Writes to files of placed settings, with the writer, as the kernel reports them.
final class SettingSource: EventSource {
  private var watch: SettingWatch?

  var name: String? { "settings" }
  var descriptor: Int32? { watch?.descriptor }

  func open() throws -> String {
    watch = try SettingWatch()
    return "writes to settings that are placed, reported by the kernel (fanotify)"
  }

  /// Watches the writers of these files, and no others.
  func set(_ paths: Set<String>, irqbalance: Int32?) { watch?.set(paths, irqbalance: irqbalance) }

  func read(_ tell: (Notification) -> Void) throws {
    for _ in 0..<EventLoop.turn {
      guard let notification = try watch?.next() else { break }
      switch notification {
      case .used(let path, let pid):
        tell(
          .fileWritten(path: path, by: pid.map { ProcessNames.describe($0) }))
      case .missed: tell(.machineChanged)
      }
    }
  }

  func close() { watch = nil }
}

/// The full baseline, which is measured after set-up has ended: by a timer, in the first night in which nobody uses
/// the machine.
package enum FullBaseline {
  /// The timer.
  package static let timer = "tinybox-benchmark.timer"
  /// Says when a scheduled run of everything last ended. `tinybox-benchmark` writes it.
  package static let file = "/var/lib/tinybox/benchmark.full"

  private static let waits =
    "everything: waits for the first night in which nobody uses the machine"

  /// What the stage says of it.
  /// - Parameter mark: when it was measured; nil where it was not yet.
  static func note(_ mark: String?) -> String {
    mark.map { "everything: measured at \($0)" } ?? waits
  }
}

extension SetupStatus {
  /// The status with what became of the full baseline since the stage ended.
  package func withFullBaseline(_ mark: String?) -> SetupStatus {
    var status = self
    status[.baseline].notes = status[.baseline].notes.map {
      $0 == FullBaseline.note(nil) ? FullBaseline.note(mark) : $0
    }
    return status
  }
}

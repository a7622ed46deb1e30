internal import CLinux

extension SignalReader {
  /// Waits for a signal, however long that takes.
  /// - Returns: its number; nil when the wait was disturbed.
  package func wait() -> Int32? {
    // poll(2) leaves a negative descriptor out.
    tbx_wait_input(descriptor, -1, -1) > 0 ? next() : nil
  }
}

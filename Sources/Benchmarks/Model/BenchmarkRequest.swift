/// What `tinyboxd` leaves for the unit that it starts: what to measure, and when that was asked for.
///
/// The unit can fail to start, or find another run going on. Consent to overwrite a drive must not wait in a
/// file for the timer: a request counts for the moment in which it was made and no longer.
package struct BenchmarkRequest: Codable, Hashable, Sendable {
  /// What to measure.
  package var options: BenchmarkOptions
  /// The boot it was made in (`/proc/sys/kernel/random/boot_id`).
  package var boot: String
  /// When it was made, seconds of CLOCK_MONOTONIC: every process of a boot has the same.
  package var seconds: Double

  /// Seconds for which a request counts: systemd starts a unit within a few.
  static let lifetime = 60.0

  /// A request of this moment.
  package init(_ options: BenchmarkOptions, boot: String, seconds: Double) {
    self.options = options
    self.boot = boot
    self.seconds = seconds
  }

  /// Whether it was made just now.
  package func isFresh(boot: String, seconds now: Double) -> Bool {
    !boot.isEmpty && boot == self.boot && now >= seconds
      && now - seconds <= BenchmarkRequest.lifetime
  }
}

import Foundation
import TestSupport
import Testing

/// Hosted runtimes under a systemd of their own, in a container that boots the root filesystem of the virtual box.
/// The runtimes are stand-ins that compute nothing: `Tests/Service/Runtimes/stand_in.py`.
@Suite(
  .enabled(
    if: Service.isWanted,
    "TINYBOX_SERVICE=1 starts the real services on this machine (make service-tests)"),
  .serialized)
struct RuntimeTests {
  /// What `Tests/Service/runtimes` ends with where no container can be booted.
  private static let skipped: Int32 = 77

  @Test
  func `nobody but the door reaches a runtime, and what is struck comes back while others go on`()
    throws
  {
    let finished = try run(
      Project.tests.appendingPathComponent("Service/runtimes"),
      Project.isNightly ? ["--nightly"] : [], environment: Service.environment)
    print(finished.output, finished.errors)
    // Now, or it comes after the test runner's summary, which is to be the last line.
    fflush(nil)
    if finished.status == Self.skipped {
      try Test.cancel("\(finished.output)")
    }
    #expect(finished.status == 0)
    #expect(finished.output.contains(" checks, 0 wrong"))
  }
}

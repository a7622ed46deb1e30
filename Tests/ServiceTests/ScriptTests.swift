import Foundation
import TestSupport
import Testing

/// What the scripts find out about the real services. Each says on its output what it found.
@Suite(
  .enabled(
    if: Service.isWanted,
    "TINYBOX_SERVICE=1 starts the real services on this machine (make service-tests)"),
  .serialized)
struct ScriptTests {
  /// Runs a script of `Tests`.
  private func script(
    _ name: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Finished {
    let finished = try run(
      Project.tests.appendingPathComponent(name), arguments,
      environment: Service.environment.merging(environment) { $1 })
    print(finished.output, finished.errors)
    // Now, or it comes after the test runner's summary, which is to be the last line.
    fflush(nil)
    return finished
  }

  @Test func `every answer is one that the OpenAPI document allows`() throws {
    let service = try Service.shared.get()
    let seconds = Project.isNightly ? "300" : "15"
    let finished = try script("Contract/run", ["--socket", service.socket, "--seconds", seconds])
    #expect(finished.status == 0)
    #expect(finished.output.contains("23 selected / 32 total"), "operations were left out")
  }

  /// The test above is worth what it would find: against a stand-in, whole and with mistakes in it.
  @Test func `an answer that the OpenAPI document forbids is noticed`() throws {
    let all = Project.isNightly
    let plants = all ? [] : ["missing-key", "undocumented-status", "accepts-anything"]
    let finished = try script(
      "Contract/run", ["--self-test", "--seconds", "5"] + plants.flatMap { ["--plant", $0] })
    #expect(finished.status == 0)
    let found = finished.output.matches(of: /: as it should be \(ST/).count
    #expect(found == (all ? 9 : plants.count), "each of the mistakes has a line")
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can ask as other users"))
  func `each caller may do what it should and nothing else`() throws {
    let finished = try script("Service/authorization", [])
    #expect(finished.status == 0)
    #expect(finished.output.contains(", 0 wrong"))
  }

  @Test func `readers at once are all answered`() throws {
    let finished = try script(
      "Service/load", ["--seconds", Project.isNightly ? "60" : "5", "--readers", "50"])
    #expect(finished.status == 0)
  }

  @Test func `a good client is answered under attack, and so is everybody afterwards`() throws {
    let finished = try script(
      "Service/load",
      ["--abuse", "--seconds", Project.isNightly ? "60" : "6", "--slow", "100", "--idle", "2000"])
    #expect(finished.status == 0)
  }

  /// Debian's Chromium; Ubuntu has none as a package.
  private static let hasBrowser =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver")

  @Test(.enabled(if: hasBrowser, "SKIPPED: there is no Chromium (scripts/setup)"))
  func `the dashboard works in a browser, on a made-up box and on this one`() throws {
    for arguments in [[], ["--service"]] {
      let finished = try script("Dashboard/run", arguments)
      #expect(finished.status == 0)
      #expect(!finished.output.contains("SKIPPED"), "a check could not be made")
    }
  }
}

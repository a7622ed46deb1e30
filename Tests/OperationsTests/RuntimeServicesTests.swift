import Base
import Linux
import Configuration
import Runtimes
import Synchronization
import Systemd
import Testing

@testable import Operations

/// What is asked of systemd, by a stand-in that starts and stops units at once, or never.
@Suite struct RuntimeServicesTests {
  private final class Units: Sendable {
    let log = Mutex<[String]>([])
    let states = Mutex<[String: String]>([:])
    let stuck: String?

    init(stuck: String? = nil) { self.stuck = stuck }

    var manager: RuntimeServices.Manager {
      RuntimeServices.Manager { job, unit throws(LibraryError) in
        self.log.withLock { $0.append("\(job) \(unit)") }
        if unit == self.stuck { return }
        self.states.withLock { $0[unit] = job == .start ? "active" : "inactive" }
      } reset: { unit throws(LibraryError) in
        self.log.withLock { $0.append("reset \(unit)") }
      } state: { unit throws(LibraryError) in
        self.states.withLock { $0[unit] ?? "inactive" }
      }
    }
  }

  private func spec(_ text: String) throws -> RuntimeSpec {
    try RuntimeSpec.parse(Array(text.utf8), file: "/etc/tinybox/runtimes/a.toml")
  }

  @Test func `the socket comes first, and alone for a runtime on demand`() throws {
    let cases = [
      (
        "model = \"m\"",
        ["start tinybox-runtime-door@a.socket", "start tinybox-runtime@a.service"]
      ),
      ("model = \"m\"\non-demand = true", ["start tinybox-runtime-door@a.socket"]),
      ("kind = \"job\"\ncommand = [\"/bin/true\"]", ["start tinybox-runtime@a.service"]),
    ]
    for (text, wanted) in cases {
      let units = Units()
      try RuntimeServices(units.manager).start(try spec(text), hasUnits: true)
      let log = units.log.withLock { $0 }
      #expect(log.filter { $0.hasPrefix("start") } == wanted)
      // What failed often enough starts again when the owner says so.
      #expect(log.first?.hasPrefix("reset") == true)
    }
  }

  @Test func `a stop closes the socket before the rest, and leaves what does not run alone`() throws
  {
    let units = Units()
    try RuntimeServices(units.manager).start(try spec("model = \"m\""), hasUnits: true)
    units.log.withLock { $0 = [] }
    try RuntimeServices(units.manager).stop("a")
    #expect(
      units.log.withLock { $0 } == [
        "stop tinybox-runtime-door@a.socket", "stop tinybox-runtime@a.service",
      ])
  }

  @Test func `without units, and with one that does not start, it says why`() throws {
    let model = try spec("model = \"m\"")
    #expect {
      try RuntimeServices(Units().manager).start(model, hasUnits: false)
    } throws: { error in (error as? Failure)?.code == .conflict }
    let units = Units(stuck: "tinybox-runtime@a.service")
    #expect {
      try RuntimeServices(units.manager, patience: 0).start(model, hasUnits: true)
    } throws: { error in (error as? Failure)?.reason.contains("is still inactive") == true }
  }
}

import HTTPService
import RuntimeCatalog
import Testing

@testable import Gateway

@Suite struct ProgressReporterTests {
  @Test func `says what is in flight, and its end once`() async {
    let thread = EventThread()
    let reporter = ProgressReporter(thread, path: nil)
    #expect(reporter.report() == nil)
    reporter.begin("a")
    reporter.begin("a")
    reporter.block("a")
    reporter.unblock("a")
    #expect(reporter.report() == RuntimeProgress(["a": .init(inFlight: 2, pieces: 1)]))
    // Nothing has come since.
    #expect(reporter.report() == RuntimeProgress(["a": .init(inFlight: 2, pieces: 1)]))
    // A client that takes nothing is no fault of the runtime.
    reporter.block("a")
    #expect(reporter.report() == RuntimeProgress(["a": .init(inFlight: 2, pieces: 3)]))
    #expect(reporter.report() == RuntimeProgress(["a": .init(inFlight: 2, pieces: 4)]))
    reporter.unblock("a")
    reporter.end("a")
    #expect(reporter.report() == RuntimeProgress(["a": .init(inFlight: 1, pieces: 4)]))
    reporter.end("a")
    #expect(reporter.report() == RuntimeProgress([:]))
    #expect(reporter.report() == nil)
    await thread.stop()
  }
}

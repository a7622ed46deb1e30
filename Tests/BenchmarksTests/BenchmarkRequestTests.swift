import Base
import Testing

@testable import Benchmarks

@Suite struct BenchmarkRequestTests {
  private let request = BenchmarkRequest(BenchmarkOptions(), boot: "one", seconds: 1000)

  @Test func `a request counts for a minute of its boot`() {
    #expect(request.isFresh(boot: "one", seconds: 1000))
    #expect(request.isFresh(boot: "one", seconds: 1060))
    // What waits for the timer of the night is carried out by nobody.
    #expect(!request.isFresh(boot: "one", seconds: 1061))
    #expect(!request.isFresh(boot: "two", seconds: 1001))
    #expect(!request.isFresh(boot: "one", seconds: 999))
    let nowhere = BenchmarkRequest(BenchmarkOptions(), boot: "", seconds: 1)
    #expect(!nowhere.isFresh(boot: "", seconds: 1))
  }

  @Test func `options that are left out are as usual`() throws {
    #expect(try JSON.decode(BenchmarkOptions.self, from: "{}".utf8) == BenchmarkOptions())
    var all = BenchmarkOptions()
    all.suites = ["nvme"]
    all.isQuick = true
    all.devices = ["GPU0"]
    all.scratch = "/mnt/x"
    all.consentSerials = ["S6X"]
    all.networkPeer = "10.0.0.2"
    all.networkLocal = "10.0.0.1"
    all.nfsServer = "10.0.0.2:/export"
    all.waits = true
    all.trigger = .confirmation
    #expect(try JSON.decode(BenchmarkOptions.self, from: JSON.line(all)) == all)
  }
}

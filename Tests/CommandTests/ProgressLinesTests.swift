import Base
import Benchmarks
import Testing

@testable import Commands

/// What stays of the output of `tinybox-benchmark`.
struct ProgressLinesTests {
  @Test func progressIsTakenAndEverythingElseStays() throws {
    let now = BenchmarkProgress(
      run: "r", state: .running, measuring: "m", done: 1, planned: 2, secondsLeft: 3, processID: 4)
    let line = try JSON.line(now) + [0x0a]
    var lines = ProgressLines()
    var output = line + Array("{\"other\":1}\n".utf8) + line + line.prefix(9)
    #expect(lines.take(&output) == [now, now])
    #expect(output == Array("{\"other\":1}\n".utf8) + line.prefix(9))
    // What goes on with no whole line changes nothing.
    #expect(lines.take(&output).isEmpty)
    output += line.dropFirst(9) + Array("last\n".utf8)
    #expect(lines.take(&output) == [now])
    #expect(output == Array("{\"other\":1}\nlast\n".utf8))
    #expect(lines.take(&output).isEmpty)
  }
}

import Base
import Benchmarks
import Foundation
import Linux
import TestSupport
import Testing

@testable import BenchmarkRunner

/// iperf3 over this machine's own address, with servers that the test starts.
@Suite(.enabled(if: RunnerBench.has("iperf3"), "iperf3 is not installed"), .serialized)
struct NetworkMeasurerTests {
  /// Servers on ports from the first one on, ended with this value.
  private final class Servers {
    let port: Int
    private var servers: [Process] = []

    init(_ count: Int) throws {
      port = 20_000 + Int(getpid() % 20_000) + count * 10
      for index in 0..<count {
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/iperf3")
        server.arguments = ["--server", "--bind", "127.0.0.1", "--port", "\(port + index)"]
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        servers.append(server)
      }
      for index in 0..<count { try #require(eventually { isListening(port + index) }) }
    }

    deinit {
      for server in servers {
        // Other signals are blocked on the thread that started it, and so in it.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
      }
    }
  }

  /// Whether a port is listened on, without a connection that the server would take for a client.
  private static func isListening(_ port: Int) -> Bool {
    NetworkMeasurerTests.listeners().contains(port)
  }

  private static func listeners() -> Set<Int> {
    let text = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
    return Set(
      text.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        // State 0A is LISTEN (include/net/tcp_states.h).
        guard fields.count > 3, fields[3] == "0A" else { return nil }
        return Int(fields[1].split(separator: ":").last ?? "", radix: 16)
      })
  }

  private func job(_ port: Int, _ streams: Int, reversed: Bool = false) -> IperfJob {
    var job = IperfJob(
      peer: "127.0.0.1", local: "127.0.0.1", streams: streams, isReversed: reversed, seconds: 1)
    job.port = port
    return job
  }

  @Test(arguments: [false, true]) func oneStream(_ reversed: Bool) throws {
    let bench = try RunnerBench()
    let servers = try Servers(1)
    defer { withExtendedLifetime(servers) {} }
    let observation = try NetworkMeasurer.measure(
      job(servers.port, 1, reversed: reversed), .init(cpus: nil, memoryNodes: nil),
      bench.session())
    #expect(observation.samples.count >= 3)
    let received = try #require(
      observation.details["receivedBytesPerSecond"].flatMap(Double.init))
    let mean = observation.samples.reduce(0, +) / Double(observation.samples.count)
    #expect(abs(mean / received - 1) < 1e-6, "\(mean) \(received)")
    #expect(observation.details["program"]?.hasPrefix("iperf") == true)
    #expect(observation.details["processes"] == "1")
  }

  @Test func fourStreamsHaveAThreadEach() throws {
    let bench = try RunnerBench()
    let servers = try Servers(4)
    defer { withExtendedLifetime(servers) {} }
    let observation = try NetworkMeasurer.measure(
      job(servers.port, 4), .init(cpus: nil, memoryNodes: nil), bench.session())
    let version = try bench.session().run(["iperf3", "--version"], deadlineSeconds: 10).output
    let processes = IperfJob.hasThreads(version: version) == true ? "1" : "4"
    #expect(observation.details["processes"] == processes)
    #expect(observation.details["note"] == nil)
    #expect(!observation.samples.isEmpty)
  }

  @Test func oneServerServesFourStreamsWithOneThread() throws {
    let bench = try RunnerBench()
    let servers = try Servers(1)
    defer { withExtendedLifetime(servers) {} }
    let observation = try NetworkMeasurer.measure(
      job(servers.port, 4), .init(cpus: nil, memoryNodes: nil), bench.session())
    #expect(observation.details["processes"] == "1")
    #expect(observation.details["command"]?.contains("--parallel 4") == true)
  }

  @Test func noServerIsAFailureWithAHint() throws {
    let bench = try RunnerBench()
    let failure = #expect(throws: Failure.self) {
      try NetworkMeasurer.measure(
        job(9, 4), .init(cpus: nil, memoryNodes: nil), bench.session())
    }
    #expect(failure?.reason.contains("refused") == true)
    #expect(failure?.hint?.contains("iperf3 -s") == true)
  }

  @Test func theInterfaceOfARouteIsFound() throws {
    #expect(try RouteLookup.interface(towards: "127.0.0.1") == "lo")
    #expect(throws: Failure.self) { try RouteLookup.interface(towards: "no such name.invalid") }
  }
}

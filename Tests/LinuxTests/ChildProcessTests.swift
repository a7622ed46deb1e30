import Base
import Glibc
import Testing

@testable import Linux

@Suite struct ChildProcessTests {
  private func run(
    _ command: [String], seconds: Double = 20, isStopped: () -> Bool = { false }
  ) throws -> ChildProcess.Outcome {
    try ChildProcess(command, deadlineSeconds: seconds).run(isStopped: isStopped)
  }

  @Test func `output, errors and status are those of the program`() throws {
    let outcome = try run(["sh", "-c", "echo one; echo two >&2; exit 3"])
    #expect(outcome.status == 3)
    #expect(outcome.output == Array("one\n".utf8))
    #expect(outcome.lastLine == "two")
    #expect(outcome.ended == nil)
  }

  @Test func `a megabyte of output does not block`() throws {
    let outcome = try run(["sh", "-c", "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2"])
    #expect(outcome.output.count == 1_000_000)
    #expect(outcome.errors.count == 1_000_000)
  }

  @Test func `at its deadline the program ends with all it started`() throws {
    let begin = Clock.seconds()
    let outcome = try run(
      ["sh", "-c", "sleep 987 & echo $!; exec sleep 987"], seconds: 0.3)
    #expect(outcome.ended == .deadline)
    #expect(outcome.status == 128 + 9)
    #expect(Clock.seconds() - begin < 10)
    let child = Int(String(decoding: ASCII.trimmed(outcome.output[...]), as: UTF8.self))
    let pid = try #require(child)
    // Killed with its group; the kernel may need a moment to reap it.
    for _ in 0..<100 where FileLocks.isAlive(pid) { Clock.sleep(seconds: 0.02) }
    let state = (try? StampedFile.read("/proc/\(pid)/stat", limit: 4096).bytes).map {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(state == nil || state?.contains(") Z ") == true)
  }

  @Test func `a stop ends it, after a grace where one is given`() throws {
    #expect(try run(["sleep", "987"], isStopped: { true }).ended == .stopped)
    var child = ChildProcess(
      ["sh", "-c", "trap 'echo bye; exit 7' TERM; while :; do sleep 0.05; done"],
      deadlineSeconds: 20)
    child.graceSeconds = 10
    let begin = Clock.seconds()
    let outcome = try child.run { Clock.seconds() > begin + 0.3 }
    #expect(outcome.status == 7)
    #expect(outcome.output == Array("bye\n".utf8))
  }

  @Test func `a program that is not there is an error that says so`() {
    let failure = #expect(throws: Failure.self) { try run(["no-such-program-at-all"]) }
    #expect(failure?.step == "start no-such-program-at-all")
    #expect(failure?.errno == .ENOENT)
    #expect(failure?.hint != nil)
    #expect(throws: Failure.self) { try run([]) }
  }

  @Test func `it keeps to its CPUs and memory nodes`() throws {
    var child = ChildProcess(
      ["grep", "-E", "^(Cpus_allowed_list|Mems_allowed_list)", "/proc/self/status"],
      deadlineSeconds: 20)
    child.cpus = NumberSet([0])
    let text = String(decoding: try child.run().output, as: UTF8.self)
    #expect(text.contains("Cpus_allowed_list:\t0\n"))
    child.cpus = NumberSet([1 << 19])
    #expect(throws: Failure.self) { try child.run() }
  }

  @Test func `it has no descriptor and no variable of its parent`() throws {
    let outcome = try run(["sh", "-c", "ls /proc/self/fd | wc -l; env | grep -c ="])
    let lines = outcome.output.split(separator: 0x0a).map { String(decoding: $0, as: UTF8.self) }
    // Three, and the folder that ls reads.
    #expect(lines.first == "4")
    #expect(Int(lines.last ?? "").map { $0 <= 6 } == true)
  }

  @Test func `too much output ends it`() throws {
    var child = ChildProcess(["cat", "/dev/zero"], deadlineSeconds: 20)
    child.outputLimit = 1 << 20
    #expect(try child.run().ended == .tooMuchOutput)
  }

  @Test func `what was taken away of its output does not count`() throws {
    var child = ChildProcess(["head", "-c", "10000000", "/dev/zero"], deadlineSeconds: 20)
    child.outputLimit = 1 << 20
    var count = 0
    let outcome = try child.run(onOutput: { output in
      count += output.count
      output = []
    })
    #expect(outcome.ended == nil && outcome.status == 0)
    #expect(count + outcome.output.count == 10_000_000)
  }

  @Test func `who left its group and writes on does not keep it`() throws {
    var child = ChildProcess(["sh", "-c", "setsid cat /dev/zero & exit 3"], deadlineSeconds: 20)
    child.outputLimit = 1 << 20
    let outcome = try child.run()
    #expect(outcome.status == 3)
    #expect(outcome.output.count <= 2 << 20)
  }

  @Test func `a parent that ignores SIGCHLD knows how its program ended`() async {
    await #expect(processExitsWith: .exitCode(3)) {
      signal(SIGCHLD, SIG_IGN)
      exit(try ChildProcess(["sh", "-c", "sleep 0.1; exit 3"], deadlineSeconds: 20).run().status)
    }
  }

  @Test func `closed standard descriptors do no harm`() async {
    await #expect(processExitsWith: .exitCode(0)) {
      for descriptor: Int32 in 0...2 { close(descriptor) }
      let outcome = try ChildProcess(
        ["sh", "-c", "cat; echo one; echo two >&2; exit 3"], deadlineSeconds: 20
      ).run()
      let isRight =
        outcome.status == 3 && outcome.output == Array("one\n".utf8) && outcome.lastLine == "two"
      exit(isRight ? 0 : 9)
    }
  }
}

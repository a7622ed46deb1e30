import Base
import Glibc
import Linux
import TestSupport
import Testing

@Suite struct PollerTests {
  @Test func `what is ready is told in the order of the questions`() throws {
    let first = try WakeEvent()
    let second = try WakeEvent()
    var poller = Poller()
    let interests = [(first.descriptor, false), (-1, false), (second.descriptor, false)]
    #expect(try poller.wait(interests, seconds: 0) == [false, false, false])
    second.signal()
    second.signal()
    #expect(try poller.wait(interests, seconds: nil) == [false, false, true])
    second.drain()
    #expect(try poller.wait(interests, seconds: 0.001) == [false, false, false])
    // Drained when nothing is there: the next signal is not lost.
    second.drain()
    second.signal()
    #expect(try poller.wait(interests, seconds: nil) == [false, false, true])
  }

  @Test func `writing is waited for only where it is asked for`() throws {
    var pair: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    var poller = Poller()
    #expect(try poller.wait([(pair[0], false)], seconds: 0) == [false])
    #expect(try poller.wait([(pair[0], true)], seconds: 0) == [true])
    // The other end is gone: reading says so.
    close(pair[1])
    #expect(try poller.wait([(pair[0], false)], seconds: nil) == [true])
    close(pair[0])
    // No descriptor at all must not be waited for for ever.
    #expect(try poller.wait([(pair[0], false)], seconds: nil) == [true])
  }

  @Test func `another thread wakes the loop`() throws {
    let event = try WakeEvent()
    _ = try onThread { event.signal() }
    #expect(try isReadable(event.descriptor))
  }

  @Test func `a wait is never shorter than asked`() throws {
    var poller = Poller()
    let start = Clock.seconds()
    #expect(try poller.wait([], seconds: 0.0305) == [])
    #expect(Clock.seconds() - start >= 0.0305)
  }

  @Test func `signals are read instead of ending the thread`() throws {
    let numbers = try onThread { () -> [Int32] in
      // Ignored SIGPIPE is the process's and would be inherited by what other tests start.
      let before = signal(SIGPIPE, SIG_DFL)
      defer { signal(SIGPIPE, before) }
      let reader = try SignalReader()
      var numbers: [Int32] = []
      guard reader.next() == nil else { throw Failed(step: "a signal before any") }
      for number in [SIGHUP, SIGUSR1, SIGTERM, SIGINT] {
        pthread_kill(pthread_self(), number)
        guard try isReadable(reader.descriptor) else { throw Failed(step: "signal \(number)") }
        while let number = reader.next() { numbers.append(number) }
      }
      return numbers
    }
    #expect(numbers == [SIGHUP, SIGUSR1, SIGTERM, SIGINT])
  }
}

@Suite struct ProcessEndTests {
  @Test func `the end of a process makes its descriptor readable`() throws {
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    try #require(posix_spawnp(&pid, "sleep", nil, nil, &arguments, nil) == 0)
    let end = try ProcessEnd(pid)
    #expect(end.pid == pid)
    var poller = Poller()
    #expect(try poller.wait([(end.descriptor, false)], seconds: 0.05) == [false])
    kill(pid, SIGKILL)
    #expect(try poller.wait([(end.descriptor, false)], seconds: 10) == [true])
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    #expect(throws: Failure.self) { _ = try ProcessEnd(pid) }
  }
}

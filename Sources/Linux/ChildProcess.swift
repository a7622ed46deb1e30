package import Base
internal import CLinux
internal import Glibc

/// A program that is started, given CPUs and memory, followed, and ended with all it has started.
package struct ChildProcess: Sendable {
  /// Program and arguments; the program is looked up in `PATH`.
  package var command: [String]
  /// Its whole environment.
  package var environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
  /// CPUs it keeps to; nil leaves them alone.
  package var cpus: NumberSet?
  /// NUMA nodes that its memory comes from; nil leaves them alone.
  package var memoryNodes: NumberSet?
  /// Seconds after which it is ended.
  package var deadlineSeconds: Double
  /// Bytes of output that are kept at once; with more it is ended.
  package var outputLimit = 64 << 20
  /// Seconds from SIGTERM to SIGKILL when it is ended; 0 for SIGKILL at once.
  package var graceSeconds = 0.0

  /// What it reads as standard input; nil for nothing. The caller keeps it open.
  package var input: RegularFile.Descriptor?
  /// What its standard output goes to, in place of `Outcome.output`. The caller keeps it open.
  package var output: RegularFile.Descriptor?

  /// A program with a deadline.
  package init(_ command: [String], deadlineSeconds: Double) {
    self.command = command
    self.deadlineSeconds = deadlineSeconds
  }

  /// How it ended.
  package struct Outcome: Sendable {
    /// Its exit status; 128 and the signal's number where a signal ended it.
    package var status: Int32
    /// What it wrote to standard output.
    package var output: [UInt8]
    /// What it wrote to standard error.
    package var errors: [UInt8]
    /// Seconds of CPU time that it, and what it waited for, used.
    package var cpuSeconds: Double
    /// Why it was ended; nil when it ended by itself.
    package var ended: Ended?

    /// An outcome.
    package init(
      status: Int32, output: [UInt8], errors: [UInt8], cpuSeconds: Double, ended: Ended?
    ) {
      self.status = status
      self.output = output
      self.errors = errors
      self.cpuSeconds = cpuSeconds
      self.ended = ended
    }

    /// Why a program was ended.
    package enum Ended: Hashable, Sendable { case deadline, stopped, tooMuchOutput }

    /// The last line of what it wrote to standard error, or to standard output.
    package var lastLine: String {
      for text in [errors, output] {
        let lines = text.split(separator: 0x0a).map { ASCII.trimmed($0) }.filter { !$0.isEmpty }
        if let last = lines.last { return String(decoding: last.prefix(300), as: UTF8.self) }
      }
      return "no message"
    }
  }

  /// Seconds that a program has to be gone after SIGKILL. One that waits in the kernel for something that does
  /// not answer, as a drive (state D of proc(5)), is not.
  private static let killSeconds = 10.0

  /// Runs it to its end. Afterwards nothing of its process group runs, but for what SIGKILL does not end within
  /// 10 s: its status is that of SIGKILL then.
  ///
  /// The thread that calls must outlive it: the kernel ends the program with that thread.
  /// - Parameters:
  ///   - isStopped: asked every 50 ms; true ends the program.
  ///   - onOutput: called with its standard output when there is more of it, from the last of it that was not
  ///     taken away.
  /// - Throws: `Failure` when it cannot be started, or how it ended cannot be known.
  package func run(
    isStopped: () -> Bool = { false }, onOutput: (inout [UInt8]) -> Void = { _ in }
  ) throws(Failure) -> Outcome {
    let output = try Pipe()
    let errors = try Pipe()
    let child = try start(self.output?.number ?? output.writing, errors.writing)
    output.closeWriting()
    errors.closeWriting()
    var outcome = Outcome(status: 0, output: [], errors: [], cpuSeconds: 0, ended: nil)
    do throws(Failure) {
      try follow(child, output, errors, &outcome, isStopped, onOutput)
    } catch {
      kill(-child, SIGKILL)
      // Nobody else waits for it.
      var (status, usage) = (Int32(0), rusage())
      let end = Clock.seconds() + ChildProcess.killSeconds
      while unsafe tbx_wait(child, 0, &status, &usage) == 0, Clock.seconds() < end {
        Clock.sleep(seconds: 0.01)
      }
      throw error
    }
    kill(-child, SIGKILL)
    output.drain(&outcome.output, limit: outputLimit)
    errors.drain(&outcome.errors, limit: outputLimit)
    return outcome
  }

  /// Reads what a program writes until it has ended, and ends it where that is due.
  private func follow(
    _ child: Int32, _ output: Pipe, _ errors: Pipe, _ outcome: inout Outcome,
    _ isStopped: () -> Bool, _ onOutput: (inout [UInt8]) -> Void
  ) throws(Failure) {
    var end = Clock.seconds() + deadlineSeconds
    var killed: Double?
    var poller = Poller()
    var status: Int32 = 0
    var usage = rusage()
    while true {
      let ready = try poller.wait(
        [output, errors].map { ($0.isOpen ? $0.reading : -1, false) }, seconds: 0.05)
      if ready[0] {
        output.read(&outcome.output)
        onOutput(&outcome.output)
      }
      if ready[1] { errors.read(&outcome.errors) }
      // What it left behind may keep the pipes open: the end of the program is what counts.
      let hasEnded = unsafe tbx_wait(child, 0, &status, &usage)
      if hasEnded < 0 { throw Failure("wait for \(command[0])", Errno(errno)) }
      if hasEnded > 0 { break }
      if outcome.ended == nil {
        if outcome.output.count + outcome.errors.count > outputLimit {
          outcome.ended = .tooMuchOutput
        } else if isStopped() {
          outcome.ended = .stopped
        } else if Clock.seconds() > end {
          outcome.ended = .deadline
        }
        if outcome.ended == nil { continue }
        end = Clock.seconds() + graceSeconds
        if graceSeconds > 0 { kill(-child, SIGTERM) }
      }
      if Clock.seconds() >= end {
        kill(-child, SIGKILL)
        let first = killed ?? Clock.seconds()
        killed = first
        if Clock.seconds() > first + ChildProcess.killSeconds {
          outcome.status = 128 + SIGKILL
          return
        }
      }
    }
    outcome.status = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    outcome.cpuSeconds = [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
    }
  }

  private func start(_ output: Int32, _ errors: Int32) throws(Failure) -> Int32 {
    guard let program = command.first else {
      throw Failure("start a program", because: "it has no name", code: .usage)
    }
    let mask = cpus.map { ChildProcess.mask($0, UInt8.self) }
    let nodes = memoryNodes.map { ChildProcess.mask($0, UInt.self) }
    let settings = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let child = unsafe ChildProcess.withCStrings(command) { arguments in
      unsafe ChildProcess.withCStrings(settings) { settings in
        unsafe tbx_spawn(
          program, &arguments, &settings, mask, mask?.count ?? 0, nodes, (nodes?.count ?? 0) * 64,
          input?.number ?? -1, output, errors)
      }
    }
    if child < 0 {
      let failure = Errno(errno)
      throw Failure(
        "start \(program)", failure,
        hint: failure == .ENOENT ? "install the package that has \(program)" : nil)
    }
    return child
  }

  /// Bits of a set, lowest first.
  private static func mask<Word: FixedWidthInteger>(
    _ set: NumberSet, _ type: Word.Type
  ) -> [Word] {
    var words = [Word](repeating: 0, count: (set.last ?? 0) / Word.bitWidth + 1)
    for number in set.numbers { words[number / Word.bitWidth] |= 1 << (number % Word.bitWidth) }
    return words
  }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (inout [UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe body(&pointers)
  }
}

/// A pipe whose ends are closed with it.
private final class Pipe {
  let reading: Int32
  private(set) var writing: Int32
  /// Whether more may come.
  private(set) var isOpen = true

  init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard unsafe tbx_pipe(&ends) == 0 else { throw Failure("make a pipe", Errno(errno)) }
    reading = ends[0]
    writing = ends[1]
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  deinit {
    close(reading)
    closeWriting()
  }

  /// Reads what is there.
  func read(_ text: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = unsafe Glibc.read(reading, &buffer, buffer.count)
    if count > 0 { text += buffer[..<count] }
    isOpen = count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }

  /// Reads all that is there now, until there is more than the limit: who left the process group may go on
  /// writing.
  func drain(_ text: inout [UInt8], limit: Int) {
    var before = -1
    while isOpen, before != text.count, text.count <= limit {
      before = text.count
      read(&text)
    }
  }
}

internal import Base
internal import CLoadKernels

/// Threads that each run on one CPU, and on no other.
enum PinnedThreads {
  /// Runs `body` on one thread for each CPU, with the CPU's position in the set, and waits for all.
  /// The affinity of the calling thread stays as it is.
  /// - Throws: `Failure` where a thread cannot be made or pinned, such as EINVAL for a CPU that is
  ///   offline or outside the caller's cpuset; then no body has run.
  static func run(
    on cpus: NumberSet, _ body: @escaping @Sendable (Int) -> Void
  ) throws(Failure) {
    let numbers = cpus.numbers.map { Int32($0) }
    guard !numbers.isEmpty else {
      throw Failure("start load threads", because: "no CPU was given", code: .usage)
    }
    let box = unsafe Unmanaged.passRetained(Body(body))
    defer { unsafe box.release() }
    var failed = 0
    let failure = unsafe tbx_run_pinned(
      numbers, numbers.count,
      { context, index in
        unsafe Unmanaged<Body>.fromOpaque(context).takeUnretainedValue().run(index)
      },
      box.toOpaque(), &failed)
    if failure != 0 {
      throw Failure("run a thread on CPU \(numbers[failed])", Errno(failure))
    }
  }
}

private final class Body: Sendable {
  let run: @Sendable (Int) -> Void
  init(_ run: @escaping @Sendable (Int) -> Void) { self.run = run }
}

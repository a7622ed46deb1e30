internal import Accelerators
internal import Base
internal import Benchmarks
internal import Linux
internal import Synchronization

/// Measures copies with a vendor's library.
///
/// The library runs in this process, on a thread of its own, and every wait for a copy has a deadline. A call
/// that does not return is left to its thread and counts as a failure; nothing more is measured with that
/// library in this run. What nothing can interrupt is a thread that waits inside a driver (state D): the
/// process then ends only when the driver returns, as would a child process in its place.
struct CopyMeasurement: Sendable {
  /// Names for the loader, or paths.
  var hsa = HSA.library
  var cuda = CUDACopies.library
  /// Seconds that a library has to start: eight GPUs that nobody keeps initialised take some 20.
  var openSeconds = 60.0
  /// Seconds that copies have to end; of the largest pattern they take less than one.
  var copySeconds = 10.0

  /// Why a library is used no more, by its name.
  private static let unusable = Mutex<[String: String]>([:])

  /// Makes one measurement.
  /// - Parameter drives: paths of the drives that are read to the one lane's host memory while the half
  ///   before goes to the device; none for copies alone.
  func measure(
    _ planned: PlannedMeasurement, _ session: MeasuringSession, drives: [String] = []
  ) throws(Failure) -> Observation {
    guard let copies = CopyParameters(planned.parameters) else {
      throw Failure("measure \(planned.series.metric)", because: "the plan has no copies for it")
    }
    let seconds = session.seconds(planned)
    let limit = CopyLimit(seconds: copySeconds, isStopped: session.isStopped)
    return try perform(copies, limit, seconds: 2 * seconds) { work throws(Failure) in
      if drives.isEmpty { return try work.measure(seconds: seconds) }
      return try DriveLoad(work, drives).measure(seconds: seconds)
    }
  }

  /// Runs what uses the library on a thread of its own.
  /// - Parameter seconds: that `body` takes, beside the copies that it waits for at its end.
  func perform<Value: Sendable>(
    _ copies: CopyParameters, _ limit: CopyLimit, seconds: Double,
    _ body: @escaping @Sendable (CopyWork) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let name = copies.library == .hsa ? hsa : cuda
    if let reason = CopyMeasurement.unusable.withLock({ $0[name] }) {
      throw Failure("use \(name)", because: "it is used no more in this run: \(reason)")
    }
    let most = Int((openSeconds + seconds + 3 * copySeconds).rounded(.up))
    let outcome = Deadline.run(seconds: most) { () -> Outcome<Value> in
      run(copies, limit, body)
    }
    guard let outcome else {
      let reason = "no answer within \(most) s"
      CopyMeasurement.unusable.withLock { $0[name] = reason }
      throw Failure("use \(name)", because: reason)
    }
    if let reason = outcome.isAbandoned {
      CopyMeasurement.unusable.withLock { $0[name] = reason }
    }
    return try outcome.result.get()
  }

  /// What the thread leaves.
  private struct Outcome<Value: Sendable>: Sendable {
    var result: Result<Value, Failure>
    /// Why the library can be used no more.
    var isAbandoned: String?
  }

  private func run<Value: Sendable>(
    _ copies: CopyParameters, _ limit: CopyLimit,
    _ body: @Sendable (CopyWork) throws(Failure) -> Value
  ) -> Outcome<Value> {
    let library: any CopyLibrary
    do throws(Failure) { library = try open(copies) } catch {
      return Outcome(result: .failure(error))
    }
    do throws(Failure) {
      return Outcome(result: .success(try body(try CopyWork(library, copies, limit))))
    } catch {
      return Outcome(
        result: .failure(error), isAbandoned: library.isAbandoned ? error.reason : nil)
    }
  }

  /// Opens the library. That it is not there, or has no device, is no failure of a machine without GPUs:
  /// `.notFound`.
  private func open(_ copies: CopyParameters) throws(Failure) -> any CopyLibrary {
    do throws(LibraryError) {
      if copies.library == .cuda { return try CUDACopies(library: cuda) }
      return try HSACopies(library: hsa, copies.isStandIn ? .cpus : .gpus)
    } catch {
      let step = "open \(copies.library == .cuda ? cuda : hsa)"
      var isMissing = copies.isStandIn
      if case .library = error { isMissing = true }
      var reason = error.description
      // The runtime's own answer is about resources.
      if copies.library == .hsa, case .status = error, let access = HSA.accessFailure() {
        reason += "; \(access)"
      }
      if isMissing { throw Failure(step, because: reason, code: .notFound) }
      throw Failure(step, because: reason)
    }
  }
}

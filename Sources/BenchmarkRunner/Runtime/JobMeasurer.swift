internal import Base
internal import Benchmarks
internal import Linux
internal import Operations
internal import RuntimeCatalog

/// The step rate of a job that runs: each time its status changes gives a sample, by the kernel's time of the file.
enum JobMeasurer {
  /// Seconds between two looks: a job that reports more often gives fewer samples, of more steps.
  private static let lookSeconds = 0.1
  /// The most samples.
  private static let most = 256

  static func measure(
    _ path: String, _ session: MeasuringSession, seconds: Double
  ) throws(Failure) -> Observation {
    let end = Clock.seconds() + seconds
    var samples: [Double] = []
    var last = JobStatusFile.read(path: path)
    let first = last
    while Clock.seconds() < end, samples.count < most {
      if session.isStopped() { throw Failure("follow the job", because: "the run was stopped") }
      Clock.sleep(seconds: lookSeconds)
      guard let now = JobStatusFile.read(path: path) else { continue }
      if let last, now.status.step > last.status.step, now.written > last.written {
        samples.append(Double(now.status.step - last.status.step) / (now.written - last.written))
      }
      last = now
    }
    guard let last, let first else {
      throw Failure(
        "follow the job", because: "it reports no steps in \(JobStatus.file) of its state folder",
        code: .notFound)
    }
    if samples.isEmpty {
      throw Failure(
        "follow the job",
        because: "it has reported no new step within \(Units.decimal(seconds, places: 0)) s")
    }
    var details = ["step.first": "\(first.status.step)", "step.last": "\(last.status.step)"]
    details["steps"] = last.status.steps.map { "\($0)" }
    return Observation(samples, details: details, mayHaveWarmUp: false)
  }
}

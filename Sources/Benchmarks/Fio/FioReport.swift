package import Base

/// What fio reports at its end with `--output-format=json`.
package struct FioReport: Hashable, Sendable {
  /// Its version: `fio-3.33`.
  package var version: String?
  /// One for each group of jobs.
  package var jobs: [Job]

  /// A group of jobs.
  package struct Job: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// The errno it ended with; 0 without an error.
    package var error: Int
    /// What it read.
    package var read: Direction
    /// What it wrote.
    package var write: Direction
    /// Share of one CPU in its own code; nil where it is not reported.
    package var userShare: Double?
    /// Share of one CPU in the kernel.
    package var systemShare: Double?
  }

  /// Reads, or writes.
  package struct Direction: Hashable, Sendable {
    /// Bytes moved.
    package var bytes: Double = 0
    /// Bytes a second.
    package var bytesPerSecond: Double = 0
    /// Requests a second.
    package var operationsPerSecond: Double = 0
    /// Seconds that were measured.
    package var seconds: Double = 0
    /// Seconds from submission to completion, by percentile of 0 to 100.
    package var completionSeconds: [Double: Double] = [:]
  }

  /// Reads the last report in the output; earlier ones are of `--status-interval`.
  /// - Parameter errors: what it wrote to standard error, for the reason of a failure.
  /// - Throws: `Failure` where there is no report of a job.
  package init(output: [UInt8], errors: [UInt8] = []) throws(Failure) {
    let texts = [errors, Array(OutputDocuments.text(around: output).utf8)]
    guard let document = OutputDocuments.last(Document.self, in: output) else {
      throw Failure("read the report of fio", because: FioReport.message(texts) ?? "there is none")
    }
    version = document.version
    jobs = (document.jobs ?? []).map(Job.init)
    if jobs.isEmpty {
      throw Failure(
        "read the report of fio", because: FioReport.message(texts) ?? "it is about no job")
    }
  }

  /// The report as the result of a load. fio exits with 0 where it moved nothing, such as after a failed
  /// mount, so bytes alone are the proof.
  /// - Throws: `Failure` where a job has an error, moved nothing, or is missing.
  package func checked(for job: FioJob, errors: [UInt8] = []) throws(Failure) -> [Direction] {
    let step = "measure with fio"
    guard jobs.count == job.targets.count else {
      throw Failure(
        step, because: "it reports \(jobs.count) jobs in place of \(job.targets.count)")
    }
    var directions: [Direction] = []
    for (report, target) in zip(jobs, job.targets) {
      let direction = job.pattern.writes ? report.write : report.read
      if report.error != 0 {
        let reason = FioReport.message([errors]) ?? Errno(Int32(report.error)).description
        throw Failure(step, because: "\(target.path): \(reason)")
      }
      guard direction.bytes > 0, direction.bytesPerSecond > 0 else {
        let reason = FioReport.message([errors]).map { ": \($0)" } ?? ""
        throw Failure(step, because: "\(target.path): 0 bytes moved\(reason)")
      }
      directions.append(direction)
    }
    return directions
  }

  /// What went wrong, from the text around the report: the line that names an error, else the last one.
  private static func message(_ texts: [[UInt8]]) -> String? {
    for text in texts {
      let lines = text.split(separator: 0x0a).map { ASCII.trimmed($0) }.filter { !$0.isEmpty }
        .map { String(decoding: $0.prefix(300), as: UTF8.self) }
      if let line = lines.first(where: { $0.contains("error=") || $0.contains("rror:") })
        ?? lines.last
      {
        return line
      }
    }
    return nil
  }
}

extension FioReport {
  private struct Document: Decodable {
    var version: String?
    var jobs: [JobDocument]?

    enum CodingKeys: String, CodingKey {
      case version = "fio version"
      case jobs
    }
  }

  fileprivate struct JobDocument: Decodable {
    var jobname: String?
    var error: OutputNumber?
    var read: DirectionDocument?
    var write: DirectionDocument?
    var usr_cpu: OutputNumber?
    var sys_cpu: OutputNumber?
  }

  fileprivate struct DirectionDocument: Decodable {
    var io_bytes: OutputNumber?
    var bw_bytes: OutputNumber?
    var iops: OutputNumber?
    var runtime: OutputNumber?
    var clat_ns: LatencyDocument?
  }

  fileprivate struct LatencyDocument: Decodable {
    var percentile: [String: OutputNumber]?
  }
}

extension FioReport.Job {
  fileprivate init(_ document: FioReport.JobDocument) {
    name = document.jobname ?? ""
    // An error that cannot be read is one.
    let number = document.error.map { $0.value ?? 5 } ?? 0
    error = number > 0 && number < 4096 ? max(1, Int(number)) : number == 0 ? 0 : 5
    read = FioReport.Direction(document.read)
    write = FioReport.Direction(document.write)
    userShare = document.usr_cpu?.value.map { $0 / 100 }
    systemShare = document.sys_cpu?.value.map { $0 / 100 }
  }
}

extension FioReport.Direction {
  fileprivate init(_ document: FioReport.DirectionDocument?) {
    guard let document else { return }
    bytes = document.io_bytes?.value ?? 0
    bytesPerSecond = document.bw_bytes?.value ?? 0
    operationsPerSecond = document.iops?.value ?? 0
    seconds = (document.runtime?.value ?? 0) / 1000
    for (name, time) in document.clat_ns?.percentile ?? [:] {
      guard let percentile = Double(name), (0...100).contains(percentile), let time = time.value
      else { continue }
      completionSeconds[percentile] = time / 1e9
    }
  }
}

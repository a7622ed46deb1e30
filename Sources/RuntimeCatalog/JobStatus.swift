internal import Base

/// What a job says of itself: `status.json` in its state folder, `{"step": 120, "steps": 600}`.
///
/// The job writes it, so it can be anything: it is read up to a length, without following a link, and a number that
/// cannot be is no status. When the file was written is the kernel's time, not the job's.
package struct JobStatus: Hashable, Sendable {
  /// The step that it has done.
  package var step: Int
  /// How many it will do; nil where it does not say.
  package var steps: Int?

  /// The file in `STATE_DIRECTORY`.
  package static let file = "status.json"
  /// The longest file that is read, bytes.
  package static let longestFile = 4096
  /// The largest number of a step: 2^53, up to which JSON's numbers are exact.
  package static let mostSteps = 1 << 53

  /// Where systemd keeps the state of a unit with a dynamic user (systemd.exec(5), StateDirectory=): no link that the
  /// job could turn leads there.
  package static func path(_ name: String) -> String {
    "/var/lib/private/tinybox-runtime/\(name)/\(file)"
  }

  private struct Form: Decodable {
    var step: Int
    var steps: Int?
  }

  /// A status.
  package init(step: Int, steps: Int? = nil) {
    self.step = step
    self.steps = steps
  }

  /// Reads the bytes of the file; nil for what is no status.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= JobStatus.longestFile,
      let form = try? JSON.decode(Form.self, from: bytes),
      (0...JobStatus.mostSteps).contains(form.step),
      (form.steps.map { (form.step...JobStatus.mostSteps).contains($0) } ?? true)
    else { return nil }
    self.init(step: form.step, steps: form.steps)
  }
}

/// The steps of a job over time; pure.
package struct JobProgress: Hashable, Sendable {
  private struct Point: Hashable, Sendable {
    var step: Int
    var time: Double
  }

  /// Seconds over which a rate is taken.
  private static let seconds = 60.0
  /// Points that are kept.
  private static let most = 64

  /// The status that was seen last.
  package private(set) var status: JobStatus?
  private var points: [Point] = []
  private var first: Point?
  /// When the file of the start before was written.
  private var old: Double?

  /// Nothing was seen yet.
  /// - Parameter old: when the file was written that the start before has left.
  package init(after old: Double? = nil) { self.old = old }

  /// Takes a status.
  /// - Parameter written: when its file was written, seconds since 1970.
  package mutating func take(_ status: JobStatus, written: Double) {
    guard written.isFinite, written != old else { return }
    let last = points.last
    self.status = status
    // Not a new one. A clock that was set back, or a job that goes on from an older checkpoint, begins anew.
    if let last, last.step == status.step, last.time == written { return }
    if let last, status.step < last.step || written < last.time {
      points = []
      first = nil
    }
    let point = Point(step: status.step, time: written)
    first = first ?? point
    points.append(point)
    while points.count > JobProgress.most
      || (points.count > 2 && written - points[0].time > JobProgress.seconds)
    {
      points.removeFirst()
    }
  }

  /// Steps a second of the last minute; nil until there are two moments.
  package var stepsPerSecond: Double? { rate(from: points.first) }
  /// Steps a second since it began to be seen; nil until there are two moments.
  package var meanStepsPerSecond: Double? { rate(from: first) }

  private func rate(from start: Point?) -> Double? {
    guard let start, let last = points.last, last.time > start.time else { return nil }
    return Double(last.step - start.step) / (last.time - start.time)
  }
}

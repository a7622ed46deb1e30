package import Base

/// What `compute.py` wrote: an object a line, the samples and last what was counted.
///
/// It runs code of another project, so its output is checked like any other program's: a number that cannot be, or
/// another amount of work than was ordered, is a failure.
package struct ComputeReport: Hashable, Sendable {
  /// Seconds of each call.
  package var seconds: [Double]
  /// tinygrad's name of the device, and of what compiles for it.
  package var device: String
  package var renderer: String
  /// Elements that were compared.
  package var checked: Int

  private struct Line: Decodable {
    var sample: Double?
    var done: Done?
    var error: String?
    var kind: String?

    struct Done: Decodable {
      var operations: Int
      var bytes: Int
      var calls: Int
      var checked: Int
      var device: String
      var renderer: String
    }
  }

  /// The most samples that are read; `compute.py` makes 64.
  private static let mostSamples = 1024
  private static let step = "compute with tinygrad"

  /// Reads the output of a load.
  /// - Parameter errors: what the program wrote to standard error.
  /// - Throws: `Failure`: `notFound` where the device has no such type.
  package init(_ load: ComputeLoad, output: [UInt8], errors: [UInt8]) throws(Failure) {
    var seconds: [Double] = []
    var done: Line.Done?
    for text in output.split(separator: 0x0a) {
      // Drivers and compilers may write there too.
      guard text.first == UInt8(ascii: "{"), let line = try? JSON.decode(Line.self, from: text)
      else { continue }
      if let error = line.error {
        throw Failure(
          ComputeReport.step, because: ComputeReport.plain(error),
          code: line.kind == "unsupported" ? .notFound : .failed)
      }
      if let sample = line.sample {
        guard sample.isFinite, sample > 0, seconds.count < ComputeReport.mostSamples else {
          throw Failure(ComputeReport.step, because: "a sample is no time, or there are too many")
        }
        seconds.append(sample)
      }
      done = line.done ?? done
    }
    guard let done else {
      let last = errors.split(separator: 0x0a).last.map { String(decoding: $0, as: UTF8.self) }
      throw Failure(
        ComputeReport.step, because: "it ended too early: " + ComputeReport.plain(last ?? "no word")
      )
    }
    guard done.operations == load.operations, done.bytes == load.bytes,
      done.calls == seconds.count, done.checked > 0
    else { throw Failure(ComputeReport.step, because: "it did not do what was ordered") }
    self.seconds = seconds
    device = ComputeReport.plain(done.device)
    renderer = ComputeReport.plain(done.renderer)
    checked = done.checked
  }

  private static func plain(_ text: String) -> String {
    String(text.unicodeScalars.prefix(300).map { $0.value < 0x20 ? " " : Character($0) })
  }
}

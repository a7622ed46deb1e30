internal import Base
internal import Runtimes

/// Looks into the header of a model before all of its file is here, so that gigabytes are not fetched or copied
/// for a refusal. What is found is no more than a reason to stop: the whole file is judged again.
final class EarlyLook {
  /// Bytes of a first look: most headers end within them.
  private static let first = 8 << 20

  private let request: ModelOperations.Request
  private let reader: ModelHeaderReader
  private var next = EarlyLook.first

  /// - Returns: nil where the hash that was asked for comes before any look into the file.
  init?(_ request: ModelOperations.Request, _ reader: ModelHeaderReader) {
    if request.sha256 != nil { return nil }
    self.request = request
    self.reader = reader
  }

  /// Judges a file of this machine.
  func judge(_ path: String) throws(Failure) {
    try judge(try reader.facts(of: path, as: request.source.text))
  }

  /// Judges a file that is being fetched, when enough of it has come.
  /// - Parameter total: bytes of the whole file; nil when not known: then nothing is judged.
  /// - Returns: why it is not worth going on; nil when it is, as far as is known.
  func judge(_ path: String, bytes: Int, of total: Int?) -> Failure? {
    guard let total, bytes >= next, bytes < total else { return nil }
    next = bytes.multipliedReportingOverflow(by: 2).partialValue
    do throws(Failure) {
      guard let facts = try reader.facts(of: path, as: request.source.text, fileBytes: total)
      else { return nil }
      next = .max
      try judge(facts)
      return nil
    } catch {
      return error
    }
  }

  private func judge(_ facts: ModelFacts) throws(Failure) {
    let acceptance = ModelAcceptance(facts, request.backend)
    if !acceptance.refusals.isEmpty { throw ModelOperations.refused(acceptance, request) }
  }
}

internal import Base
package import RuntimeCatalog

/// Whether a model with its KV cache fits in a memory, and the arithmetic.
public struct ModelFit: Codable, Hashable, Sendable {
  /// What comes out.
  public enum Verdict: String, Codable, Hashable, Sendable { case fits, tooLarge, unknown }
  /// What comes out; unknown where a number is missing.
  public var verdict: Verdict
  /// Tokens of context that are asked for.
  public var context: Int?
  /// Bytes of the model file.
  public var fileBytes: Int
  /// Bytes of the KV cache; absent where the header or the backend does not say enough.
  public var cacheBytes: Int?
  /// Bytes of both: what a runtime needs at least. Intermediate results come on top.
  public var neededBytes: Int?
  /// Bytes that there are; absent when not known.
  public var availableBytes: Int?
  /// The arithmetic in a line.
  public var text: String

  /// Compares a model with a memory.
  /// - Parameters:
  ///   - context: tokens; the backend's default when nil. No more than the model has.
  ///   - available: bytes of the memory.
  ///   - place: what that memory is, `GPU 0000:c1:00.0`.
  package init(
    _ facts: ModelFacts, _ backend: Backend, context asked: Int?, available: Int?, place: String
  ) {
    fileBytes = facts.fileBytes
    availableBytes = available
    context = ModelFit.context(facts, backend, asked)
    let file = "file \(ModelFit.size(facts.fileBytes))"
    guard let context, let width = backend.cacheBytes, let values = facts.cacheValuesPerToken,
      let shape = facts.cacheArithmetic,
      let cache = ModelFit.product(values, context, width)
    else {
      verdict = available.map { $0 < facts.fileBytes } == true ? .tooLarge : .unknown
      text = file + " + a KV cache of unknown size"
      return
    }
    let (needed, overflow) = facts.fileBytes.addingReportingOverflow(cache)
    cacheBytes = cache
    neededBytes = overflow ? nil : needed
    text =
      "\(file) + KV cache \(ModelFit.size(cache)) (\(shape) x \(context) tokens x \(width) bytes)"
    guard !overflow else {
      verdict = .tooLarge
      return
    }
    text += " = \(ModelFit.size(needed))"
    guard let available else {
      verdict = .unknown
      text += "; the memory of \(place) is not known"
      return
    }
    verdict = needed <= available ? .fits : .tooLarge
    text += verdict == .fits ? " of " : ", and "
    text += "\(ModelFit.size(available)) of \(place)" + (verdict == .fits ? "" : " is less")
  }

  /// The context that a runtime has: what was asked for or the backend's default, and no more than the model's.
  package static func context(_ facts: ModelFacts, _ backend: Backend, _ asked: Int?) -> Int? {
    guard let wanted = asked ?? backend.context else { return facts.context }
    return facts.context.map { min($0, wanted) } ?? wanted
  }

  private static func product(_ factors: Int...) -> Int? {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      product = next
    }
    return product
  }

  private static func size(_ bytes: Int) -> String { Units.capacity(bytes) }
}

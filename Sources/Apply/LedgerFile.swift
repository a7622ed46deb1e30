internal import Base
internal import Placement

extension Ledger {
  /// Reads the ledger of a tree; nil when there is none.
  static func load(_ tree: some WritableTree) throws -> Ledger? {
    do {
      return try tree.loadLedger().map { try decode($0) }
    } catch let failure as KnobFailure {
      throw Failure("read the ledger", failure, code: .conflict)
    }
  }

  /// Makes this the ledger of a tree, as its next generation.
  mutating func store(_ tree: some WritableTree) throws {
    generation += 1
    do {
      try tree.storeLedger(try encoded())
    } catch let failure as KnobFailure {
      throw Failure("write the ledger", failure, code: .conflict)
    }
  }
}

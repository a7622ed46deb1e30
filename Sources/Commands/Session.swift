internal import Base
internal import Inventory
internal import KernelTree
internal import Operations

/// What every reading command shares: the machine to read, whom to ask, and how to print.
struct Session: Sendable {
  /// Reads the machine, or a recording.
  var reader = MachineReader()
  /// Print JSON.
  var json = false
  /// Where facts come from, when no recording is replayed.
  var source = FactSource.machine
  /// Say on standard error where the facts come from.
  var isVerbose = false

  /// The inventory, from tinyboxd where it may answer, else of the tree.
  /// - Parameter known: the tree, where it is open already: a recording is read whole each time.
  func inventory(
    _ parts: CollectionOptions.Parts = .all, of known: KernelTree? = nil
  ) throws(Failure) -> Inventory {
    // What costs time is left out where nobody needs it.
    let detail = CollectionOptions.Parts.status.isSuperset(of: parts) ? "quick" : "full"
    let told = try fromDaemon {
      try DaemonClient.document(Inventory.self, "/v1/inventory?detail=\(detail)")
    }
    if let told { return told }
    if let known { return try reader.inventory(parts, of: known) }
    return try reader.inventory(parts, of: try reader.tree())
  }

  /// A value as every `--json` prints it, or lines for a person.
  func text(_ value: some Encodable, _ lines: () -> [String]) throws(Failure) -> String {
    json ? try JSON.text(value) : lines().joined(separator: "\n") + "\n"
  }
}

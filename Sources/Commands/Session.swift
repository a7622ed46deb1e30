internal import Base
internal import Benchmarks
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

  /// What the history of benchmarks shows, from tinyboxd where it may answer and keeps one; nil without.
  /// One that it cannot read is a finding, and keeps no other fact from being reported.
  func benchmarks() -> Result<BenchmarkChangesDocument, Failure>? {
    guard mayAskDaemon else { return nil }
    var session = self
    // Where the facts come from was said with the first of them.
    session.isVerbose = false
    do throws(Failure) {
      let document = try session.fromDaemon {
        try DaemonClient.document(BenchmarkChangesDocument.self, "/v1/benchmarks/changes")
      }
      return document.map { .success($0) }
    } catch {
      return .failure(error)
    }
  }

  /// A value as every `--json` prints it, or lines for a person.
  func text(_ value: some Encodable, _ lines: () -> [String]) throws(Failure) -> String {
    json ? try JSON.text(value) : lines().joined(separator: "\n") + "\n"
  }
}

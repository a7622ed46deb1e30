internal import Apply
package import Base
package import Inventory
internal import Linux
package import RuntimeCatalog
package import Runtimes

extension ModelOperations {
  /// The models, by name; of one whose file is damaged, why.
  package func all() throws(Failure) -> [(name: String, record: Result<ModelRecord, Failure>)] {
    try store.names().map { name in
      do throws(Failure) {
        return (name, .success(try store.record(name)))
      } catch {
        return (name, .failure(error))
      }
    }
  }

  /// What a plan knows of the models.
  package func states() throws(Failure) -> [String: RuntimePlan.ModelState] {
    var states: [String: RuntimePlan.ModelState] = [:]
    for (name, record) in try all() {
      switch record {
      case .success(let record):
        states[name] = damage(record).map { .damaged($0) } ?? .usable(record)
      case .failure(let failure): states[name] = .damaged(failure.reason)
      }
    }
    return states
  }

  /// What is wrong with the files of a model by their sizes, permissions and times; nil when nothing is. A file that was
  /// written after its record, which comes last, may have other bytes: `verify` compares them.
  package func damage(_ record: ModelRecord) -> String? {
    let recorded = try? RegularFile(reading: store.recordPath(record.name)).modified()
    for file in record.files {
      let path = "\(store.folder(record.name))/\(file.name)"
      do throws(Failure) {
        let opened = try RegularFile(reading: path)
        if let problem = try ModelOperations.damage(opened, file) { return "\(path) \(problem)" }
        if let recorded, try opened.modified() > recorded {
          return "\(path) was written after the model was added: 'sudo tinyboxctl model verify "
            + "\(record.name)' compares its hash"
        }
      } catch {
        return error.description
      }
    }
    return nil
  }

  /// What is wrong with a file, after its name.
  private static func damage(
    _ opened: borrowing RegularFile, _ file: ModelRecord.File
  ) throws(Failure) -> String? {
    let bytes = try opened.size()
    if bytes != file.bytes { return "has \(bytes) bytes, not \(file.bytes)" }
    // Root reads it whatever its mode; a runtime has a user of its own.
    let mode = try opened.permissions()
    if mode & 0o004 != 0 { return nil }
    let octal = String(mode, radix: 8)
    let zeros = String(repeating: "0", count: max(0, 4 - octal.utf8.count))
    return "has mode \(zeros)\(octal): runtimes cannot read it"
  }

  /// Whether a file of a model is what was added.
  package struct Verified: Sendable {
    /// The file.
    package var file: String
    /// What is wrong with it; nil when nothing is.
    package var problem: String?
  }

  /// Reads all files of a model and compares their hashes. Where all are the same, root has the model from then on taken
  /// for undamaged again, though a file was written.
  package func verify(
    _ name: String, progress: (Progress) -> Void = { _ in }
  ) throws(Failure) -> [Verified] {
    var results: [Verified] = []
    let record = try store.record(name)
    for file in record.files {
      let path = "\(store.folder(name))/\(file.name)"
      do throws(Failure) {
        let opened = try RegularFile(reading: path)
        let begun = try opened.modified()
        if let problem = try ModelOperations.damage(opened, file) {
          results.append(Verified(file: file.name, problem: "it \(problem)"))
          continue
        }
        let hash = try opened.sha256 {
          progress(Progress(step: "hash", file: file.name, bytes: $0, total: file.bytes))
        }
        var problem = hash == file.sha256 ? nil : "its SHA-256 is \(hash), not \(file.sha256)"
        if problem == nil, try opened.modified() != begun { problem = "it is being written" }
        results.append(Verified(file: file.name, problem: problem))
      } catch {
        results.append(Verified(file: file.name, problem: error.description))
      }
    }
    if results.allSatisfy({ $0.problem == nil }), damage(record) != nil, CallingUser.isRoot {
      try store.locked { () throws(Failure) in try store.renew(record) }
    }
    return results
  }

  /// Whether a model fits in the memory of each GPU.
  package static func fits(
    _ facts: ModelFacts, _ backend: Backend, context: Int?, _ inventory: Inventory
  ) -> [(gpu: PCIAddress, fit: ModelFit)] {
    inventory.gpus.map { gpu in
      (
        gpu.address,
        ModelFit(
          facts, backend, context: context, available: gpu.memoryTotalBytes,
          place: "GPU \(gpu.address)")
      )
    }
  }
}

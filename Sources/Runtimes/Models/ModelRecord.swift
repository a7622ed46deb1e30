public import Base
internal import RuntimeCatalog

/// A model of this machine: `/var/lib/tinybox/models/NAME/model.json`.
public struct ModelRecord: Codable, VersionedDocument, Hashable, Sendable {
  /// What `schema` says. A change that breaks a reader raises the number.
  public static let currentSchema = "tinybox.model/1"
  /// The longest file that is read, bytes.
  package static let longestFile = 1 << 20
  /// The most files of a split model.
  package static let mostFiles = 1000

  /// The schema of this value.
  public var schema = ModelRecord.currentSchema
  /// Its name.
  public var name: String
  /// Where it came from, as it was written: a path, an address, `hf:OWNER/REPO/FILE`.
  public var source: String
  /// When it was added, RFC 3339 in UTC.
  public var added: String
  /// The same in seconds since 1970.
  public var created: Int
  /// Its files in its folder, the first part first.
  public var files: [File]
  /// What its header says.
  public var facts: ModelFacts

  /// A file of a model.
  public struct File: Codable, Hashable, Sendable {
    /// Its name in the folder: `model.gguf`.
    public var name: String
    /// Its size, bytes.
    public var bytes: Int
    /// SHA-256 of it, hexadecimal.
    public var sha256: String

    /// A file with its size and hash.
    package init(name: String, bytes: Int, sha256: String) {
      self.name = name
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// A model that was added.
  package init(
    name: String, source: String, added: String, created: Int, files: [File], facts: ModelFacts
  ) {
    self.name = name
    self.source = source
    self.added = added
    self.created = created
    self.files = files
    self.facts = facts
  }

  /// The folder of a model.
  package static func folder(_ name: String) -> String { "\(Backend.models)/\(name)" }
  /// The file with what is known of a model.
  package static func path(_ name: String) -> String { "\(folder(name))/model.json" }
  /// The name of a part of a model: of one alone, `model.gguf`.
  package static func fileName(part: Int, of count: Int) -> String {
    func digits(_ number: Int) -> String {
      let text = "\(number)"
      return String(repeating: "0", count: max(0, 5 - text.utf8.count)) + text
    }
    // tinygrad and llama.cpp find the other parts by this form of the first one's name.
    return count == 1 ? "model.gguf" : "model-\(digits(part + 1))-of-\(digits(count)).gguf"
  }

  /// The path of the file that a runtime opens.
  package var modelPath: String {
    "\(ModelRecord.folder(name))/\(files.first?.name ?? "model.gguf")"
  }

  /// Bytes of all its files.
  package var bytes: Int {
    // Checked at reading: at most `mostFiles` of 2^50 bytes.
    files.reduce(0) { $0 &+ $1.bytes }
  }

  /// Reads the bytes of the file of a model.
  /// - Throws: `Failure` for what is no record, has a value out of its range, or is of another model.
  package static func decode(_ bytes: [UInt8], name: String) throws(Failure) -> ModelRecord {
    let step = "read \(path(name))"
    guard bytes.count <= longestFile else {
      throw Failure(step, because: "it is longer than \(longestFile) bytes")
    }
    let record: ModelRecord
    do {
      record = try JSON.decode(ModelRecord.self, from: bytes)
    } catch {
      throw Failure(step, error)
    }
    if let problem = record.problem(name) { throw Failure(step, because: problem) }
    return record
  }

  private func problem(_ expected: String) -> String? {
    if schema != ModelRecord.currentSchema {
      return "its schema is '\(schema)', not '\(ModelRecord.currentSchema)'"
    }
    if let problem = RuntimeName.modelProblem(name) { return problem }
    if name != expected { return "it is of model '\(name)'" }
    if files.isEmpty || files.count > ModelRecord.mostFiles {
      return "it has no files, or more than \(ModelRecord.mostFiles)"
    }
    for (index, file) in files.enumerated() {
      if file.name != ModelRecord.fileName(part: index, of: files.count) {
        return "file \(index) has another name than a part of a model"
      }
      if !(1...(1 << 50)).contains(file.bytes) { return "the size of \(file.name) is impossible" }
      let isHash =
        file.sha256.utf8.count == 64 && file.sha256.utf8.allSatisfy { ASCII.hexDigit($0) != nil }
      if !isHash { return "the hash of \(file.name) is no SHA-256" }
    }
    if let problem = RuntimeInstance.specialTokensProblem(facts.tokenizer.specialTokens ?? []) {
      return problem
    }
    let numbers = [facts.fileBytes, facts.parameters, created, facts.cacheValuesPerToken ?? 0]
    if numbers.contains(where: { $0 < 0 }) { return "a number is negative" }
    return nil
  }
}

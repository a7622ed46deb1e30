internal import Base
internal import Inventory
internal import Operations
internal import Render
internal import RuntimeCatalog
internal import Runtimes

/// A model, and whether it fits.
struct ModelDocument: VersionedDocument {
  /// `tinybox.model-report/1`.
  var schema = ModelDocument.currentSchema
  static let currentSchema = "tinybox.model-report/1"
  /// The model.
  var model: ModelRecord
  /// The runtime that is to load it.
  var backend: String
  /// Why that runtime does not load it; empty when it does.
  var refusals: [String]
  /// What may go wrong when it loads it.
  var warnings: [String]
  /// What is wrong with its files, by their sizes; absent when nothing is.
  var damage: String?
  /// What it needs, whatever there is.
  var need: ModelFit
  /// Whether it fits in the memory of each GPU of this machine.
  var gpus: [Entry]

  /// A GPU and the arithmetic.
  struct Entry: Encodable {
    /// Its PCI address.
    var address: PCIAddress
    /// Whether the model fits.
    var fit: ModelFit
  }

  init(_ record: ModelRecord, _ options: ModelFitOptions) throws(Failure) {
    let chosen = try options.chosen()
    let acceptance = ModelAcceptance(record.facts, chosen)
    let reader = MachineReader()
    let inventory = try reader.inventory([.machine, .pci, .gpus], of: try reader.tree())
    model = record
    backend = chosen.key
    refusals = acceptance.refusals
    warnings = acceptance.warnings
    gpus = ModelOperations.fits(record.facts, chosen, context: options.context, inventory).map {
      Entry(address: $0.gpu, fit: $0.fit)
    }
    need = ModelFit(
      record.facts, chosen, context: options.context, available: nil, place: "a GPU")
  }

  /// For people.
  var lines: String {
    let facts = model.facts
    var rows = [
      "name          \(model.name)", "from          \(model.source)",
      "added         \(model.added)",
      "architecture  \(facts.architecture ?? "unknown")"
        + (facts.title.map { " (\($0))" } ?? ""),
      "parameters    \(Units.count(facts.parameters))",
      "type          \(facts.quantisation ?? "unknown")",
      "context       \(facts.context.map { "\($0) tokens" } ?? "unknown")",
      "tokenizer     \(facts.tokenizer.pre ?? facts.tokenizer.model ?? "unknown")",
    ]
    rows += model.files.map { "sha256        \($0.sha256)  \($0.name)" }
    if let damage { rows.append("damaged       \(damage)") }
    rows += refusals.map { "refused       \($0)" }
    rows += warnings.map { "warning       \($0)" }
    if gpus.isEmpty { rows.append("memory        \(need.text)") }
    rows += gpus.map { entry in
      let verdict =
        switch entry.fit.verdict {
        case .fits: "fits"
        case .tooLarge: "does not fit"
        case .unknown: "unknown"
        }
      return "GPU           \(entry.address): \(verdict): \(entry.fit.text)"
    }
    return rows.map { DisplayText.clean($0) + "\n" }.joined()
  }
}

/// All models.
struct ModelListDocument: VersionedDocument {
  /// `tinybox.models/1`.
  var schema = ModelListDocument.currentSchema
  static let currentSchema = "tinybox.models/1"
  /// The models, by name.
  var models: [Entry]

  /// A model.
  struct Entry: Encodable {
    /// Its name.
    var name: String
    /// What is known of it; absent where its file is damaged.
    var model: ModelRecord?
    /// What is wrong with it, by the sizes of its files; absent when nothing is.
    var damage: String?
  }
}

/// Whether the files of a model are what was added.
struct ModelVerifyDocument: VersionedDocument {
  /// `tinybox.model-verify/1`.
  var schema = ModelVerifyDocument.currentSchema
  static let currentSchema = "tinybox.model-verify/1"
  /// The model.
  var name: String
  /// Its files.
  var files: [File]

  /// A file.
  struct File: Encodable {
    /// Its name.
    var name: String
    /// What is wrong with it; absent when nothing is.
    var problem: String?
  }

  /// For people.
  var lines: String {
    files.map { "\($0.name)  \(DisplayText.clean($0.problem ?? "as it was added"))\n" }.joined()
  }
}

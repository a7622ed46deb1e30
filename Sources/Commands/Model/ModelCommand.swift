internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import Render
internal import RuntimeCatalog
internal import Runtimes

/// `tinyboxctl model`: the models that runtimes load.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Models for runtimes: add, list, show, verify, remove.",
    discussion: """
      A model is a GGUF file, or several, in /var/lib/tinybox/models/NAME: root's, and readable by all. What its \
      header says is read by a process without rights; a model that the runtime does not load is refused \
      when it is added.
      """,
    subcommands: [
      ModelAddCommand.self, ModelListCommand.self, ModelShowCommand.self, ModelVerifyCommand.self,
      ModelRemoveCommand.self, ModelReadHeaderCommand.self,
    ],
    defaultSubcommand: ModelListCommand.self)
}

/// Where models are; a machine has one place.
struct ModelPlaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Below another root folder.", visibility: .hidden))
  var root: String?

  /// The models of this machine, or of the folder.
  var models: ModelOperations { ModelOperations(root: root ?? "") }

  /// The same for who changes them.
  func models(for step: String) throws(Failure) -> ModelOperations {
    if root == nil, !CallingUser.isRoot {
      throw Failure(step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
    return models
  }
}

/// `--context` and `--backend`, for whether a model fits.
struct ModelFitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Tokens of context to calculate with.", valueName: "tokens"))
  var context: Int?
  @Option(
    help: ArgumentHelp(
      "The runtime that is to load it: \(Backend.all.map(\.key).joined(separator: ", ")).",
      valueName: "key"))
  var backend = Backend.all[0].key

  /// The backend of the key.
  func chosen() throws(Failure) -> Backend {
    guard let found = Backend.named(backend) else {
      throw Failure(
        "use --backend \(backend)", because: "there is none of that name",
        hint: "there are \(Backend.all.map(\.key).joined(separator: ", "))", code: .usage)
    }
    return found
  }

  func validate() throws {
    if let context, !(1...RuntimeInstance.longestContext).contains(context) {
      throw ValidationError("--context takes 1 to \(RuntimeInstance.longestContext)")
    }
  }
}

/// A line of progress for what takes longer than a second.
final class ModelProgressLine {
  private let begin = Clock.seconds()
  private var step = ""
  private var stepBegin = 0.0
  private var stepBytes = 0
  private var next = 0.0
  private var isShown = false

  /// Shows how far something is, at most five times a second.
  func show(_ progress: ModelOperations.Progress) {
    let now = Clock.seconds()
    if step != progress.step + progress.file {
      step = progress.step + progress.file
      (stepBegin, stepBytes) = (now, progress.bytes)
    }
    guard now - begin > 1, now >= next else { return }
    next = now + 0.2
    isShown = true
    Output.progress(ModelProgressLine.text(progress, stepBytes, now - stepBegin))
  }

  /// `fetch llama.gguf: 1.0 GiB of 8.0 GiB, 12%, 95 MB/s, 1 min left`.
  static func text(
    _ progress: ModelOperations.Progress, _ before: Int, _ seconds: Double
  ) -> String {
    var text = "\(progress.step) \(DisplayText.clean(progress.file)): "
    let rate = seconds > 0.5 ? Double(progress.bytes - before) / seconds : 0
    if let total = progress.total, total > 0 {
      text += Units.capacity(progress.bytes, of: total)
      text += ", \(min(100, Int(Double(progress.bytes) / Double(total) * 100)))%"
    } else {
      text += Units.capacity(progress.bytes)
    }
    if rate > 0 {
      text += ", \(Units.rate(rate))"
      if let total = progress.total, total > progress.bytes {
        text += ", \(Units.duration((Double(total - progress.bytes) / rate).rounded())) left"
      }
    }
    return text
  }

  deinit { if isShown { Output.endProgress() } }
}

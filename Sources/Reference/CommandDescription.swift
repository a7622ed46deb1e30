internal import Base

/// A command as the parser describes it, with what it takes.
struct CommandDescription: Decodable {
  var commandName: String
  var abstract: String?
  var discussion: String?
  var arguments: [Argument]?
  var subcommands: [CommandDescription]?

  /// An argument, an option or a flag.
  struct Argument: Decodable {
    var kind: Kind
    var names: [Name]?
    var valueName: String?
    var abstract: String?
    var discussion: String?
    var defaultValue: String?
    var isOptional: Bool
    /// False for what is for tests.
    var shouldDisplay: Bool

    /// How it is written: `-h, --help`, `--sysroot <dir|archive>`, `<name>`.
    var spelling: String {
      let names = (names ?? []).map(\.spelling).joined(separator: ", ")
      let value = "<\(valueName ?? "")>"
      switch kind {
      case .positional: return value
      case .option: return "\(names) \(value)"
      case .flag: return names
      }
    }

    /// What it means.
    var description: String {
      let sentences = [abstract, discussion].compactMap { text in
        text.flatMap { $0.isEmpty ? nil : $0.hasSuffix(".") ? $0 : $0 + "." }
      }
      let text = sentences.joined(separator: " ")
      guard let defaultValue, !defaultValue.isEmpty else { return text }
      return text + " Default: \(defaultValue)."
    }

    /// Whether every command has it.
    fileprivate var isHelpOrVersion: Bool {
      kind == .flag && ["help", "version"].contains(names?.first?.name)
    }
  }

  enum Kind: String, Decodable { case positional, option, flag }

  /// A name on the command line.
  struct Name: Decodable {
    var kind: String
    var name: String

    var spelling: String { (kind == "long" ? "--" : "-") + name }
  }

  /// What it takes, but for hidden arguments.
  var shown: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

  /// How it is called, without its path.
  var synopsis: String {
    var parts = shown.filter { !$0.isHelpOrVersion }
      .map { $0.isOptional ? "[\($0.spelling)]" : $0.spelling }
    if !(subcommands ?? []).isEmpty { parts.append("<subcommand>") }
    return parts.joined(separator: " ")
  }

  /// It and all below it, each with the words that call it.
  func all(path: String? = nil) -> [(path: String, command: CommandDescription)] {
    let path = path ?? commandName
    let below = (subcommands ?? []).filter { $0.commandName != "help" }
    return [(path, self)] + below.flatMap { $0.all(path: "\(path) \($0.commandName)") }
  }
}

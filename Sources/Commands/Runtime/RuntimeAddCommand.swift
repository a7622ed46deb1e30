internal import ArgumentParser
internal import Base
internal import Configuration
internal import Operations
internal import RuntimeCatalog
internal import Runtimes

/// `tinyboxctl runtime add`.
struct RuntimeAddCommand: ParsableCommand, JSONPrinting {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add a runtime: check it against this machine, write its file. Root only.",
    discussion: """
      Its options are the keys of /etc/tinybox/runtimes/NAME.toml, which the reference of the configuration \
      describes. A program in place of tinygrad comes last:

      tinyboxctl runtime add whisper --apis transcriptions --endpoint unix -- /opt/whisper/serve {socket}
      """)
  static var documents: [PrintedDocument] { [.init(RuntimeDocument.self)] }

  @Argument(help: "Its name: 1 to \(RuntimeName.longest) of a-z, 0-9 and '-'.")
  var name: String
  @Option(help: "A model of 'tinyboxctl model list'.")
  var model: String?
  @Option(
    help: ArgumentHelp(
      "How many GPUs, or their PCI addresses with commas between.", valueName: "gpus"))
  var gpus: String?
  @Option(help: "Tokens of prompt and answer together.")
  var context: Int?
  @Option(help: "Requests at once.")
  var slots: Int?
  @Option(help: ArgumentHelp("What it serves; may be given twice.", valueName: "api"))
  var apis: [String] = []
  @Option(help: "Which differences from OpenAI's interface the gateway makes up for.")
  var backend: String?
  @Option(help: "Where the program listens: tcp or unix.")
  var endpoint: String?
  @Option(help: "'service' answers requests, 'job' works until it is done.")
  var kind: String?
  @Flag(name: .customLong("on-demand"), help: "Start it with the first request.")
  var onDemand = false
  @Option(
    help: ArgumentHelp("Without a request for so long, one on demand stops.", valueName: "time"))
  var idle: String?
  @Option(help: ArgumentHelp("The most main memory, such as 32G.", valueName: "size"))
  var memory: String?
  @Option(
    name: .customLong("memory-nodes"),
    help: ArgumentHelp("NUMA nodes to spread its memory over.", valueName: "nodes"))
  var memoryNodes: String?
  @Option(help: "Threads of a runtime on CPUs.")
  var threads: Int?
  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp(
      "A variable of its environment; may be given twice.", valueName: "name=value"))
  var environment: [String] = []
  @Flag(help: "Also one that cannot run as things are.")
  var force = false
  @Flag(name: .customLong("dry-run"), help: "Print the file, write nothing.")
  var dryRun = false
  @OptionGroup var format: JSONOptions
  @OptionGroup var place: RuntimePlaceOptions
  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("A program with its arguments, in place of tinygrad.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if environment.contains(where: { !$0.dropFirst().contains("=") }) {
      throw ValidationError("--environment takes NAME=VALUE")
    }
  }

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    if dryRun { return file }
    let known = try place.runtimes(for: "add the runtime '\(name)'")
      .add(name, file, isForced: force)
    let document = RuntimeDocument(known)
    if format.json { return try JSON.text(document) }
    return "added \(name): \(RuntimeSpec.path(name))\n" + document.lines
  }

  /// The options as a file: it is read with all its checks before it is written.
  var file: String {
    func list(_ items: [String]) -> String {
      "[" + items.map { TOMLValue.quoted($0) }.joined(separator: ", ") + "]"
    }
    var lines: [String] = []
    func add(_ key: String, _ value: String?) {
      if let value { lines.append("\(key) = \(value)") }
    }
    func text(_ key: String, _ value: String?) { add(key, value.map { TOMLValue.quoted($0) }) }
    text("kind", kind)
    text("model", model)
    add("command", command.isEmpty ? nil : list(command))
    text("backend", backend)
    text("endpoint", endpoint)
    add("apis", apis.isEmpty ? nil : list(apis))
    if let gpus {
      add("gpus", Int(gpus).map { "\($0)" } ?? list(gpus.split(separator: ",").map(String.init)))
    }
    add("context", context.map { "\($0)" })
    add("slots", slots.map { "\($0)" })
    add("on-demand", onDemand ? "true" : nil)
    text("idle", idle)
    text("memory", memory)
    text("memory-nodes", memoryNodes)
    add("threads", threads.map { "\($0)" })
    if !environment.isEmpty {
      lines.append("[environment]")
      for variable in environment {
        let name = variable.prefix { $0 != "=" }
        text(TOMLTable.quoted(String(name)), String(variable.dropFirst(name.count + 1)))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

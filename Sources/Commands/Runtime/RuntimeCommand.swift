internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations
internal import RuntimeCatalog
internal import Runtimes

/// `tinyboxctl runtime`: programs that answer for models.
struct RuntimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runtime",
    abstract: "Model runtimes: install, add, list, show, start, stop, remove, logs, chat.",
    discussion: """
      A runtime is a service of its own: a user of its own, no network, its one model read-only, its GPUs, and the \
      CPUs and the memory beside them. What the owner wants of it stands in /etc/tinybox/runtimes/NAME.toml; \
      tinyboxd makes its units of that. tinybox-gateway answers for all of them as OpenAI's interface does.

      tinyboxctl runtime add llama --model llama-3.1-8b-q8 --gpus 1
      """,
    subcommands: [
      RuntimeInstallCommand.self, RuntimeAddCommand.self, RuntimeListCommand.self,
      RuntimeShowCommand.self,
      RuntimeStartCommand.self, RuntimeStopCommand.self, RuntimeRestartCommand.self,
      RuntimeRemoveCommand.self, RuntimeLogsCommand.self, RuntimeChatCommand.self,
    ],
    defaultSubcommand: RuntimeListCommand.self)
}

/// Where runtimes are; a machine has one place.
struct RuntimePlaceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Below another root folder.", visibility: .hidden))
  var root: String?

  /// The runtimes of this machine, or of the folder.
  var runtimes: RuntimeOperations { RuntimeOperations(root: root ?? "") }

  /// The same for who changes them.
  func runtimes(for step: String) throws(Failure) -> RuntimeOperations {
    if root == nil, !CallingUser.isRoot {
      throw Failure(step, because: "only root may", hint: "run it with sudo", code: .notPermitted)
    }
    return runtimes
  }
}

extension RuntimeOperations {
  /// Seconds that tinyboxd has for the units of a new file: it reads the machine first.
  private static let unitsSeconds = 10.0

  /// Whether a runtime has units; one that cannot run gets none.
  fileprivate func hasUnits(_ known: Known) -> Bool {
    hasUnits(
      known.spec.name, within: known.refusal == nil ? RuntimeOperations.unitsSeconds : 0)
  }
}

extension RuntimePlaceOptions {
  /// Starts a runtime; with `stops` it is stopped first, and only if it can be started then.
  fileprivate func start(_ name: String, _ step: String, stops: Bool = false) throws(Failure) {
    let runtimes = try runtimes(for: "\(step) the runtime '\(name)'")
    let known = try runtimes.known(name)
    try runtimes.checkFree(known)
    if stops { try RuntimeServices().stop(name) }
    try RuntimeServices().start(known.spec, hasUnits: runtimes.hasUnits(known))
  }
}

/// `tinyboxctl runtime start`.
struct RuntimeStartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start a runtime, or open its door when it is on demand. Root only.")

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      try place.start(name, "start")
      try Output.write("started \(name)\n")
    }
  }
}

/// `tinyboxctl runtime stop`.
struct RuntimeStopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop a runtime; it stays so until 'start' or the next boot. Root only.")

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      let runtimes = try place.runtimes(for: "stop the runtime '\(name)'")
      _ = try runtimes.known(name)
      try RuntimeServices().stop(name)
      try Output.write("stopped \(name)\n")
    }
  }
}

/// `tinyboxctl runtime restart`.
struct RuntimeRestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Stop a runtime and start it again. Root only.")

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws {
    try perform { () throws(Failure) in
      try place.start(name, "restart", stops: true)
      try Output.write("restarted \(name)\n")
    }
  }
}

/// `tinyboxctl runtime remove`.
struct RuntimeRemoveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Stop a runtime and remove its file; its model stays. Root only.")

  @Argument(help: "Its name.")
  var name: String
  @OptionGroup var place: RuntimePlaceOptions

  func run() throws { try perform { () throws(Failure) in try Output.write(try text()) } }

  func text() throws(Failure) -> String {
    try place.runtimes(for: "remove the runtime '\(name)'").remove(name) { name throws(Failure) in
      try RuntimeServices().stop(name)
    }
    return "removed \(name)\n"
  }
}

/// `tinyboxctl runtime logs`.
struct RuntimeLogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "What a runtime and its door wrote, by journalctl.")

  @Argument(help: "Its name.")
  var name: String
  @Flag(name: .shortAndLong, help: "Also what comes from now on.")
  var follow = false
  @Option(name: [.long, .customShort("n")], help: "The last lines alone.")
  var lines: Int?

  func validate() throws {
    if let lines, lines < 0 { throw ValidationError("--lines takes a count") }
  }

  func run() throws {
    try perform { () throws(Failure) in
      let command = try command()
      do throws(Errno) {
        try Program.replace(with: command)
      } catch {
        throw Failure("start journalctl", because: error.plainly)
      }
    }
  }

  /// The command of systemd that shows them.
  func command() throws(Failure) -> [String] {
    if let problem = RuntimeName.problem(name) {
      throw Failure("show the logs of '\(name)'", because: problem, code: .usage)
    }
    var command = [
      "journalctl", "--no-hostname", "-u", RuntimeUnit.service(name), "-u", RuntimeUnit.door(name),
    ]
    if follow { command.append("--follow") }
    if let lines { command.append("--lines=\(lines)") }
    return command
  }
}

import ArgumentParser
internal import Base
import Commands

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "What is wrong, why, what it costs and what to do.",
    discussion: """
      Lists what is not as it should be, worst first, and counts the rest. --explain shows \
      everything about one check: evidence with the file of each fact, fix, risk, sources.

      Exit status: 0 all fine, 1 warnings, 2 failures, 3 could not tell; 64 wrong usage.
      """)

  @OptionGroup var reading: ReadingOptions
  @OptionGroup var display: DisplayOptions

  @Argument(
    help: ArgumentHelp("Checks or areas to run; all without any.", valueName: "id"),
    completion: .list(CheckCommand.names))
  var ids: [String] = []

  @Flag(help: "Also list what is fine and what does not apply.")
  var all = false

  @Option(
    help: ArgumentHelp("Everything about one check.", valueName: "id"),
    completion: .list(CheckCommand.names))
  var explain: String?

  @Option(
    help: ArgumentHelp(
      "Look again and again for this long, while a load runs.", valueName: "seconds"))
  var live: Double?

  @Option(
    help: ArgumentHelp(
      "Hold the box against this profile: a name, a file, or none.", valueName: "name|file"))
  var profile: String?

  @Option(name: .customLong("write-pages"), help: .private, completion: .directory)
  var writePages: String?

  func validate() throws {
    if let live, !(1...86_400).contains(live) {
      throw ValidationError("--live must be between 1 and 86400 seconds.")
    }
    if explain != nil && !ids.isEmpty {
      throw ValidationError("--explain tells of one check; leave the other ids out.")
    }
  }

  func run() throws {
    var status: Int32 = 0
    // 1 would read as "warnings": a check that could not run could not tell.
    try Self.perform(failed: 3) { () throws(Failure) in
      if let writePages { return try CheckCommand.writePages(folder: writePages) }
      let command = CheckCommand(session: reading.session, profile: profile, liveSeconds: live)
      let answer =
        if let explain {
          try command.page(id: explain, display.display)
        } else {
          try command.table(ids: ids, all: all, display.display)
        }
      try Output.write(answer.text)
      status = answer.status
    }
    if status != 0 { throw ExitCode(status) }
  }
}

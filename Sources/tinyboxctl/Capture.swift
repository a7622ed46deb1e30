import ArgumentParser
internal import Base
import Commands

struct Capture: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "capture",
    abstract: "Record this machine, so that every command can replay it elsewhere.",
    discussion: """
      Records exactly what the other commands read. Serial numbers, hardware and IP addresses and \
      the host's name are replaced by pseudonyms unless --no-redact is given. Run it as root to \
      record everything; what could not be read is recorded as such.
      """)

  @Argument(
    help: ArgumentHelp("The archive to write, ending in .tar.zst.", valueName: "file"),
    completion: .file(extensions: ["tar.zst"]))
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp("Record from a recording.", valueName: "dir|archive"),
    completion: .file())
  var sysroot: String?

  @Flag(name: .customLong("no-redact"), help: "Keep serial numbers, addresses and names.")
  var noRedact = false

  @Flag(help: "Replace the file if it exists.")
  var force = false

  func run() throws {
    try perform { () throws(Failure) in
      let summary = try CaptureCommand(sysroot: sysroot)
        .run(file: file, redact: !noRedact, force: force)
      try Output.write(summary)
    }
  }
}

import ArgumentParser
internal import Base
import Daemon
internal import Linux
import Version

@main
struct Tinyboxd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinyboxd",
    abstract: "Watch a multi-GPU machine and keep it right.",
    discussion: """
      Run by systemd as tinyboxd.service. It needs root, listens on a Unix socket only, and takes \
      its settings from /etc/tinybox/tinybox.toml and tinybox.toml.d; SIGHUP reads them again. \
      'tinyboxctl daemon' shows what it is doing.
      """,
    version: Version.line(of: "tinyboxd"))

  @Option(help: ArgumentHelp("Listen here when systemd passes no socket.", valueName: "path"))
  var socket = "/run/tinybox/api.sock"

  @Option(help: ArgumentHelp("Keep events in this folder.", valueName: "dir"))
  var state = "/var/lib/tinybox"

  // For tests on a machine that has no such groups.
  @Option(help: ArgumentHelp("Number of the group that may read.", visibility: .hidden))
  var readerGroup: UInt32?
  @Option(help: ArgumentHelp("Number of the group that may change.", visibility: .hidden))
  var administratorGroup: UInt32?

  static func main() { main(ProgramArguments.all) }

  func run() throws {
    do throws(Failure) {
      var options = Daemon.Options(socket: socket, stateFolder: state)
      options.readerGroup = readerGroup
      options.administratorGroup = administratorGroup
      try Daemon(options).run()
    } catch {
      Daemon.tell(error)
      throw ExitCode(1)
    }
  }
}

import ArgumentParser
import Daemon

@main
struct Tinyboxd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinyboxd",
    abstract: "Watch a multi-GPU machine and keep it right.",
    discussion: """
      Run by systemd as tinyboxd.service. It needs root, listens on a Unix socket only, and takes \
      its settings from /etc/tinybox/tinybox.toml and tinybox.toml.d; SIGHUP reads them again. \
      'tinyboxctl daemon' tells what it is doing.
      """,
    version: "tinyboxd \(Daemon.version)")

  @Option(help: ArgumentHelp("Listen here when systemd passes no socket.", valueName: "path"))
  var socket = "/run/tinybox/api.sock"

  @Option(help: ArgumentHelp("Keep events in this folder.", valueName: "dir"))
  var state = "/var/lib/tinybox"

  func run() throws {
    do throws(Daemon.Failure) {
      try Daemon(.init(socket: socket, stateFolder: state)).run()
    } catch {
      Daemon.tell(error)
      throw ExitCode(1)
    }
  }
}

import ArgumentParser
internal import Base
import Commands

@main
enum Program {
  /// A plain `tinyboxctl status` needs no parser, and building one takes as long as reading a
  /// small machine. Everything else goes through it.
  static func main() {
    if CommandLine.arguments.dropFirst().elementsEqual(["status"])
      || CommandLine.arguments.count == 1
    {
      Tinyboxctl.finish {
        try Status.perform { () throws(Failure) in
          try Output.write(
            try StatusCommand(session: Session(source: .automatic)).text(.standard(ascii: false)))
        }
      }
    }
    Tinyboxctl.main()
  }
}

/// Each command says its name, though the parser could derive it from the type: that would take twice
/// as long as reading a small machine, at every start, for all commands.
struct Tinyboxctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinyboxctl",
    abstract: "See and steer a multi-GPU machine.",
    discussion: """
      Every reading command works on the running machine, or with --sysroot on a recording made \
      by 'tinyboxctl capture'. Run it as root to see everything; what could not be read is shown \
      as unknown, with the reason.

      Exit status: 0 done, 1 failed, 64 wrong usage, 77 not permitted; 'check' has its own.
      """,
    version: "tinyboxctl \(Version.text)",
    subcommands: [
      Status.self, Check.self, Devices.self, Topology.self, P2P.self, Interrupts.self,
      Placement.self, Run.self, CDI.self, ProfileArguments.self, Capture.self, Metrics.self,
      Events.self, DaemonArguments.self,
      Token.self,
    ],
    defaultSubcommand: Status.self)
}

extension Tinyboxctl {
  /// Runs a command and ends the program.
  static func finish(_ body: () throws -> Void) -> Never {
    do {
      try body()
    } catch {
      exit(withError: error)
    }
    exit()
  }
}

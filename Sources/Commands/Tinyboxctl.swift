package import ArgumentParser
internal import Base
internal import Linux
internal import Version

/// The program. Each command is a file: its arguments, what it runs, what it prints.
///
/// Each command says its name, though the parser could derive it from the type: that would take twice
/// as long as reading a small machine, at every start, for all commands.
package struct Tinyboxctl: ParsableCommand {
  /// The parser's view of the program.
  package static let configuration = CommandConfiguration(
    commandName: "tinyboxctl",
    abstract: "Show, check and tune a multi-GPU machine.",
    discussion: """
      Every read-only command works on the running machine, or with --sysroot on a recording made \
      by 'tinyboxctl capture'. Run it as root to see everything; what could not be read is shown \
      as unknown, with the reason.

      Exit status: 0 done, 1 failed, 64 wrong usage, 77 not permitted; 'check' has its own.
      """,
    version: Version.line(of: "tinyboxctl"),
    subcommands: [
      StatusCommand.self, CheckCommand.self, DevicesCommand.self, TopologyCommand.self,
      PeerToPeerCommand.self, InterruptsCommand.self, BenchmarkCommand.self, PlacementCommand.self,
      RunCommand.self,
      CDICommand.self, ProfileCommand.self, CaptureCommand.self, MetricsCommand.self,
      EventsCommand.self, DaemonCommand.self, ConfigCommand.self, TokenCommand.self,
      ModelCommand.self, RuntimeCommand.self, SetupCommand.self,
    ],
    defaultSubcommand: StatusCommand.self)

  /// A program without arguments.
  package init() {}

  /// Runs the program with the arguments of the process, and ends it.
  ///
  /// A plain `tinyboxctl status` needs no parser, and building one takes as long as reading a small
  /// machine. Everything else goes through it.
  package static func runProgram() -> Never {
    let arguments = ProgramArguments.all
    if arguments.isEmpty || arguments == ["status"] {
      do {
        try perform { () throws(Failure) in try StatusCommand.printPlain() }
      } catch {
        exit(withError: error)
      }
    } else {
      main(arguments)
    }
    exit()
  }
}

extension Failure.Code {
  /// Exit status of a program that ends with it: those of sysexits.h beside 1.
  var exitStatus: Int32 {
    switch self {
    case .failed, .notFound, .conflict, .busy: 1
    case .usage: 64
    case .notPermitted: 77
    }
  }
}

extension ParsableCommand {
  /// Runs the body of a command; prints a failure and ends with its exit status.
  func perform(_ body: () throws(Failure) -> Void) throws { try Self.perform(body) }

  /// The same without a command that was parsed.
  /// - Parameter failed: exit status when it failed, where 1 means something else.
  static func perform(
    failed: Int32 = Failure.Code.failed.exitStatus,
    _ body: () throws(Failure) -> Void
  ) throws {
    do throws(Failure) {
      try body()
    } catch {
      Output.failure(error)
      let status = error.code.exitStatus
      throw ExitCode(status == Failure.Code.failed.exitStatus ? failed : status)
    }
  }
}

import ArgumentParser
import Commands

@main
enum Program {
  /// Runs a plain `tinyboxctl status` without building the whole parser, which takes as long as
  /// reading a small machine. Anything else, and anything wrong, goes through the parser.
  static func main() {
    if CommandLine.arguments.dropFirst().allSatisfy({ $0 == "status" }),
      CommandLine.arguments.count <= 2, let status = try? Status.parse([])
    {
      Tinyboxctl.finish { try status.run() }
    }
    Tinyboxctl.main()
  }
}

struct Tinyboxctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinyboxctl",
    abstract: "See and steer a multi-GPU machine.",
    discussion: """
      Every reading command works on the running machine, or with --sysroot on a recording made \
      by 'tinyboxctl capture'. Run it as root to see everything; what could not be read is shown \
      as unknown, with the reason.

      Exit status: 0 done, 1 failed, 64 wrong usage, 77 not permitted.
      """,
    version: "tinyboxctl \(Version.text)",
    subcommands: [Status.self, Devices.self, Topology.self, Interrupts.self, Capture.self],
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

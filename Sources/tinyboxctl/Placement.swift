import ArgumentParser
import Commands

struct Placement: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put interrupts, queues and containers where their device is.",
    discussion: """
      What belongs where follows from the machine and from the policy in \
      /etc/tinybox/tinybox.toml and tinybox.toml.d; without a file, interrupts of network \
      interfaces, drives and GPUs go to the CPUs of their own node.
      """,
    subcommands: [Plan.self], defaultSubcommand: Plan.self)

  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What would be changed, and what is left alone and why. Changes nothing.")

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(CommandFailure) in
        try Output.write(try policy.command(reading.session).plan(display.display))
      }
    }
  }
}

/// Options of every command that reads the policy.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Use this policy in place of the files in /etc/tinybox.", valueName: "file"),
    completion: .file())
  var policy: String?

  /// The command these options ask for.
  func command(_ session: Session) -> PlacementCommand {
    PlacementCommand(session: session, policyFile: policy)
  }
}

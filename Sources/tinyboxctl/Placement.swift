import ArgumentParser
internal import Base
import Commands

struct Placement: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement",
    abstract: "Put interrupts, queues and containers where their device is.",
    discussion: """
      What belongs where follows from the machine and from the policy in \
      /etc/tinybox/tinybox.toml and tinybox.toml.d; without a file, interrupts of network \
      interfaces, drives and GPUs go to the CPUs of their own node.

      'plan' shows what would be changed, 'apply' does it, 'rollback' puts every original value \
      back, 'status' tells what still holds. A reboot undoes everything.
      """,
    subcommands: [Plan.self, Apply.self, Rollback.self, Status.self],
    defaultSubcommand: Plan.self)

  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "plan",
      abstract: "What would be changed, and what is left alone and why. Changes nothing.")

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try policy.command(reading.session).plan(display.display))
      }
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "status",
      abstract: "What was placed, what of it still holds, and what is not placed yet.")

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(Failure) in
        try Output.write(try policy.command(reading.session).status(display.display))
      }
    }
  }

  struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "apply", abstract: "Make the changes of the plan. Root only.",
      discussion: """
        Every original value is kept in /var/lib/tinybox/placement.ledger before it is changed. \
        What the machine refuses is told and stops nothing else; the exit status is then 1.
        """)

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions
    @OptionGroup var policy: PolicyOptions

    func run() throws {
      try perform { () throws(Failure) in
        try finish(try policy.command(reading.session).apply(display.display))
      }
    }
  }

  struct Rollback: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rollback", abstract: "Put every original value back. Root only.")

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        try finish(PlacementCommand(session: reading.session).rollback(display.display))
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

/// Prints what was done, and ends with status 1 when something was refused.
private func finish(_ done: PlacementCommand.Done) throws(Failure) {
  try Output.write(done.text)
  if !done.isComplete {
    throw Failure(
      "do everything", because: "something was refused or does not hold; see above")
  }
}

import ArgumentParser
import Commands

@main
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

import ArgumentParser
internal import Base
import Commands

/// Options of every command that reads a machine.
struct ReadingOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Replay a recording in place of this machine.",
      discussion: "A folder, or a tar archive (plain, gz, bz2, xz, zst), with /sys or /proc in it.",
      valueName: "dir|archive"),
    completion: .file())
  var sysroot: String?

  @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
  var json = false

  @Flag(help: "Also tell the path each fact was read from.")
  var sources = false

  @Flag(help: "Also read serial numbers, UUIDs and hardware addresses.")
  var serials = false

  @Option(
    name: .customLong("pci-ids"),
    help: ArgumentHelp("Take names from this pci.ids file.", valueName: "file"),
    completion: .file())
  var pciIDs: String?

  @OptionGroup var facts: FactOptions

  /// The session these options ask for.
  var session: Session {
    Session(
      sysroot: sysroot, json: json, sources: sources, serials: serials, pciIDs: pciIDs,
      source: facts.from, isVerbose: facts.verbose)
  }
}

/// Options of commands that print for people.
struct DisplayOptions: ParsableArguments {
  @Flag(name: .customLong("ascii"), help: "Draw with ASCII characters only.")
  var ascii = false

  /// How to print on this terminal.
  var display: Display { Display.standard(ascii: ascii) }
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

internal import ArgumentParser
internal import Base
internal import Operations

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

  @Flag(help: "Also show the path each fact was read from.")
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
    var reader = MachineReader(sysroot: sysroot)
    reader.sources = sources
    reader.serials = serials
    reader.pciIDs = pciIDs
    return Session(reader: reader, json: json, source: facts.from, isVerbose: facts.verbose)
  }
}

/// Where facts come from.
struct FactOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take facts from tinyboxd (daemon), from the machine, or from whichever is there (auto).",
      valueName: "source"))
  var from = FactSource.automatic

  @Flag(name: .shortAndLong, help: "Say on standard error where the facts come from.")
  var verbose = false
}

extension FactSource: ExpressibleByArgument {}

/// Options of commands that print for people.
struct DisplayOptions: ParsableArguments {
  @Flag(name: .customLong("ascii"), help: "Draw with ASCII characters only.")
  var ascii = false

  /// How to print on this terminal.
  var display: Display { Display.standard(ascii: ascii) }
}

/// Options of every command that reads the policy.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Use this policy in place of the files in /etc/tinybox.", valueName: "file"),
    completion: .file())
  var policy: String?
}

/// Options of commands whose answer comes from tinyboxd alone, or is no fact of a machine.
struct JSONOptions: ParsableArguments {
  @Flag(help: "Print JSON; the keys are documented in docs/json.md.")
  var json = false
}

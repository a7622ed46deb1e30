public import ArgumentParser
public import Commands

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

import ArgumentParser
internal import Linux
import Version

@main
struct TinyboxBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinybox-benchmark",
    abstract: "Measure this machine, and keep what was measured.",
    discussion: """
      Run by tinybox-benchmark.service, which tinyboxd or the timer starts, and by 'tinyboxctl \
      benchmark' where tinyboxd does not run. It prints JSON, a document a line. \
      'tinyboxctl benchmark' is for people.
      """,
    version: Version.line(of: "tinybox-benchmark"),
    subcommands: [
      Run.self, Soak.self, Trial.self, Show.self, Export.self, Import.self, Acknowledge.self,
      Discard.self,
    ])

  static func main() { main(ProgramArguments.all) }
}

internal import ArgumentParser
internal import Base
internal import Operations
internal import Placement

/// `tinyboxctl cdi`: device nodes of GPUs for container engines.
struct CDICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cdi", abstract: "Device nodes of GPUs for container engines (CDI).",
    subcommands: [Generate.self])

  struct Generate: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "generate", abstract: "Write the specification for podman and docker.",
      discussion: """
        Afterwards --device tinybox.dev/gpu=0000:21:00.0 gives a container that GPU. The \
        specification holds device nodes only: 'tinyboxctl run' adds CPUs and memory.
        """)
    static var documents: [PrintedDocument] {
      let specification =
        "https://github.com/cncf-tags/container-device-interface/blob/main/SPEC.md"
      return [
        .init(CDISpecification.self, remark: "the part of [CDI](\(specification)) that is used")
      ]
    }

    @OptionGroup var reading: ReadingOptions

    @Option(help: ArgumentHelp("File to write; - is standard output.", valueName: "file"))
    var output = "/etc/cdi/tinybox.json"

    func run() throws {
      try perform { () throws(Failure) in
        let placement = PlacementOperations(reading.session.reader)
        try Output.write(
          try JSON.text(try placement.deviceSpecification()), file: output)
      }
    }
  }
}

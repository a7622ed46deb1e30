internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Inventory
internal import Linux
internal import Operations
internal import Render

extension BenchmarkCommand {
  /// `tinyboxctl benchmark compare`.
  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "compare", abstract: "Two runs, or two cards, side by side.",
      discussion: """
        Each of A and B is the id of a run of this machine, or a file that 'benchmark card' wrote, \
        here or on another machine. Where the intervals of two figures overlap, no difference is \
        shown.
        """)

    @Argument(help: "Id of a run, or file of a card.", completion: .file()) var a: String
    @Argument(help: "Id of a run, or file of a card.", completion: .file()) var b: String
    @Flag(help: "Also list figures without a difference.") var all = false
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let areOwn = !isFile(a) && !isFile(b)
        let comparison = BenchmarkComparison(
          try card(a, namesNetworks: areOwn), try card(b, namesNetworks: areOwn))
        let lines = BenchmarkComparisonTable.render(
          comparison, a: a, b: b, display.display.style, all: all)
        try Output.write(lines.joined(separator: "\n") + "\n")
      }
    }

    private func isFile(_ name: String) -> Bool {
      name.contains("/") || (try? StampedFile.stamp(name)) != nil
    }

    private func card(_ name: String, namesNetworks: Bool) throws(Failure) -> BenchmarkCard {
      let text: [UInt8]
      do throws(Errno) {
        text = try StampedFile.read(name, limit: 8 << 20).bytes
      } catch {
        if error == .ENOENT, !name.contains("/") {
          return BenchmarkCard(try BenchmarkSource().run(name), namesNetworks: namesNetworks)
        }
        throw Failure("read \(name)", error, code: .usage)
      }
      return try BenchmarkCard(text: text)
    }
  }

  /// `tinyboxctl benchmark report`.
  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "report", abstract: "A run with its histories as one HTML file.")

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file())
    var html: String
    @Argument(help: "Id of the run; the last one without it.") var id: String?

    func run() throws {
      try perform { () throws(Failure) in
        let source = BenchmarkSource()
        let run = try source.run(id)
        var histories: [BenchmarkHistoryDocument] = []
        for result in run.results where result.value != nil {
          // A quick or discarded run has figures that no series has.
          if let history = try? source.history(result.series.key) { histories.append(history) }
        }
        try Output.write(BenchmarkReport.html(run, histories: histories), file: html)
      }
    }
  }

  /// `tinyboxctl benchmark card`.
  struct Card: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "card", abstract: "A run in short, to show to others, signed.",
      discussion: """
        The card has no serial numbers and no host name. A signature proves that the card was not \
        changed since; it does not prove that its figures are honest.
        """, subcommands: [Make.self, Verify.self], defaultSubcommand: Make.self)

    struct Make: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "make", abstract: "Write the card of a run.")

      @Argument(help: "Id of the run; the last one without it.") var id: String?
      @Option(
        name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"),
        completion: .file())
      var output: String?
      @Option(
        help: ArgumentHelp(
          "Sign with this SSH key: FILE.sig is the signature.", valueName: "key"),
        completion: .file())
      var sign: String?

      func validate() throws {
        if sign != nil, output == nil || output == "-" {
          throw ValidationError("--sign needs --output: the signature lies beside the card.")
        }
      }

      func run() throws {
        try perform { () throws(Failure) in
          let run = try BenchmarkSource().run(id)
          var session = Session()
          session.reader.serials = true
          let machine = try session.inventory()
          let hidden = machine.privateTexts
          try Output.write(try BenchmarkCard.toGiveAway(run, hiding: hidden).text(), file: output)
          if let sign, let output {
            _ = try BenchmarkCardSigner.sign(
              file: output, key: sign, agent: Terminal.environment("SSH_AUTH_SOCK"))
          }
        }
      }
    }

    struct Verify: ParsableCommand {
      static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Whether a card is unchanged, and who signed it.")

      @Argument(help: "The card; its signature is FILE.sig.", completion: .file())
      var file: String
      @Option(
        name: .customLong("allowed-signers"),
        help: ArgumentHelp(
          "Names and their keys, in the form of ssh-keygen(1).", valueName: "file"),
        completion: .file())
      var allowedSigners: String?

      func run() throws {
        try perform { () throws(Failure) in
          let (_, signature) = try BenchmarkCardSigner.verify(
            file: file, allowedSigners: allowedSigners)
          let name = signature.signer.map { "\($0), " } ?? ""
          try Output.write(
            "unchanged since \(name)\(signature.keyType) key \(signature.fingerprint) signed it\n")
        }
      }
    }
  }
}

extension Inventory {
  /// Texts that say which box this is: a card shows none of them.
  fileprivate var privateTexts: [String] {
    [machine.hostName, machine.systemSerial, machine.boardSerial].compactMap(\.self)
      + nvme.compactMap(\.serial) + memory.modules.compactMap(\.serial)
      + gpus.compactMap(\.uniqueID) + nics.compactMap(\.hardwareAddress)
  }
}

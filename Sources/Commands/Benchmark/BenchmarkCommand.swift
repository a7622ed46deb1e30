internal import ArgumentParser
internal import Base
internal import Benchmarks
internal import Inventory
internal import Linux
internal import Operations
internal import Render

/// `tinyboxctl benchmark`.
struct BenchmarkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmark",
    abstract: "Measure memory, CPUs, GPUs, drives and network, and compare with before.",
    discussion: """
      Each figure stands beside what physics allows. Results are kept in \
      /var/lib/tinybox/benchmarks.db; a drop is reported as a suspicion, and as a decline once \
      runs on following nights confirm it. Drives are only read, unless --scratch names a place \
      to write to or --consent-serial names a drive that may be overwritten.
      """,
    subcommands: [
      List.self, RunBenchmarks.self, Soak.self, Placement.self, Stop.self, History.self,
      ShowRun.self, Compare.self, Report.self, Card.self, Acknowledge.self, Export.self,
      Import.self, Discard.self,
    ],
    defaultSubcommand: List.self)

  struct List: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "The suites: what each measures here, and for how long.")

    static var documents: [PrintedDocument] { [.init(BenchmarkPlanDocument.self)] }

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        var box = BenchmarkBox(try reading.session.inventory(), BenchmarkOptions())
        if reading.sysroot == nil { box = box.withRuntimes() }
        let suites = SuitePlans.all.map { plan in
          PlannedSuite(
            plan.info, plan.measurements(box),
            missingPrograms: reading.sysroot != nil
              ? [] : plan.info.programs.filter { ProgramPath.find($0) == nil })
        }
        try Output.write(
          try reading.session.text(BenchmarkPlanDocument(suites)) {
            BenchmarkPlanTable.render(suites, display.display.style)
          })
      }
    }
  }

  struct Stop: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "stop", abstract: "End the run that is going on. What it measured is kept.")

    func run() throws {
      try perform { () throws(Failure) in
        _ = try DaemonClient.required {
          try DaemonClient.document(
            BenchmarkProgress.self, "/v1/benchmarks/stop", method: "POST")
        }
      }
    }
  }

  struct History: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "history",
      abstract: "Figures over time: all series, or one with what it shows.")
    static var documents: [PrintedDocument] {
      [
        .init(BenchmarkSeriesDocument.self),
        .init(BenchmarkHistoryDocument.self, arguments: "SERIES"),
      ]
    }

    @Argument(help: "Key of a series, as the list without it shows it.") var series: String?
    @OptionGroup var output: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let source = BenchmarkSource()
        let style = display.display.style
        let session = Session(json: output.json)
        if let series {
          let document = try source.history(series)
          try Output.write(
            try session.text(document) { BenchmarkHistoryView.render(document, style) })
        } else {
          let document = try source.document(
            BenchmarkSeriesDocument.self, "series", "/v1/benchmarks/series")
          try Output.write(
            try session.text(document) { BenchmarkSeriesTable.render(document, style) })
        }
      }
    }
  }

  struct ShowRun: ParsableCommand, JSONPrinting {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "A run with its results; the last one without an id.")
    static var documents: [PrintedDocument] { [.init(BenchmarkRun.self)] }

    @Argument(help: "Id of the run.") var id: String?
    @Flag(help: "Also show how each ceiling comes about.") var explain = false
    @OptionGroup var output: JSONOptions
    @OptionGroup var display: DisplayOptions

    func run() throws {
      try perform { () throws(Failure) in
        let run = try BenchmarkSource().run(id)
        try Output.write(
          try Session(json: output.json).text(run) {
            BenchmarkTable.render(run, display.display.style, explain: explain)
          })
      }
    }
  }

  struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "acknowledge", abstract: "Mark a change as seen: its new level is accepted.")

    @Argument(help: "Number of the change, as 'benchmark history SERIES' shows it.")
    var change: Int

    func run() throws {
      try perform { () throws(Failure) in try BenchmarkSource().acknowledge(change) }
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Every run as JSON lines, CSV or OpenMetrics. Root only.")

    enum Form: String, ExpressibleByArgument, CaseIterable { case lines, csv, openmetrics }

    @Option(help: ArgumentHelp("lines, csv or openmetrics.", valueName: "format"))
    var format = Form.lines
    @Option(name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output: String?

    /// Bytes of an export: what an import takes.
    private static let limit = 1 << 30

    func run() throws {
      try perform { () throws(Failure) in
        let text = try BenchmarkProgram.output(["export", format.rawValue], limit: Self.limit)
        try Output.write(String(decoding: text, as: UTF8.self), file: output)
      }
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import",
      abstract: "Store the runs of an export, of this machine or another. Root only.")

    @Argument(help: "A file of JSON lines.", completion: .file()) var file: String
    @Flag(help: "The runs are this machine's own: they become part of its history.")
    var own = false

    func run() throws {
      try perform { () throws(Failure) in
        let text = try BenchmarkProgram.output(["import", file] + (own ? ["--own"] : []))
        try Output.write(String(decoding: text, as: UTF8.self))
      }
    }
  }

  struct Discard: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "discard",
      abstract: "Take a run out of the history, such as one made while a fan was off. Root only.")

    @Argument(help: "Id of the run.") var id: String

    func run() throws {
      try perform { () throws(Failure) in _ = try BenchmarkProgram.output(["discard", id]) }
    }
  }
}

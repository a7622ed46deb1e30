import ArgumentParser
internal import Base
internal import BenchmarkRunner
internal import Benchmarks
internal import Inventory
internal import Linux
internal import LoadKernels
internal import Operations
internal import Version

struct Soak: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load everything at once. Prints progress and, last, the report.")

  @Option(help: "Seconds that it runs, 1 to 604800.") var seconds: Double
  @OptionGroup var database: DatabaseOptions

  func run() throws {
    try ended {
      // Before any thread is made, so that all have the signals blocked.
      let signals = try SignalReader()
      let stop = StopFlag()
      let watcher = try OwnThread { watch(signals, stop) }
      defer { withExtendedLifetime(watcher) {} }
      // Neither a run nor another soak beside it.
      let lock = try database.lock()
      defer { withExtendedLifetime(lock) {} }
      let reader = MachineReader()
      let machine = try reader.inventory(.all, of: try reader.tree())
      let box = BenchmarkBox(machine, BenchmarkOptions()).withRuntimes()
      var runner = SoakRunner(
        seconds: seconds, loads: SoakLoads.all(box), program: Version.number,
        look: { () throws(Failure) in
          try reader.inventory(SoakWatch.parts, of: try reader.tree())
        })
      runner.context = BenchmarkContext.machine(box)
      runner.boot = machine.machine.bootID
      runner.stop = stop
      runner.progress = { now in
        guard let line = try? JSON.line(now) else { return }
        try? Terminal.write(String(decoding: line, as: UTF8.self) + "\n")
      }
      let report = try runner.run()
      try Terminal.write(String(decoding: JSON.line(report), as: UTF8.self) + "\n")
    }
  }
}

internal import Base
internal import Inventory
internal import RuntimeCatalog

/// The runtimes of models: what each serves, and whether it answers.
enum StatusRuntimes {
  static func block(_ state: RuntimesState, _ index: DeviceIndex) -> Block {
    if state.runtimes.isEmpty {
      var line = Labelled.start("runtime")
      line.add("unknown", .warning)
      if let gap = state.unknown.first { line.add(": \(gap.path): \(gap.reason)") }
      return Block(only: line)
    }
    var block = Block(
      name: "runtime", more: "tinyboxctl runtime list",
      columns: [
        .init("runtime", minimum: 7), .init("model", minimum: 8, drop: 2), .init("GPUs", drop: 1),
        .init("node", .right, drop: 3, isHidden: !index.hasNodes), .init("state", minimum: 5),
        .init("restarts", .right, drop: 4),
      ])
    for runtime in state.runtimes {
      let numbers = runtime.gpus.map { address in
        index.inventory.gpus.first { $0.address == address }?.label ?? address.short
      }
      block.add(
        [
          Line(runtime.name, .strong), Line(runtime.model ?? "-"),
          Line(numbers.isEmpty ? "-" : numbers.joined(separator: " ")),
          Line(runtime.memoryNodes.map { "\($0)" } ?? "-"), word(runtime),
          Line(runtime.restarts.map { "\($0)" } ?? "-"),
        ],
        label: runtime.name,
        likeness: "\(runtime.state?.rawValue ?? "")|\(runtime.model ?? "")")
    }
    return block
  }

  private static func word(_ runtime: HostedRuntime) -> Line {
    switch runtime.state {
    case nil: Line("unknown", .dim)
    case .ready where runtime.isJob == true: Line("runs" + steps(runtime))
    case .stopped where runtime.isJob == true: Line("ended" + steps(runtime))
    case .ready: Line("ready")
    case .starting where runtime.reason != nil: Line("restarting", .warning)
    case .some(let state): Line(state.rawValue, state.isFault ? .bad : .plain)
    }
  }

  /// `, step 12 of 600`; nothing for a job that reports none.
  private static func steps(_ job: HostedRuntime) -> String {
    job.step.map { ", step \($0)" + (job.steps.map { " of \($0)" } ?? "") } ?? ""
  }
}

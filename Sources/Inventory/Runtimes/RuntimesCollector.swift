internal import Base
internal import KernelTree
internal import Linux
internal import RuntimeCatalog

/// Collects the runtimes of models: the owner's files by their names, the units that tinyboxd made, its registry,
/// and who has leased their GPUs.
enum RuntimesCollector {
  /// The owner's files. Their values may be secrets (`environment`), so only their names are read.
  static let specs = "/etc/tinybox/runtimes"
  /// The name under which a recording keeps the answer.
  static let leases = "runtimes/leases"
  /// What a unit of a runtime is called, around its name.
  private static let unit = (prefix: "tinybox-runtime@", suffix: ".service")

  static func collect(into inventory: inout Inventory, _ context: inout CollectionContext) {
    var state = RuntimesState()
    var reader = context.reader("")
    var runtimes: [String: HostedRuntime] = [:]
    let specs = specNames(&reader)
    let registry = registry(&state, &reader)
    let jobs = registry?.jobs ?? []
    let names = Set(specs ?? []).union((registry?.instances ?? []).map(\.name))
      .union(jobs.map(\.name))
    // Without a file of the owner's there is nothing to say: not that the registry cannot be read.
    if names.isEmpty, specs != nil {
      inventory.collectors.append(CollectorReport(name: "Runtimes", outcome: .nothing))
      return
    }
    for name in names.sorted() {
      var runtime = HostedRuntime(name: name)
      runtime.hasSpec = specs?.contains(name)
      readUnit(&runtime, &reader)
      if let job = jobs.first(where: { $0.name == name }) {
        runtime.isJob = true
        runtime.state = job.state
        runtime.reason = job.reason
        runtime.since = job.since
        runtime.step = job.step
        runtime.steps = job.steps
        runtime.stepsPerSecond = job.stepsPerSecond
      }
      if let instance = registry?.instances.first(where: { $0.name == name }) {
        runtime.model = instance.model
        runtime.state = instance.state
        runtime.reason = instance.reason
        runtime.since = instance.since
        runtime.restarts = instance.restarts
      }
      runtimes[name] = runtime
    }
    state.runtimes = runtimes.values.sorted { NaturalOrder.precedes($0.name, $1.name) }
    let gpus = Set(state.runtimes.flatMap(\.gpus)).sorted()
    if !gpus.isEmpty { state.leases = leases(of: gpus, &reader) }
    state.unknown = reader.unknown
    state.sources = reader.sources
    inventory.runtimes = state
    inventory.collectors.append(
      CollectorReport(
        name: "Runtimes", outcome: names.isEmpty ? .failed : .found,
        note: reader.unknown.first.map { "\($0.path): \($0.reason)" }))
  }

  /// The names of the owner's files; nil when the folder cannot be listed.
  private static func specNames(_ reader: inout FactReader) -> [String]? {
    do throws(ReadFailure) {
      let names = try reader.tree.names(specs)
      reader.note("runtimes", source: specs)
      return names.compactMap { file in
        guard file.hasSuffix(".toml") else { return nil }
        let name = String(file.dropLast(".toml".count))
        return RuntimeName.problem(name) == nil ? name : nil
      }
    } catch {
      if error.cause == .notFound { return [] }
      reader.note("runtimes", error)
      return nil
    }
  }

  private static func registry(
    _ state: inout RuntimesState, _ reader: inout FactReader
  ) -> RuntimeRegistry? {
    let path = RuntimeRegistry.path
    do throws(ReadFailure) {
      let bytes = try reader.tree.bytes(
        path, limit: RuntimeRegistry.longestFile, sensitivity: .freeText)
      do throws(Failure) {
        let registry = try RuntimeRegistry.decode(bytes)
        reader.note("registryWritten", source: path)
        state.registryWritten = registry.written
        state.hasRegistry = true
        return registry
      } catch {
        reader.note("registryWritten", path: path, unknown: error.reason)
        state.hasRegistry = true
      }
    } catch {
      if error.cause == .notFound {
        state.hasRegistry = false
      } else {
        reader.note("registryWritten", error)
      }
    }
    return nil
  }

  // MARK: - The unit

  /// The folder of drop-ins and the file in it that tinyboxd makes (`RuntimeUnit.DropIn`).
  static func dropIn(_ name: String) -> String {
    "/run/systemd/system/\(unit.prefix)\(name)\(unit.suffix).d/10-tinybox.conf"
  }

  private static let keys = [
    "GPUs", "AllowedMemoryNodes", "NUMAPolicy", "MemoryMax", "StateDirectory",
  ]

  /// What its drop-in gives it. The rest of the file has the owner's environment in it, and is not kept.
  private static func readUnit(_ runtime: inout HostedRuntime, _ reader: inout FactReader) {
    let path = dropIn(runtime.name)
    let fact = "runtimes[\(runtime.name)].hasUnit"
    let lines: [UInt8]
    do throws(ReadFailure) {
      lines = try unitLines(path, keptAs: "runtimes/unit/\(runtime.name)", reader.tree)
    } catch {
      switch error.cause {
      case .notFound, .notRecorded: runtime.hasUnit = false
      default: reader.note(fact, error)
      }
      return
    }
    runtime.hasUnit = true
    runtime.isJob = false
    runtime.isInterleaved = false
    reader.note(fact, source: path)
    for line in ASCII.lines(lines) {
      let parts = String(decoding: line, as: UTF8.self).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let value = String(parts[1])
      switch parts[0] {
      case "GPUs": runtime.gpus = value.split(separator: " ").compactMap { PCIAddress(String($0)) }
      case "AllowedMemoryNodes": runtime.memoryNodes = NumberSet(list: value)
      case "NUMAPolicy": runtime.isInterleaved = value == "interleave"
      // Where a job keeps what it goes on from; no other runtime has one.
      case "StateDirectory": runtime.isJob = true
      case "MemoryMax": runtime.memoryLimitBytes = Int(value).flatMap { $0 > 0 ? $0 : nil }
      default: break
      }
    }
  }

  private static func unitLines(
    _ path: String, keptAs name: String, _ tree: KernelTree
  ) throws(ReadFailure) -> [UInt8] {
    do throws(ReadFailure) {
      return try tree.excerpt(path, limit: 1 << 20, sensitivity: .none, keptAs: name) { text in
        ASCII.lines(text).filter { line in
          keys.contains { line.starts(with: Array("\($0)=".utf8)) }
        }.flatMap { Array($0) + [0x0a] }
      }
    } catch {
      // A recording has what was kept of it, and not the file.
      guard error.cause == .notFound, !tree.isLive else { throw error }
      return try tree.probe(name) { () throws(ReadFailure) in throw error }
    }
  }

  // MARK: - Leases

  /// The answer of the probe: `lease ADDRESS PROCESS NAME`, a line each, and `looked` at the end.
  private static func leases(
    of gpus: [PCIAddress], _ reader: inout FactReader
  ) -> [GPULease]? {
    do throws(ReadFailure) {
      let answer = try reader.tree.probe(leases) { () throws(ReadFailure) in try look(gpus) }
      var found: [GPULease] = []
      var isWhole = false
      for line in AnswerText.lines(answer) {
        switch line.key {
        case "lease":
          let parts = line.value.split(separator: " ", maxSplits: 2)
          guard parts.count == 3, let gpu = PCIAddress(String(parts[0])),
            let process = Int(parts[1]), process >= 0
          else { continue }
          found.append(GPULease(gpu: gpu, holder: String(parts[2]), processID: process))
        case "looked": isWhole = true
        default: break
        }
      }
      guard isWhole else {
        reader.note("leases", path: DeviceLease.folder, unknown: "cannot understand the answer")
        return nil
      }
      reader.note("leases", source: DeviceLease.folder)
      return found
    } catch {
      reader.note("leases", error, expected: true)
      return nil
    }
  }

  private static func look(_ gpus: [PCIAddress]) throws(ReadFailure) -> [UInt8] {
    var text = AnswerText()
    for gpu in gpus {
      // The files are root's alone: for another user each would look free.
      let path = "\(DeviceLease.folder)/\(gpu)"
      do throws(ReadFailure) {
        _ = try KernelTree.live.bytes(path)
      } catch {
        if error.cause == .notFound { continue }
        throw error
      }
      if let holder = DeviceLease.holder(of: gpu) {
        text.add("lease", "\(gpu) \(holder.processID) \(holder.name)")
      }
    }
    text.add("looked", "1")
    return text.bytes
  }
}

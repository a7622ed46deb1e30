internal import Base
internal import Configuration
internal import Inventory
internal import Placement
internal import RuntimeCatalog

/// Makes the unit of one runtime.
struct UnitMaker {
  private let spec: RuntimeSpec
  private let facts: RuntimePlan.Facts
  private let backend: Backend
  /// The backend by whose rules the program finds its devices: its own, or for a command that of the environment
  /// in which its program is.
  private let host: Backend
  private let record: ModelRecord?
  private let context: Int?
  private var warnings: [String] = []

  /// - Throws: why its model cannot be used.
  init(_ spec: RuntimeSpec, _ facts: RuntimePlan.Facts) throws(RuntimeRefusal) {
    self.spec = spec
    self.facts = facts
    backend = spec.backend
    host = spec.programBackend ?? spec.backend
    record = try UnitMaker.record(spec, facts)
    context =
      record.map { ModelFit.context($0.facts, spec.backend, spec.context?.value) }
      ?? spec.context?.value
    let words = spec.command.map(\.value)
    if context == nil, words.contains(where: { $0.contains("{context}") }) {
      throw RuntimeRefusal(
        spec.name, .failed, "how much context the model has is not known; 'context' sets it")
    }
    guard let record else { return }
    let acceptance = ModelAcceptance(record.facts, backend)
    if let reason = acceptance.refusals.first {
      throw RuntimeRefusal(
        spec.name, .failed,
        ["\(backend.title) does not load model '\(record.name)': \(reason)"]
          .joined() + acceptance.refusals.dropFirst().map { "\n\($0)" }.joined())
    }
    warnings += acceptance.warnings
    if let asked = spec.context?.value, let most = record.facts.context, asked > most {
      warnings.append("context: model '\(record.name)' has \(most) tokens, not \(asked)")
    }
  }

  private static func record(
    _ spec: RuntimeSpec, _ facts: RuntimePlan.Facts
  ) throws(RuntimeRefusal) -> ModelRecord? {
    guard let name = spec.model?.value else { return nil }
    switch facts.models[name] {
    case .usable(let record): return record
    case .damaged(let reason):
      throw RuntimeRefusal(spec.name, .damagedModel, "model '\(name)': \(reason)")
    case nil:
      let there = facts.models.keys.sorted()
      let hint =
        NearestWord.find(name, in: there).map { "did you mean '\($0)'?" }
        ?? (there.isEmpty
          ? "none was added: 'tinyboxctl model add' does"
          : "there are " + there.joined(separator: ", "))
      throw RuntimeRefusal(spec.name, .damagedModel, "there is no model '\(name)'; \(hint)")
    }
  }

  /// The unit, with the devices it takes.
  mutating func make(_ devices: inout DeviceAssigner) throws(RuntimeRefusal) -> RuntimeUnit {
    let gpus = try devices.gpus(spec)
    let environment: GPUEnvironment
    do throws(Reason) {
      environment = try GPUEnvironment(gpus, host, facts.inventory)
    } catch {
      throw RuntimeRefusal(spec.name, .failed, error.reason)
    }
    if gpus.count > 1, !backend.splitsModels {
      warnings.append(
        "\(backend.title) cannot split a model over several GPUs: it computes on one of the "
          + "\(gpus.count)")
    }
    if spec.environment.contains(where: { $0.value.name == "DEV" }), !gpus.isEmpty {
      warnings.append("environment.DEV: the numbers of GPUs in it are not compared with 'gpus'")
    }
    let needed = mainMemoryNeeded(gpus)
    let place = try place(gpus, needed, &devices)
    let fit = try self.fit(gpus, place, &devices)
    let limit = spec.memory?.value ?? defaultLimit(gpus, place, devices)
    if let needed, let memory = spec.memory, memory.value < needed {
      warnings.append(
        "memory: \(Units.capacity(memory.value)) is less than the \(Units.capacity(needed)) of "
          + "model and cache: what does not fit is read again and again")
    }
    let text = UnitWriter(
      spec: spec, host: host, record: record, context: context, gpus: gpus,
      environment: environment, place: place, memoryBytes: limit, warnings: warnings,
      facts: facts)
    return RuntimeUnit(
      name: spec.name, kind: spec.kind, model: record?.name, backend: backend.key,
      apis: spec.servedAPIs, slots: spec.slots?.value ?? 1, context: context,
      longestToken: record?.facts.tokenizer.longestTokenBytes.flatMap {
        (1...RuntimeInstance.mostTokenBytes).contains($0) ? $0 : nil
      },
      specialTokens: backend.translation.readsSpecialTokens
        ? record?.facts.tokenizer.specialTokens : nil, created: record?.created ?? 0,
      onDemand: spec.onDemand?.value ?? false, gpus: gpus,
      cpus: place?.cpus, memoryNodes: place?.memoryNodes,
      node: place.flatMap { $0.nodes.count == 1 ? $0.nodes.first : nil }, memoryBytes: limit,
      fit: fit, warnings: warnings, dropIns: text.dropIns)
  }

  // MARK: memory

  /// What a runtime takes without a model, bytes: tinygrad's resident size is 154 to 164 MB.
  private static let ownBytes = 256 << 20
  /// What a runtime may take beyond what is counted, bytes: compiled kernels, staging buffers, its libraries.
  private static let spareBytes = 4 << 30
  /// The most that is ever counted, bytes: `memory` ends there too.
  private static let mostBytes = 1 << 50

  /// Main memory for model and cache, bytes; nil without a model. With a GPU only the file is read through it.
  private func mainMemoryNeeded(_ gpus: [PCIAddress]) -> Int? {
    guard let record else { return nil }
    let file = min(record.bytes, UnitMaker.mostBytes)
    if !gpus.isEmpty { return file + UnitMaker.ownBytes }
    let fit = ModelFit(record.facts, backend, context: context, available: nil, place: "")
    return file + min(fit.cacheBytes ?? 0, UnitMaker.mostBytes) + UnitMaker.ownBytes
  }

  /// The limit without a word of the owner: model, cache, the weights in 16 bits where CPUs compute with them,
  /// and `spareBytes`. The page cache of the model counts too, so a limit near its size would thrash. Of a
  /// program whose needs are not known, three quarters of the memory it may use; nil where that is not known.
  private func defaultLimit(
    _ gpus: [PCIAddress], _ place: DeviceAssigner.Place?, _ devices: DeviceAssigner
  ) -> Int? {
    guard let needed = mainMemoryNeeded(gpus) else {
      let all = place.flatMap { devices.total($0.memoryNodes) } ?? facts.inventory.memory.totalBytes
      return all.map { $0 / 4 * 3 }
    }
    var bytes = needed + UnitMaker.spareBytes
    if gpus.isEmpty, let record { bytes += 2 * min(record.facts.parameters, UnitMaker.mostBytes) }
    return min(bytes, UnitMaker.mostBytes)
  }

  /// Whether the model fits the memory of the GPUs, or of the nodes.
  private mutating func fit(
    _ gpus: [PCIAddress], _ place: DeviceAssigner.Place?, _ devices: inout DeviceAssigner
  ) throws(RuntimeRefusal) -> ModelFit? {
    guard let record else { return nil }
    let used = backend.splitsModels ? gpus : Array(gpus.prefix(1))
    var available: Int?
    var name = "GPU " + used.map { "\($0)" }.joined(separator: ", ")
    if gpus.isEmpty {
      available =
        place.flatMap { devices.total($0.memoryNodes) } ?? facts.inventory.memory.totalBytes
      name = place.map { "NUMA node \($0.memoryNodes)" } ?? "this machine"
    } else {
      let sizes = used.map { address in
        facts.inventory.gpus.first { $0.address == address }?.memoryTotalBytes
      }
      available = sizes.reduce(0 as Int?) { sum, size in
        guard let sum, let size else { return nil }
        let (next, overflow) = sum.addingReportingOverflow(size)
        return overflow ? nil : next
      }
    }
    let fit = ModelFit(record.facts, backend, context: context, available: available, place: name)
    if fit.verdict == .tooLarge {
      // llama.cpp leaves layers on the CPUs that do not fit.
      if backend.splitsModels, !gpus.isEmpty {
        warnings.append("not all of the model fits: \(fit.text)")
      } else {
        throw RuntimeRefusal(
          spec.name, .failed,
          "the model does not fit: \(fit.text)"
            + (gpus.isEmpty && spec.memoryNodes == nil
              ? "; 'memory-nodes' spreads it over several nodes"
              : "; a smaller 'context' makes the cache smaller"))
      }
    }
    return fit
  }

  // MARK: the place

  private mutating func place(
    _ gpus: [PCIAddress], _ needed: Int?, _ devices: inout DeviceAssigner
  ) throws(RuntimeRefusal) -> DeviceAssigner.Place? {
    var place: DeviceAssigner.Place?
    do throws(Reason) {
      if !gpus.isEmpty { place = try devices.place(beside: gpus) }
    } catch {
      warnings.append("it is bound to no NUMA node: \(error.reason)")
    }
    if let spread = spec.memoryNodes {
      return try self.spread(over: spread.value, place, isBeside: !gpus.isEmpty, needed, &devices)
    }
    if gpus.isEmpty { place = alone(needed, &devices) }
    if let place, let needed { devices.give(needed, place.memoryNodes) }
    return place
  }

  /// The place of a runtime without a GPU: the node it is on; else, of those with room for it, the one with the
  /// fewest other such runtimes, which compute there too; of equal ones that with the most memory left.
  private mutating func alone(
    _ needed: Int?, _ devices: inout DeviceAssigner
  ) -> DeviceAssigner.Place? {
    let rooms = devices.rooms()
    let held = facts.held[spec.name]?.node
    let roomy = rooms.filter { $0.left >= needed ?? 0 }
    // Of equal ones the first.
    let best = (roomy.isEmpty ? rooms : roomy).max {
      ($1.others, $0.left, $1.node) < ($0.others, $1.left, $0.node)
    }
    guard let chosen = rooms.first(where: { $0.node == held }) ?? best else {
      warnings.append("it is bound to no NUMA node: no node with CPUs and memory is known")
      return nil
    }
    if let needed, needed > chosen.left, needed <= chosen.total {
      warnings.append(
        "NUMA node \(chosen.node) has \(Units.capacity(max(0, chosen.left))) that no other runtime "
          + "was given, and \(Units.capacity(needed)) are needed")
    }
    do throws(Reason) {
      let place = try devices.place(on: chosen.node)
      devices.host(on: chosen.node)
      return place
    } catch {
      warnings.append("it is bound to no NUMA node: \(error.reason)")
      return nil
    }
  }

  /// The place of a runtime whose memory is spread over some nodes: their CPUs and those of its GPUs.
  private mutating func spread(
    over nodes: NumberSet, _ beside: DeviceAssigner.Place?, isBeside: Bool, _ needed: Int?,
    _ devices: inout DeviceAssigner
  ) throws(RuntimeRefusal) -> DeviceAssigner.Place {
    var place = beside ?? DeviceAssigner.Place()
    for node in nodes.numbers {
      do throws(Reason) {
        let part = try devices.place(on: node)
        place.cpus.formUnion(part.cpus)
        place.nodes.formUnion(part.nodes)
      } catch {
        throw RuntimeRefusal(spec.name, .failed, "memory-nodes: \(error.reason)")
      }
    }
    if nodes.isEmpty { throw RuntimeRefusal(spec.name, .failed, "memory-nodes names no node") }
    place.memoryNodes.formUnion(nodes)
    if isBeside {
      warnings.append(
        "memory-nodes: with a GPU, staging buffers too are interleaved and leave its node; "
          + "owners have measured a tenth of the speed")
    }
    if let needed { devices.give(needed, nodes) }
    return place
  }
}

internal import Base
internal import Configuration
internal import Inventory
internal import Placement
internal import RuntimeCatalog

/// Writes the drop-ins of one runtime; the templates in `units/` hold what all have.
struct UnitWriter {
  let spec: RuntimeSpec
  /// The backend by whose rules the program finds its devices.
  let host: Backend
  let record: ModelRecord?
  let context: Int?
  let gpus: [PCIAddress]
  let environment: GPUEnvironment
  let place: DeviceAssigner.Place?
  let memoryBytes: Int?
  let warnings: [String]
  let facts: RuntimePlan.Facts

  /// The files of the runtime and, for one that answers, of its door.
  var dropIns: [RuntimeUnit.DropIn] {
    let service = RuntimeUnit.DropIn(unit: RuntimeUnit.service(spec.name), text: service)
    guard spec.kind == .service else { return [service] }
    return [service, RuntimeUnit.DropIn(unit: RuntimeUnit.door(spec.name), text: door)]
  }

  /// The folder of a runtime in /run, made and removed by systemd, for its user alone.
  private var runtimeFolder: String { "tinybox-runtime/\(spec.name)" }
  private var ownSocket: String { "/run/\(runtimeFolder)/api.sock" }
  private var isUnix: Bool { spec.endpoint?.value == .unix }
  private var isOnDemand: Bool { spec.onDemand?.value == true }
  private var idle: Int { spec.idle?.value ?? RuntimeSpec.defaultIdle }
  /// Starts in ten minutes after which one that keeps ending is left failed: the template's.
  private static let startLimit = 5

  private var origin: String {
    "\(RuntimeUnit.DropIn.mark)\(UnitText.comment(spec.file)): changes here are lost.\n"
  }

  private var head: String {
    let comments = environment.notes + warnings.map { "warning: \($0)" }
    return origin + comments.map { "# \(UnitText.comment($0))\n" }.joined()
  }

  // MARK: the runtime

  private var service: String {
    var lines = ["[Unit]"]
    if isOnDemand {
      // With the door gone, nobody needs it.
      lines.append("StopWhenUnneeded=yes")
      // systemd counts these starts too: room for all that fit into the template's ten minutes.
      lines.append("StartLimitBurst=\(UnitWriter.startLimit + 600 / max(1, idle))")
    }
    lines += ["", "[Service]", "ExecStart=", "ExecStart=\(command)"]
    lines += variables.map { "Environment=\(UnitText.word("\($0.name)=\($0.value)"))" }
    lines += files + devices + numa
    if let memoryBytes { lines.append("MemoryMax=\(memoryBytes)") }
    if spec.kind == .job {
      // Where it keeps what it goes on from after a crash: STATE_DIRECTORY names it.
      lines += ["StateDirectory=\(runtimeFolder)", "StateDirectoryMode=0700"]
    }
    if isUnix { lines.append("RestrictAddressFamilies=AF_UNIX") }
    // systemd passes over sections that begin with X-: this is for the next plan.
    lines += ["", "[X-Tinybox]"]
    if !gpus.isEmpty { lines.append("GPUs=" + gpus.map { "\($0)" }.joined(separator: " ")) }
    if let place, place.nodes.count == 1, let node = place.nodes.first {
      lines.append("Node=\(node)")
    }
    return head + lines.joined(separator: "\n") + "\n"
  }

  private var threads: Int {
    let cores = facts.inventory.processors.cores
    let usable =
      place.map { place in
        cores.count { !$0.cpus.intersection(place.cpus).isEmpty }
      } ?? cores.count
    return spec.threads?.value ?? max(1, usable)
  }

  private var command: String {
    let words = spec.command.isEmpty ? host.command ?? [] : spec.command.map(\.value)
    var values = [
      "port": "\(Backend.port)", "socket": ownSocket, "slots": "\(spec.slots?.value ?? 1)",
      "threads": "\(threads)",
    ]
    values["model"] = record?.modelPath
    values["context"] = context.map { "\($0)" }
    return words.map { UnitText.argument(RuntimeCommand.replaced($0, values)) }
      .joined(separator: " ")
  }

  private var variables: [Backend.Variable] {
    var all = spec.command.isEmpty || host.package != nil ? host.environment : []
    if let names = host.devices {
      if let dev = environment.dev { all.append(.init("DEV", dev)) }
      if gpus.isEmpty { all.append(.init(names.threads, "\(threads)")) }
    } else {
      // What OpenMP, and with it ctranslate2 and ggml's loops, take for the number of threads.
      all.append(.init("OMP_NUM_THREADS", "\(threads)"))
    }
    // CUDA counts the fastest first, unless it is told not to.
    if environment.isNVIDIA { all.append(.init("CUDA_DEVICE_ORDER", "PCI_BUS_ID")) }
    if !gpus.isEmpty {
      all.append(.init("TINYBOX_GPUS", gpus.map { "\($0)" }.joined(separator: ",")))
    }
    for variable in spec.environment.map(\.value) {
      all.removeAll { $0.name == variable.name }
      all.append(variable)
    }
    return all
  }

  /// What of /var/lib/tinybox it sees: its model, and the environment of its program.
  private var files: [String] {
    var paths: [String] = []
    if let record { paths.append(ModelRecord.folder(record.name)) }
    let program = spec.command.first?.value ?? host.command?.first ?? ""
    let prefix = Backend.environments + "/"
    if program.hasPrefix(prefix) {
      paths.append(prefix + program.dropFirst(prefix.count).prefix { $0 != "/" })
    }
    return paths.map { "BindReadOnlyPaths=\(UnitText.word($0))" }
  }

  private var devices: [String] {
    if gpus.isEmpty { return ["PrivateDevices=yes"] }
    let own = gpus.flatMap { facts.offers[$0]?.nodes ?? [] }
    var seen: Set<String> = []
    var lines = own.filter { seen.insert($0.path).inserted }.map {
      "DeviceAllow=\($0.path) \($0.isReadOnly ? "r" : "rw")"
    }
    // Where the kernel has no device filter, a wrong number must not open another's GPU.
    let others = facts.offers.filter { !gpus.contains($0.key) }.flatMap(\.value.nodes)
    let hidden = Set(others.map(\.path)).subtracting(seen).sorted()
    if !hidden.isEmpty {
      lines.append("InaccessiblePaths=" + hidden.map { "-\($0)" }.joined(separator: " "))
    }
    if environment.needsRenderGroup { lines.append("SupplementaryGroups=render video") }
    return lines
  }

  private var numa: [String] {
    guard let place, !place.cpus.isEmpty else { return [] }
    var lines = ["AllowedCPUs=\(place.cpus)", "AllowedMemoryNodes=\(place.memoryNodes)"]
    if let spread = spec.memoryNodes?.value {
      lines += ["NUMAPolicy=interleave", "NUMAMask=\(spread)"]
    } else if place.memoryNodes.count == 1 {
      // For kernels whose control groups have no memory nodes too.
      lines += ["NUMAPolicy=bind", "NUMAMask=\(place.memoryNodes)"]
    }
    return lines
  }

  // MARK: the door

  private var door: String {
    // One connection a request; probes, and requests that end while the next begin, come on top.
    let connections = (spec.slots?.value ?? 1) + 3
    var words = ["/usr/lib/systemd/systemd-socket-proxyd", "--connections-max=\(connections)"]
    if isOnDemand {
      words.append("--exit-idle-time=\(idle)s")
    }
    words.append(isUnix ? ownSocket : "127.0.0.1:\(Backend.port)")
    var lines = ["[Service]", "ExecStart=", "ExecStart=\(words.joined(separator: " "))"]
    // Only its own user can open a runtime's folder.
    if isUnix { lines.append("User=tbx-\(spec.name)") }
    return origin + lines.joined(separator: "\n") + "\n"
  }
}

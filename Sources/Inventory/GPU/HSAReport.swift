internal import Accelerators
internal import Linux

/// The HSA runtime's answer about its agents: asked once, kept as text, read back from it.
struct HSAReport {
  /// A GPU agent and where it sits.
  struct Agent {
    var agent: HSAAgent
    var domain: Int?
    var location: Int?
  }

  /// GPU agents in the runtime's order.
  var gpus: [Agent] = []
  /// CPU agents.
  var cpuCount = 0
  /// Who may access the video memory of which GPU.
  var accesses: [Access] = []

  /// Whether an agent may access the coarse-grained memory of a GPU agent. The fine-grained pool
  /// says "never" of every peer over PCIe.
  struct Access: Hashable {
    /// Index in `gpus`; nil for a CPU.
    var from: Int?
    /// Index in `gpus`.
    var to: Int
    var isAllowed: Bool
  }
  /// Why the runtime could not be asked.
  var failure: String?

  /// The name under which a recording keeps the answer.
  static let probe = "hsa"
  /// Seconds that the runtime may take to start and answer.
  static let deadline = 10

  // MARK: Asking

  /// Asks the runtime for its agents and their memory pools.
  static func ask(library: String = HSA.library) -> [UInt8] {
    Deadline.run(seconds: deadline) { askNow(library) }
      ?? failed(.noAnswer(seconds: deadline))
  }

  /// As `ask`, unless this process may not open `/dev/kfd`, which the runtime does not report.
  static func askIfAllowed() -> [UInt8] {
    if let failure = HSA.accessFailure() { return failed(failure) }
    return ask()
  }

  private static func failed(_ error: LibraryError) -> [UInt8] {
    var text = AnswerText()
    text.add("failure", error)
    return text.bytes
  }

  private static func askNow(_ library: String) -> [UInt8] {
    do throws(LibraryError) {
      let hsa = try HSA.open(library: library)
      var text = AnswerText()
      var cpus: [HSA.Agent] = []
      var gpus: [(agent: HSA.Agent, pool: HSA.Pool?)] = []
      for agent in try hsa.agents() {
        let type = try hsa.deviceType(agent)
        if type == .cpu { cpus.append(agent) }
        text.add("agent", type.map { "\($0)" } ?? "other")
        text.add("name", try hsa.name(agent))
        guard type == .gpu else { continue }
        // Extensions of AMD's: an attribute the library does not know is left out.
        if let name = try? hsa.productName(agent) { text.add("product", name) }
        if let units = try? hsa.computeUnits(agent) { text.add("units", units) }
        if let node = try? hsa.driverNode(agent) { text.add("node", node) }
        if let domain = try? hsa.domain(agent) { text.add("domain", domain) }
        if let location = try? hsa.location(agent) { text.add("location", location) }
        let pools = (try? hsa.pools(agent)) ?? []
        for pool in pools { text.add("pool", "\(pool.segment) \(pool.flags) \(pool.sizeBytes)") }
        gpus.append((agent, pools.first { $0.segment == 0 && $0.flags & 4 != 0 }))
      }
      for (to, owner) in gpus.enumerated() {
        guard let pool = owner.pool else { continue }
        for cpu in cpus {
          if let access = try? hsa.poolAccess(cpu, pool) {
            text.add("access", "cpu \(to) \(access)")
          }
        }
        for (from, peer) in gpus.enumerated() where from != to {
          if let access = try? hsa.poolAccess(peer.agent, pool) {
            text.add("access", "\(from) \(to) \(access)")
          }
        }
      }
      return text.bytes
    } catch {
      return failed(error)
    }
  }

  // MARK: Reading back

  /// The report in a text. Malformed lines are left out.
  init(parsing text: [UInt8]) {
    var inGPU = false
    for line in AnswerText.lines(text) {
      switch line.key {
      case "failure": failure = line.value
      case "agent":
        inGPU = line.value == "gpu"
        if line.value == "cpu" { cpuCount += 1 }
        if inGPU {
          gpus.append(
            Agent(agent: HSAAgent(name: "", productName: nil, computeUnits: nil, kfdNode: nil)))
        }
      case "access":
        let words = line.value.split(separator: " ")
        // 0 is "never", 1 "by default", 2 "after asking" (hsa_amd_memory_pool_access_t).
        guard words.count == 3, let to = Int(words[1]), let access = Int(words[2]),
          (0...2).contains(access), words[0] == "cpu" || Int(words[0]) != nil
        else { continue }
        accesses.append(Access(from: Int(words[0]), to: to, isAllowed: access > 0))
      default:
        if inGPU { gpus[gpus.count - 1].take(line.key, line.value) }
      }
    }
  }
}

extension HSAReport.Agent {
  fileprivate mutating func take(_ key: String, _ value: String) {
    switch key {
    case "name": agent.name = value
    case "product": agent.productName = value.isEmpty ? nil : value
    case "units": agent.computeUnits = Int(value)
    case "node": agent.kfdNode = Int(value)
    case "domain": domain = Int(value)
    case "location": location = Int(value)
    case "pool":
      let numbers = value.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 3 else { return }
      agent.pools =
        (agent.pools ?? []) + [
          HSAAgent.Pool(segment: numbers[0], flags: numbers[1], sizeBytes: numbers[2])
        ]
    default: break
    }
  }
}

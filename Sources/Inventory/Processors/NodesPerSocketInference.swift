internal import Base

/// Infers nodes per socket (the BIOS option NPS) from the nodes, as far as they show it.
///
/// The number of nodes with CPUs in each socket is a fact. That it is the option NPS is an
/// inference: "L3 as NUMA", `numa=` on the command line, offline CPUs and hypervisors make nodes
/// too. So it is certain only on an EPYC whose nodes have no other explanation left.
struct NodesPerSocketInference {
  /// `vendor_id`, `cpu family`, `model` and `model name` of `/proc/cpuinfo`.
  var vendor: String?
  var family: Int?
  var modelNumber: Int?
  var model: String?
  /// Whether this runs under a hypervisor; nil when it is not known.
  var isGuest: Bool?
  /// The kernel command line; nil when it is not known.
  var commandLine: String?
  /// Whether there are CPUs that do not run; nil when it is not known.
  var hasOfflineCPUs: Bool?
  /// Why it is not known which CPUs run; nil when it is known, or there is no reason.
  var onlineDoubt: String?
  /// CPUs of each socket.
  var packages: [Int: NumberSet] = [:]
  /// CPUs of each node; nil where they could not be read.
  var nodes: [Int: NumberSet?] = [:]
  /// CPUs of each level 3 cache; empty when not known.
  var levelThreeDomains: [NumberSet] = []

  /// The option that processors of this name have.
  private var option: Processors.NodeOption? {
    var processors = Processors()
    processors.vendor = vendor
    processors.family = family
    processors.modelNumber = modelNumber
    processors.model = model
    return processors.nodeOption
  }

  private typealias Result = Processors.NodesPerSocket

  /// The inference; nil when neither sockets nor nodes are known.
  func infer() -> Processors.NodesPerSocket? {
    if packages.isEmpty && nodes.isEmpty { return nil }
    switch nodesInEachSocket() {
    case .failure(let why):
      let evidence = isGuest == true ? "\(why.text); \(NodesPerSocketInference.guest)" : why.text
      return Result(value: nil, confidence: .unknown, evidence: evidence)
    case .success(let count): return judge(count)
    }
  }

  /// The hypervisor makes up sockets and nodes, and the guest's firmware has no such option.
  private static let guest = "a virtual machine's nodes are its hypervisor's choice"

  private struct Reason: Error { var text: String }

  /// Nodes with CPUs in each socket, when all have the same number.
  private func nodesInEachSocket() -> Swift.Result<Int, Reason> {
    // Sockets and nodes are made of the CPUs that run.
    if let onlineDoubt {
      return .failure(Reason(text: "which CPUs run is not known: \(onlineDoubt)"))
    }
    if packages.isEmpty { return .failure(Reason(text: "the sockets are not known")) }
    if nodes.isEmpty { return .failure(Reason(text: "the kernel has no NUMA nodes")) }
    var socketOf: [Int: Int] = [:]
    for (id, cpus) in packages { for cpu in cpus.numbers { socketOf[cpu] = id } }
    var counts: [Int: Int] = [:]
    var placed = 0
    for id in nodes.keys.sorted() {
      guard let cpus = nodes[id] ?? nil else {
        return .failure(Reason(text: "the CPUs of node \(id) are not known"))
      }
      let members = cpus.numbers.compactMap { socketOf[$0] }
      if members.count != cpus.count {
        return .failure(Reason(text: "node \(id) has CPUs whose socket is not known"))
      }
      placed += members.count
      let sockets = Set(members).sorted()
      if sockets.count > 1 {
        let cause = vendor == "AuthenticAMD" ? "NPS0 (one node for all)" : "node interleaving"
        return .failure(
          Reason(text: "node \(id) spans sockets \(NumberSet(sockets)): \(cause), or NUMA off"))
      }
      if let socket = sockets.first { counts[socket, default: 0] += 1 }
    }
    if placed != socketOf.count {
      return .failure(Reason(text: "some CPUs are in no node, or in two"))
    }
    let distinct = Set(counts.values)
    guard counts.count == packages.count, distinct.count == 1, let count = distinct.first else {
      let each = packages.keys.sorted().map { "socket \($0) has \(counts[$0] ?? 0)" }
      return .failure(Reason(text: "the sockets differ in nodes: " + each.joined(separator: ", ")))
    }
    return .success(count)
  }

  private func judge(_ count: Int) -> Result {
    let seen =
      "\(count) \(count == 1 ? "node" : "nodes") with CPUs in "
      + (packages.count == 1 ? "the only socket" : "each of \(packages.count) sockets")
    func result(
      _ confidence: Result.Confidence, _ why: String, likelyL3AsNUMA: Bool = false
    ) -> Result {
      Result(
        value: count, confidence: confidence, evidence: "\(seen); \(why)",
        likelyL3AsNUMA: likelyL3AsNUMA)
    }
    if isGuest == true { return result(.unknown, NodesPerSocketInference.guest) }
    if let option = nodeOption() {
      return result(.unknown, "the command line makes nodes of its own (\(option))")
    }
    switch vendor {
    case "AuthenticAMD", "HygonGenuine": break
    case "GenuineIntel":
      guard option == .subNUMAClustering else {
        return result(.unknown, "this processor has no option of the kind")
      }
      return count == 1
        ? result(.likely, "Intel's name for the option is sub-NUMA clustering, here off")
        : result(.likely, "Intel's name for the option is sub-NUMA clustering (SNC)")
    default:
      return result(.unknown, "no option of this kind is known of processors of this vendor")
    }
    guard let family else { return result(.unknown, "the processor's family is not known") }
    guard family >= 0x17 else {
      return result(.unknown, "AMD family \(family) is older than NPS: nodes are its dies")
    }
    if count == 1, model != nil, option == nil {
      return result(.unknown, "this processor has no option of the kind")
    }
    let domains = domainsPerSocket()
    let areDomains = nodesAreDomains()
    if areDomains, let domains, domains > 4 {
      return result(
        .unknown, "each is one of the socket's \(domains) L3 domains: likely \"L3 as NUMA\"",
        likelyL3AsNUMA: true)
    }
    guard [1, 2, 4].contains(count) else {
      return result(.unknown, "no processor has NPS\(count)")
    }
    if let doubt = doubt(count, domains: domains, areDomains: areDomains) {
      return result(.likely, doubt)
    }
    return result(.certain, "an EPYC of family \(family), and no other cause")
  }

  /// Why NPS is likely rather than certain, on an AMD processor that has it.
  private func doubt(_ count: Int, domains: Int?, areDomains: Bool) -> String? {
    if vendor != "AuthenticAMD" || model?.contains("EPYC") != true {
      return "the processor is not known to be an EPYC"
    }
    // EPYC 7001 (models below 0x30 of family 0x17) chooses by memory interleaving.
    if family == 0x17, (modelNumber ?? 0) < 0x30 {
      return "EPYC 7001 has the option memory interleaving (channel, die, socket) in its place"
    }
    if isGuest == nil { return "whether this is a virtual machine is not known" }
    if commandLine == nil { return "the kernel command line is not known" }
    if hasOfflineCPUs != false { return "CPUs are offline, or it is not known" }
    // One node is one node whatever L3 as NUMA does, unless the socket has but one domain.
    if count > 1, domains == nil { return "the L3 domains are not known" }
    if count > 1, areDomains { return "each is also one L3 domain: \"L3 as NUMA\" looks the same" }
    return nil
  }

  /// `numa=off`, `numa=fake=4`: nodes the firmware did not make.
  private func nodeOption() -> Substring? {
    commandLine?.split(separator: " ").first { $0.hasPrefix("numa=") }
  }

  /// L3 domains of each socket, when all sockets have the same number.
  private func domainsPerSocket() -> Int? {
    guard !levelThreeDomains.isEmpty else { return nil }
    var socketOf: [Int: Int] = [:]
    for (id, cpus) in packages { for cpu in cpus.numbers { socketOf[cpu] = id } }
    var counts: [Int: Int] = [:]
    for domain in levelThreeDomains {
      guard let socket = domain.first.flatMap({ socketOf[$0] }) else { return nil }
      counts[socket, default: 0] += 1
    }
    let distinct = Set(counts.values)
    return counts.count == packages.count && distinct.count == 1 ? distinct.first : nil
  }

  /// Whether every node with CPUs is exactly one L3 domain.
  private func nodesAreDomains() -> Bool {
    let domains = Set(levelThreeDomains)
    return !domains.isEmpty
      && nodes.values.allSatisfy { cpus in
        guard let cpus else { return false }
        return cpus.isEmpty || domains.contains(cpus)
      }
  }
}

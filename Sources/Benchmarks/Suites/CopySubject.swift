internal import Base
internal import Inventory

/// What stands at one end of a copy: a GPU, or without any a CPU in its place.
struct CopySubject {
  /// Where it is.
  var place: CopyParameters.Place
  /// Its address; nil for a CPU.
  var address: PCIAddress?
  /// Its NUMA node; nil where it is not known.
  var node: Int?
  /// Its part of the key of a series.
  var key: String
  /// Its name, for people.
  var name: String
  /// The library that copies with it.
  var library: CopyParameters.Library
  /// Why nothing is measured with it.
  var obstacle: PlannedMeasurement.Obstacle?
  /// What drivers report about its access to others.
  var peerAnswers: [PeerAnswer] = []

  /// The GPUs of a box, without those built into a processor: they have no link and no memory of their own.
  static func gpus(_ box: BenchmarkBox) -> [CopySubject] {
    box.inventory.gpus.filter { $0.isBuiltIn != true }.map { CopySubject($0, box) }
  }

  /// CPU agents of the HSA runtime, for a box without GPUs.
  static func standIns(_ box: BenchmarkBox) -> [CopySubject] {
    // Without NUMA there is one agent, number 0.
    CopyHost.nodes(box).map { $0 ?? 0 }.map { node in
      CopySubject(
        place: .cpu(node: node), address: nil, node: node, key: "standin\(node)",
        name: "CPU agent \(node) in place of a GPU", library: .hsa)
    }
  }

  private init(
    place: CopyParameters.Place, address: PCIAddress?, node: Int?, key: String, name: String,
    library: CopyParameters.Library
  ) {
    self.place = place
    self.address = address
    self.node = node
    self.key = key
    self.name = name
    self.library = library
  }

  private init(_ gpu: GPU, _ box: BenchmarkBox) {
    let function = box.index.function(gpu.address)
    let identity = gpu.uniqueID ?? gpu.address.description
    let slot = function?.slot.map { "-slot\($0)" } ?? ""
    self.init(
      place: .gpu(gpu.address), address: gpu.address, node: function?.locality.numaNode,
      key: SeriesKey.part(identity + slot), name: gpu.fullLabel,
      library: gpu.vendor == .nvidia ? .cuda : .hsa)
    obstacle = CopySubject.obstacle(gpu)
    peerAnswers = gpu.peerAnswers
  }

  // MARK: What stands in the way

  private static func obstacle(_ gpu: GPU) -> PlannedMeasurement.Obstacle? {
    switch gpu.vendor {
    case .amd:
      if gpu.driver != "amdgpu" { return notDriven(gpu, by: "amdgpu") }
      if gpu.kfd == nil { return .notApplicable("KFD, which HSA works through, does not list it") }
    case .nvidia:
      if gpu.driver != "nvidia" { return notDriven(gpu, by: "nvidia") }
      if gpu.mig?.isEnabled == true {
        return .notApplicable("it is split (MIG): a program sees its parts, not the card")
      }
    case .intel, .other:
      return .notApplicable("there is no library here that copies with a GPU of its maker")
    }
    if !gpu.holders.isEmpty {
      let names = gpu.holders.map { "\($0.name ?? "process") \($0.pid) (\($0.evidence))" }
      return .skipped("in use by \(names.joined(separator: ", "))")
    }
    if gpu.load == .working, let busy = gpu.busyShare {
      return .skipped("in use: busy for \(Units.percent(busy)) of the time, by no process it knows")
    }
    return nil
  }

  private static func notDriven(_ gpu: GPU, by driver: String) -> PlannedMeasurement.Obstacle {
    .notApplicable("its driver is \(gpu.driver ?? "none"), not \(driver)")
  }

  /// Why it may not copy to or from another one, as a driver reports.
  func refusal(_ other: CopySubject) -> PlannedMeasurement.Obstacle? {
    for (from, to) in [(self, other), (other, self)] {
      guard
        let answer = from.peerAnswers.first(where: {
          $0.peer == to.address && $0.isAllowed == false
        })
      else { continue }
      return .notApplicable(
        "\(from.name) may not access the memory of \(to.name), \(answer.source.rawValue) reports")
    }
    return nil
  }

  /// The link to another one that is not PCIe; nil where there is none, or none is known.
  func directLink(_ other: CopySubject) -> PeerAnswer.Link? {
    peerAnswers.first { $0.peer == other.address && $0.link != nil }?.link
      ?? other.peerAnswers.first { $0.peer == address && $0.link != nil }?.link
  }
}

/// Host memory that copies come from and go to.
enum CopyHost {
  /// Its nodes with memory that may be used; one without a number where the kernel has no NUMA.
  static func nodes(_ box: BenchmarkBox) -> [Int?] {
    let memory = box.inventory.memory
    if memory.nodes.isEmpty { return [nil] }
    return memory.nodes.filter {
      ($0.totalBytes ?? 0) > 0 && memory.allowedNodes?.contains($0.id) != false
    }.map(\.id)
  }

  /// `memory of node 1`, and how it lies to a device.
  static func name(_ node: Int?, of device: CopySubject? = nil) -> String {
    guard let node else { return "host memory" }
    guard let own = device?.node else { return "memory of node \(node)" }
    return "memory of node \(node) (\(node == own ? "near" : "far"))"
  }

  /// Bytes of a copy: as wished, unless the buffers would take more than 1/16 of a node's memory.
  static func bytes(
    _ wish: Int, _ lanes: [CopyParameters.Lane], _ box: BenchmarkBox
  ) -> Int {
    var most = wish
    for node in nodes(box) {
      let total =
        node.flatMap { id in box.inventory.memory.nodes.first { $0.id == id }?.totalBytes }
        ?? box.inventory.memory.totalBytes
      // A buffer for each lane that begins or ends there, one to prepare and one to check.
      let buffers = lanes.count { $0.hostNode == node } + 2
      if let total { most = min(most, total / 16 / buffers) }
    }
    // Whole huge pages.
    return max(1, most >> 21) << 21
  }
}

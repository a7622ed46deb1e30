internal import Accelerators
internal import Base
internal import Benchmarks
internal import Linux
internal import Statistics

/// The buffers of a measurement, and its samples.
struct CopyWork {
  /// Both ends of a lane.
  struct Ends {
    var lane: CopyLane
    /// The source, where it is host memory.
    var from: HostMemory?
    /// The destination, where it is host memory.
    var to: HostMemory?
  }

  let library: any CopyLibrary
  let copies: CopyParameters
  let limit: CopyLimit
  private(set) var ends: [Ends] = []
  /// Host memory from which sources on devices are filled, and in which destinations on devices are checked.
  let staging: HostMemory
  let stagingBuffer: CopyBuffer
  private var pages: Set<String> = []

  /// More than these say no more about the median.
  static let mostSamples = 200
  /// Fewer would not show whether the figure has settled.
  static let fewestSamples = 3

  /// Makes and locks the buffers.
  init(
    _ library: any CopyLibrary, _ copies: CopyParameters, _ limit: CopyLimit
  ) throws(Failure) {
    self.library = library
    self.copies = copies
    self.limit = limit
    var devices: [Int] = []
    for place in copies.lanes.flatMap({ [$0.from, $0.to] }) {
      guard let device = try CopyWork.device(place, library, copies), !devices.contains(device)
      else { continue }
      devices.append(device)
    }
    do throws(CopyError) {
      staging = try HostMemory(bytes: copies.bytes, node: nil)
      stagingBuffer = try library.lock(staging, devices: devices)
    } catch { throw Failure("lock host memory", error) }
    for lane in copies.lanes {
      var peers: [Int] = []
      for place in [lane.from, lane.to] {
        if let device = try CopyWork.device(place, library, copies) { peers.append(device) }
      }
      let (from, source) = try buffer(lane.from, devices, peers: peers)
      let (to, destination) = try buffer(lane.to, devices, peers: peers)
      ends.append(
        Ends(
          lane: CopyLane(
            from: from, to: to, count: copies.count,
            driver: copies.destinationReads ? .destination : .source), from: source,
          to: destination))
    }
  }

  /// Index of a device; nil for host memory.
  private static func device(
    _ place: CopyParameters.Place, _ library: any CopyLibrary, _ copies: CopyParameters
  ) throws(Failure) -> Int? {
    let name: String
    switch place {
    case .host: return nil
    case .gpu(let address):
      if let exact = library.devices.firstIndex(where: { $0.address == address }) { return exact }
      if let index = library.devices.firstIndex(where: { $0.isAt(address) }) { return index }
      name = "GPU \(address.short)"
    case .cpu(let node):
      if let index = library.devices.firstIndex(where: { $0.node == node }) { return index }
      name = "CPU agent \(node)"
    }
    throw Failure(
      "find \(name)",
      because:
        "\(copies.library == .cuda ? "the CUDA driver" : "the HSA runtime") does not list it",
      hint: "it may be older than the GPU, or a device control group hides the GPU")
  }

  /// A buffer of a lane.
  /// - Parameters:
  ///   - devices: all that take part, for which host memory is locked.
  ///   - peers: those of the lane. Where no lane joins two GPUs, they need not reach each other.
  private mutating func buffer(
    _ place: CopyParameters.Place, _ devices: [Int], peers: [Int]
  ) throws(Failure) -> (CopyBuffer, HostMemory?) {
    let device = try CopyWork.device(place, library, copies)
    do throws(CopyError) {
      guard case .host(let node) = place else {
        let buffer = try library.allocate(device ?? 0, bytes: copies.bytes, peers: peers)
        return (buffer, nil)
      }
      let memory = try HostMemory(bytes: copies.bytes, node: node)
      if let node {
        let (found, sampled) = try memory.pagesOnNode()
        guard found == sampled else {
          throw .noAccess("\(found) of \(sampled) pages of host memory are on node \(node)")
        }
        pages.insert("\(found) of \(sampled) sampled pages on node \(node)")
      }
      return (try library.lock(memory, devices: devices), memory)
    } catch { throw Failure("make a buffer of \(Units.capacity(copies.bytes))", error) }
  }

  // MARK: Samples

  /// Copies for so many seconds, then once more with other data, which is checked.
  func measure(seconds: Double) throws(Failure) -> Observation {
    var rates: [Double] = []
    var shares: [Double] = []
    var dropped = 0
    func sample() throws(Failure) {
      let times: [[CopyInterval]]
      do throws(CopyError) { times = try library.copy(ends.map(\.lane), limit) } catch {
        throw Failure("copy", error)
      }
      let bytes = Double(copies.bytes)
      let lanes = times.map { lane in
        lane.map { CommonWindow.Piece($0.start, $0.end, amount: bytes) }
      }
      if let window = CommonWindow(lanes) {
        rates.append(window.rate)
        shares.append(window.share)
      } else {
        dropped += 1
      }
    }
    try prepare(seed: 1)
    let end = Clock.seconds() + seconds
    while rates.count + dropped < CopyWork.fewestSamples
      || Clock.seconds() < end && rates.count + dropped < CopyWork.mostSamples
    {
      if limit.isStopped() { throw Failure("copy", CopyError.stopped) }
      try sample()
    }
    // The destinations hold the first data: only a copy that was made brings the second.
    try prepare(seed: 2)
    try sample()
    try check(seed: 2)
    if rates.isEmpty {
      throw Failure("copy", because: "the copies did not run at the same time")
    }
    return Observation(
      rates, dropped: dropped, details: details(shares), flags: copies.isStandIn ? [.standIn] : [])
  }

  func details(_ shares: [Double]) -> [String: String] {
    var details = [
      "library": copies.library == .cuda ? "CUDA driver" : "HSA runtime",
      "bytesOfACopy": "\(copies.bytes)", "copiesOnALane": "\(copies.count)",
      "lanes": "\(copies.lanes.count)",
    ]
    if !pages.isEmpty { details["hostPages"] = pages.sorted().joined(separator: ", ") }
    if copies.lanes.count > 1, let least = shares.min() {
      details["commonWindowLeastShare"] = Units.decimal(least, places: 3)
    }
    let isBetweenDevices = ends.contains {
      $0.lane.from.device != nil && $0.lane.to.device != nil
        && $0.lane.from.device != $0.lane.to.device
    }
    if isBetweenDevices {
      details["copiedBy"] = copies.destinationReads ? "the destination" : "the source"
    }
    return details
  }

  // MARK: Data

  private func number(_ seed: UInt64, _ lane: Int) -> UInt64 { seed << 12 | UInt64(lane) }

  func prepare(seed: UInt64) throws(Failure) {
    for (index, end) in ends.enumerated() {
      let number = number(seed, index)
      if let memory = end.from {
        memory.fill(seed: number)
        continue
      }
      staging.fill(seed: number)
      try copyOnce(stagingBuffer, end.lane.from, "fill a buffer on a device")
    }
  }

  func check(seed: UInt64) throws(Failure) {
    guard let offset = try firstDifference(seed: seed) else { return }
    throw Failure(
      "check what was copied",
      because: "other data arrived than was sent, first at byte \(offset) of \(copies.bytes)")
  }

  /// The first byte of a lane's destination that is not what was sent; nil when all are.
  func firstDifference(seed: UInt64) throws(Failure) -> Int? {
    for (index, end) in ends.enumerated() {
      if end.to == nil { try copyOnce(end.lane.to, stagingBuffer, "fetch what was copied") }
      if let offset = (end.to ?? staging).firstDifference(seed: number(seed, index)) {
        return offset
      }
    }
    return nil
  }

  /// One copy on every lane at the same time, or as many as each has.
  func copyAll() throws(Failure) {
    do throws(CopyError) { _ = try library.copy(ends.map(\.lane), limit) } catch {
      throw Failure("copy", error)
    }
  }

  func copyOnce(
    _ from: CopyBuffer, _ to: CopyBuffer, _ step: String
  ) throws(Failure) {
    do throws(CopyError) { _ = try library.copy([CopyLane(from: from, to: to)], limit) } catch {
      throw Failure(step, error)
    }
  }
}

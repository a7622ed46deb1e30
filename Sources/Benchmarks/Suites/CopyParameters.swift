package import Base

/// What copies a measurement makes: the parameters of the suites `gpu` and `patterns`.
package struct CopyParameters: Hashable, Sendable {
  /// The library that makes them.
  package enum Library: String, Hashable, Sendable {
    /// AMD's HSA runtime.
    case hsa
    /// NVIDIA's CUDA driver.
    case cuda
  }

  /// Where data is.
  package enum Place: Hashable, Sendable {
    /// Locked host memory of a node; of any node where the kernel has no NUMA.
    case host(node: Int?)
    /// Video memory of a GPU.
    case gpu(PCIAddress)
    /// Memory of a CPU agent in place of a GPU, by the number of its node.
    case cpu(node: Int)

    /// `node0`, `host`, `cpu0`, or an address.
    var text: String {
      switch self {
      case .host(let node): node.map { "node\($0)" } ?? "host"
      case .gpu(let address): address.description
      case .cpu(let node): "cpu\(node)"
      }
    }

    /// Parses what `text` writes.
    init?(_ text: some StringProtocol) {
      if text == "host" {
        self = .host(node: nil)
      } else if text.hasPrefix("node"), let node = Int(text.dropFirst(4)) {
        self = .host(node: node)
      } else if text.hasPrefix("cpu"), let node = Int(text.dropFirst(3)) {
        self = .cpu(node: node)
      } else if let address = PCIAddress(text) {
        self = .gpu(address)
      } else {
        return nil
      }
    }
  }

  /// From where to where.
  package struct Lane: Hashable, Sendable {
    /// Where the data is.
    package var from: Place
    /// Where it goes.
    package var to: Place

    /// A lane.
    package init(_ from: Place, _ to: Place) {
      self.from = from
      self.to = to
    }

    /// The node of its host memory; nil where it has none.
    package var hostNode: Int? {
      for case .host(let node) in [from, to] { return node }
      return nil
    }
  }

  /// The library that makes them.
  package var library: Library
  /// All that run at the same time.
  package var lanes: [Lane]
  /// Bytes of a copy.
  package var bytes: Int
  /// Copies on each lane, one after the other.
  package var count: Int
  /// Whether of two GPUs the one that wants the data reads it; else the one that has it writes it.
  package var destinationReads = false

  /// Whether CPUs stand in for GPUs.
  package var isStandIn: Bool {
    lanes.contains { lane in
      [lane.from, lane.to].contains { if case .cpu = $0 { true } else { false } }
    }
  }

  /// Copies on these lanes.
  package init(
    _ library: Library, _ lanes: [Lane], bytes: Int, count: Int, destinationReads: Bool = false
  ) {
    self.library = library
    self.lanes = lanes
    self.bytes = bytes
    self.count = count
    self.destinationReads = destinationReads
  }

  /// As the plan keeps them.
  package var parameters: [String: String] {
    [
      "library": library.rawValue,
      "lanes": lanes.map { "\($0.from.text)>\($0.to.text)" }.joined(separator: " "),
      "bytes": "\(bytes)", "count": "\(count)",
      "between": destinationReads ? "destination" : "source",
    ]
  }

  /// Those of a plan; nil where they are of another suite.
  package init?(_ parameters: [String: String]) {
    guard let library = parameters["library"].flatMap(Library.init(rawValue:)),
      let bytes = parameters["bytes"].flatMap({ Int($0) }), bytes > 0,
      let count = parameters["count"].flatMap({ Int($0) }), count > 0
    else { return nil }
    let texts = parameters["lanes"]?.split(separator: " ") ?? []
    let lanes = texts.compactMap { text -> Lane? in
      let ends = text.split(separator: ">")
      guard ends.count == 2, let from = Place(ends[0]), let to = Place(ends[1]) else { return nil }
      return Lane(from, to)
    }
    guard !lanes.isEmpty, lanes.count == texts.count else { return nil }
    self.init(
      library, lanes, bytes: bytes, count: count,
      destinationReads: parameters["between"] == "destination")
  }
}

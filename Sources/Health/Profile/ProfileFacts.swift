public import Base
public import Inventory

/// One thing that a profile expects.
public struct ProfileFact: Hashable, Sendable {
  /// What it is about: `GPU 1002:744c`, `memory`, `place 0000:21:00.0`.
  public var subject: String
  /// The key in the profile's JSON: `count`, `memoryBytes`.
  public var key: String
  /// What is expected.
  public var value: ProfileValue
}

/// What a profile expects of one thing. In JSON a number, a text, or a link.
public enum ProfileValue: Encodable, JSONFormProviding, Hashable, Sendable {
  /// So many.
  case count(Int)
  /// A capacity, bytes.
  case bytes(Int)
  /// Bytes a second.
  case bytesPerSecond(Double)
  /// Mega-transfers a second.
  case megatransfers(Int)
  case watts(Double)
  case link(PCIeRate)
  /// A name.
  case text(String)

  package static var jsonForm: JSONForm { .mixed(name: "number, text or link") }

  /// As the number, text or link that it is.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .count(let number), .bytes(let number), .megatransfers(let number):
      try container.encode(number)
    case .bytesPerSecond(let number), .watts(let number): try container.encode(number)
    case .link(let rate): try container.encode(rate)
    case .text(let text): try container.encode(text)
    }
  }
}

extension Profile {
  /// Everything that it expects, GPUs first.
  public var facts: [ProfileFact] {
    var list = FactList()
    for gpu in (gpus ?? []).sorted(by: { ($0.pciID ?? "") < ($1.pciID ?? "") }) {
      list.subject = "GPU \(gpu.pciID ?? "of any kind")"
      list.add("count", gpu.count, ProfileValue.count)
      list.add("name", gpu.name, ProfileValue.text)
      list.add("link", gpu.link, ProfileValue.link)
      list.add("memoryBytes", gpu.memoryBytes, ProfileValue.bytes)
      list.add("powerCapWatts", gpu.powerCapWatts, ProfileValue.watts)
    }
    for (subject, devices) in [("drives", nvme), ("interfaces", nics)] {
      list.subject = subject
      list.add("count", devices?.count, ProfileValue.count)
      list.add("link", devices?.link, ProfileValue.link)
    }
    list.subject = "processors"
    list.add("packageCount", packageCount, ProfileValue.count)
    list.add("coreCount", coreCount, ProfileValue.count)
    list.add("nodesPerSocket", nodesPerSocket, ProfileValue.count)
    list.subject = "memory"
    list.add("memoryBytes", memoryBytes, ProfileValue.bytes)
    list.add("memoryChannels", memoryChannels, ProfileValue.count)
    list.add(
      "memoryMegatransfersPerSecond", memoryMegatransfersPerSecond, ProfileValue.megatransfers)
    list.add("memoryBytesPerSecond", memoryBytesPerSecond, ProfileValue.bytesPerSecond)
    for place in (places ?? []).sorted(by: { $0.address < $1.address }) {
      list.subject = "place \(place.address)"
      list.add("kind", place.kind.rawValue, ProfileValue.text)
      list.add("pciID", place.pciID, ProfileValue.text)
      list.add("name", place.name, ProfileValue.text)
      list.add("slot", place.slot, ProfileValue.text)
      list.add("numaNode", place.numaNode, ProfileValue.count)
      list.add("link", place.link, ProfileValue.link)
    }
    return list.facts
  }

  /// How many GPUs it expects; nil when it does not say.
  public var gpuCount: Int? { gpus.map { CheckedNumbers.sum($0.map(\.count)) } }

  private struct FactList {
    var facts: [ProfileFact] = []
    var subject = ""

    mutating func add<Value>(_ key: String, _ value: Value?, _ make: (Value) -> ProfileValue) {
      guard let value else { return }
      facts.append(ProfileFact(subject: subject, key: key, value: make(value)))
    }
  }
}

internal import Accelerators
internal import Base

/// The NUMA library's view of the running machine, as lines of `key value` that a recording keeps
/// under the probe `numa`:
///
///     available 1
///     allowed 0-3
///     nodes 0-3
///     distances 0 10 16 16 16
struct NUMALibraryAnswer: Hashable, Sendable {
  /// Whether the library works here.
  var isAvailable: Bool?
  /// Nodes this process may allocate on.
  var allowedNodes: NumberSet?
  /// The nodes that were asked for, which are the columns of the distances.
  var nodes = NumberSet()
  /// The distances from each node; 0 where the library does not know.
  var distances: [Int: [Int]] = [:]

  /// Name of the probe.
  static let probe = "numa"

  /// Asks the library about the nodes with these ids.
  static func ask(nodes: NumberSet) -> [UInt8] {
    guard NUMALibrary.isAvailable else { return Array("available 0\n".utf8) }
    let ids = nodes.numbers
    var text = "available 1\nallowed \(NumberSet(NUMALibrary.allowedNodes))\nnodes \(nodes)\n"
    for from in ids {
      let row = ids.map { "\(NUMALibrary.distance(from, $0) ?? 0)" }
      text += "distances \(from) \(row.joined(separator: " "))\n"
    }
    return Array(text.utf8)
  }

  /// Parses the lines; malformed ones are left out.
  init(_ text: [UInt8]) {
    for line in ASCII.lines(text) {
      let fields = ASCII.fields(line)
      guard let key = fields.first else { continue }
      let values = fields.dropFirst()
      switch String(decoding: key, as: UTF8.self) {
      case "available": isAvailable = values.first.flatMap(AttributeText.bit)
      case "allowed": allowedNodes = values.first.flatMap { NumberSet(list: $0) }
      case "nodes": nodes = values.first.flatMap { NumberSet(list: $0) } ?? NumberSet()
      case "distances":
        let numbers = values.compactMap(AttributeText.count)
        guard numbers.count == values.count, let from = numbers.first else { continue }
        distances[from] = Array(numbers.dropFirst())
      default: continue
      }
    }
  }

  /// The distances on which the library and sysfs do not agree, in words.
  func contradictions(to nodes: [NUMANode]) -> [String] {
    var column: [Int: Int] = [:]
    for (index, id) in self.nodes.numbers.enumerated() { column[id] = index }
    var found: [String] = []
    for node in nodes {
      guard let row = distances[node.id] else { continue }
      for distance in node.distances {
        guard let index = column[distance.node], index < row.count, row[index] != 0,
          row[index] != distance.value
        else { continue }
        found.append(
          "node \(node.id) to \(distance.node): libnuma says \(row[index]), "
            + "sysfs says \(distance.value)")
      }
    }
    return found
  }
}

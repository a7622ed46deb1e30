internal import Base
internal import Inventory
internal import PeerToPeer

/// The map as a matrix: who starts transfers in rows, whose memory they reach in columns.
struct PeerMatrix {
  let map: PeerMap
  /// Places in `map.devices` that are columns: devices whose memory somebody might reach.
  private(set) var columns: [Int] = []
  private var columnSet: Set<Int> = []
  private var cells: [[PeerVerdict?]] = []
  /// Cells of GPUs with a direct link, as row and column.
  private var linked: Set<[Int]> = []

  init(_ map: PeerMap) {
    self.map = map
    cells = Array(
      repeating: Array(repeating: nil, count: map.devices.count), count: map.devices.count)
    var reachable: Set<Int> = []
    for pair in map.pairs {
      guard let row = map.index(pair.initiator), let column = map.index(pair.target) else {
        continue
      }
      cells[row][column] = pair.verdict
      if pair.link != nil { linked.insert([row, column]) }
      if pair.verdict != .itself, !pair.reasons.contains(where: { $0.kind == "noTargetMemory" }) {
        reachable.insert(column)
      }
    }
    columns = reachable.sorted()
    columnSet = reachable
  }

  /// The verdict of a cell; nil where none is given, as between two drives.
  func cell(_ row: Int, _ column: Int) -> PeerVerdict? { cells[row][column] }

  /// The mark of a cell: that of its verdict, or `L` for GPUs with a direct link.
  func mark(_ row: Int, _ column: Int) -> String? {
    cell(row, column).map { linked.contains([row, column]) ? "L" : PeerMatrix.mark($0) }
  }

  /// What `L` stands for, where there is one: `L over NVLink`.
  var linkLegend: String? {
    let names = Set(map.pairs.compactMap { $0.link?.name }).sorted()
    return names.isEmpty ? nil : "L direct over \(names.joined(separator: " or "))"
  }

  /// Devices that are no column: they show no memory to peers.
  var withoutMemory: [PeerDevice] {
    map.devices.indices.filter { !columnSet.contains($0) && map.devices[$0].kind != .gpu }
      .map { map.devices[$0] }
  }

  /// Whether a pair has a cell, and not that of a device with itself.
  func isShown(_ pair: PeerPair) -> Bool {
    pair.verdict != .itself && map.index(pair.target).map(columnSet.contains) == true
  }

  /// Ordered pairs with a cell.
  var shownCount: Int { map.pairs.count(where: isShown) }

  /// Marks of cells, the same in every picture.
  static func mark(_ verdict: PeerVerdict) -> String {
    switch verdict {
    case .itself: "-"
    case .direct: "D"
    case .viaHostBridge: "h"
    case .blocked: "x"
    case .unknown: "?"
    }
  }

  static func words(_ verdict: PeerVerdict) -> String {
    switch verdict {
    case .itself: "itself"
    case .direct: "direct"
    case .viaHostBridge: "via host bridge"
    case .blocked: "blocked"
    case .unknown: "unknown"
    }
  }

  static let verdicts: [PeerVerdict] = [.direct, .viaHostBridge, .blocked, .unknown]

  /// How many ordered pairs of the columns have each verdict.
  var counts: [PeerVerdict: Int] {
    var counts: [PeerVerdict: Int] = [:]
    for pair in map.pairs where isShown(pair) { counts[pair.verdict, default: 0] += 1 }
    return counts
  }

  /// `3 direct, 4 blocked`.
  var summary: String {
    let counts = counts
    return PeerMatrix.verdicts.compactMap { verdict in
      counts[verdict].map { count in
        let over = verdict == .direct && !linked.isEmpty ? linked.count : 0
        let note =
          over == 0
          ? "" : over == count ? " over links of their own" : " (\(Units.count(over)) over links)"
        return "\(Units.count(count)) \(PeerMatrix.words(verdict))\(note)"
      }
    }.joined(separator: ", ")
  }

  /// Ordered pairs by the numbers of the matrix: `1-4 > 5`, initiators of the same targets
  /// together. Where all of a group reach each other, each is written among its own targets.
  func numbers(_ places: [Int]) -> String {
    var targets: [Int: Set<Int>] = [:]
    for place in places {
      let pair = map.pairs[place]
      guard let from = map.index(pair.initiator), let to = map.index(pair.target) else { continue }
      targets[from + 1, default: []].insert(to + 1)
    }
    let reached = Set(targets.values.flatMap { $0 })
    func groups(withSelf: Bool) -> [NumberSet: [Int]] {
      var found: [NumberSet: [Int]] = [:]
      for (from, list) in targets {
        let whole = withSelf && reached.contains(from) ? list.union([from]) : list
        found[NumberSet(Array(whole)), default: []].append(from)
      }
      return found
    }
    let exact = groups(withSelf: false)
    let whole = groups(withSelf: true)
    return (whole.count < exact.count ? whole : exact).map { (NumberSet($0.value), $0.key) }
      .sorted { ($0.0.first ?? 0) < ($1.0.first ?? 0) }
      .map { "\($0.0.description) > \($0.1.description)" }.joined(separator: "; ")
  }
}

extension PeerFact {
  /// Without what is in brackets, for many devices at once: `gpus[].driver: no driver is bound`.
  var general: String {
    var result = ""
    var isInside = false
    for character in fact {
      if character == "]" { isInside = false }
      if !isInside { result.append(character) }
      if character == "[" { isInside = true }
    }
    return "\(result): \(value)"
  }
}

internal import Inventory
internal import PeerToPeer

/// The matrix of verdicts below the picture of the topology.
struct PeerPanel {
  private let matrix: PeerMatrix

  // Pixels.
  private static let cell = 24
  private static let label = 190
  /// More devices than this make no readable matrix.
  private static let most = 48

  /// Nil when fewer than two devices take part, or none shows memory to others.
  init?(_ inventory: Inventory) {
    matrix = PeerMatrix(PeerMap(inventory))
    if matrix.map.devices.count < 2 || matrix.columns.isEmpty { return nil }
  }

  /// Draws it from `top` on, at most `room` pixels wide; returns where it ends.
  func draw(_ writer: inout SVGWriter, _ x: Int, _ top: Int, room: Int) -> Int {
    let devices = matrix.map.devices
    var y = top + 18
    writer.text(x, y, "peer to peer", "name", size: 14, room: room)
    y += 18
    writer.text(
      x, y, "rows start transfers, columns own the memory; predictions, not measured", "soft",
      size: 11, room: room)
    y += 16
    guard devices.count <= PeerPanel.most else {
      writer.text(
        x, y, "\(matrix.summary): see tinyboxctl p2p", "plain", size: 12, room: room)
      return y + 10
    }
    let columns = max(1, (room - PeerPanel.label) / PeerPanel.cell)
    for first in stride(from: 0, to: matrix.columns.count, by: columns) {
      y = block(
        Array(matrix.columns[first..<min(first + columns, matrix.columns.count)]), &writer, x, y)
    }
    return key(&writer, x, y + 6, room) + 10
  }

  private func block(_ columns: [Int], _ writer: inout SVGWriter, _ x: Int, _ top: Int) -> Int {
    let devices = matrix.map.devices
    let size = PeerPanel.cell
    for (position, column) in columns.enumerated() {
      writer.text(
        x + PeerPanel.label + position * size + size / 2, top + 14, "\(column + 1)", "soft",
        size: 10, room: size, at: .middle)
    }
    var y = top + 20
    for (row, device) in devices.enumerated() {
      writer.text(
        x, y + 16, "\(row + 1)  \(device.label)", "plain", size: 11, room: PeerPanel.label - 10)
      for (position, column) in columns.enumerated() {
        guard let verdict = matrix.cell(row, column) else { continue }
        let left = x + PeerPanel.label + position * size
        writer.open(title: tooltip(row, column, verdict))
        cell(verdict, matrix.mark(row, column), &writer, left, y)
        writer.close()
      }
      y += size
    }
    return y + 6
  }

  private func cell(
    _ verdict: PeerVerdict, _ mark: String?, _ writer: inout SVGWriter, _ x: Int, _ y: Int
  ) {
    let size = PeerPanel.cell
    writer.box(x + 1, y + 1, size - 2, size - 2, PeerPanel.kind(verdict), round: 3)
    writer.text(
      x + size / 2, y + 16, mark ?? PeerMatrix.mark(verdict), "plain", size: 11, room: size,
      at: .middle)
  }

  private func tooltip(_ row: Int, _ column: Int, _ verdict: PeerVerdict) -> String {
    let devices = matrix.map.devices
    let pair = matrix.map.pair(devices[row].address, devices[column].address)
    var why = pair?.reasons.filter { $0.effect != .note }.map(\.general) ?? []
    if verdict == .unknown {
      why += (pair?.missing ?? []).map { key in
        let fact = matrix.map.fact(key)
        return "\(fact.fact): \(fact.value)"
      }
    }
    let over = pair?.link.map { " over \($0.name)" } ?? ""
    return "\(devices[row].label) to \(devices[column].label): \(PeerMatrix.words(verdict))\(over)"
      + (why.isEmpty ? "" : " (" + why.prefix(3).joined(separator: "; ") + ")")
  }

  private static func kind(_ verdict: PeerVerdict) -> String {
    switch verdict {
    case .itself: "itself"
    case .direct: "direct"
    case .viaHostBridge: "host"
    case .blocked: "blocked"
    case .unknown: "untold"
    }
  }

  private func key(_ writer: inout SVGWriter, _ x: Int, _ top: Int, _ room: Int) -> Int {
    var left = x
    var y = top
    for verdict in PeerMatrix.verdicts {
      let words = PeerMatrix.words(verdict)
      let width = PeerPanel.cell + 24 + SVGWriter.width(words, size: 11)
      if left > x, left + width > x + room {
        left = x
        y += PeerPanel.cell + 4
      }
      cell(verdict, nil, &writer, left, y)
      writer.text(left + PeerPanel.cell + 6, y + 16, words, "soft", size: 11, room: 200)
      left += width
    }
    return y + PeerPanel.cell
  }
}

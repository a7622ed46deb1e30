extension Route {
  /// HTTP statuses of the problems that the operation can answer with, in order. 405 is listed
  /// with every operation: it is what another method on its path gets.
  public var problems: [Int] {
    var statuses: Set<Int> = [400, 403, 405, 413, 500]
    let namesSomething =
      !segmentNames.isEmpty || parameters.contains { $0.kind == .text }
    if namesSomething { statuses.insert(404) }
    switch operation {
    // A policy that cannot be used, or another program that holds the lock.
    case .plan, .placement, .apply, .rollback: statuses.insert(409)
    // A profile that cannot be used.
    case .status, .checks, .check: statuses.insert(409)
    // As many as may listen do.
    case .statusStream, .eventStream: statuses.insert(503)
    default: break
    }
    return statuses.sorted()
  }

  /// Names in braces of the path, from left to right.
  public var segmentNames: [String] {
    path.split(separator: "/").filter { $0.hasPrefix("{") }
      .map { String($0.dropFirst().dropLast()) }
  }

  /// What may stand in place of each name in braces.
  public static let segmentMeanings = [
    "name": "PCI address, with domain or without, interface or drive name",
    "id": "id of the check",
    "initiator": "the device that reads and writes: PCI address, interface or drive name",
    "target": "the device whose memory is read and written: PCI address, interface or drive name",
  ]
}

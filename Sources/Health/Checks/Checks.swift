/// All checks, area by area. A new check is added to the list of its area's folder.
public enum Checks {
  /// Every check, the most informative areas first: their order is the order of findings of one
  /// verdict.
  public static let all: [any Check.Type] =
    pcie + gpu + storage + system + runtimes + interrupts + memory + processors + peerToPeer

  package static func named(_ id: String) -> (any Check.Type)? { all.first { $0.info.id == id } }
}

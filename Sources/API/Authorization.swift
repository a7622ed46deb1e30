/// Who is at the other end of a Unix socket, as the kernel reports it (SO_PEERCRED, SO_PEERGROUPS).
public struct Caller: Hashable, Sendable {
  /// User id.
  public var user: UInt32
  /// Effective group id and supplementary groups, when it connected.
  public var groups: Set<UInt32>

  /// A caller with this user and these groups.
  package init(user: UInt32, groups: Set<UInt32>) {
    self.user = user
    self.groups = groups
  }
}

/// Who may use an endpoint.
public enum Access: String, Hashable, Sendable {
  /// Group `tinybox`, group `tinybox-admin` and root.
  case read
  /// Group `tinybox-admin` and root.
  case change
}

/// Who may do what: root everything, group `tinybox-admin` everything, group `tinybox` reading.
public struct Authorization: Hashable, Sendable {
  /// The group that may read.
  public static let readers = "tinybox"
  /// The group that may change.
  public static let administrators = "tinybox-admin"

  /// Id of `readers`; nil where the machine has no such group.
  public var readerGroup: UInt32?
  /// Id of `administrators`; nil where the machine has no such group.
  public var administratorGroup: UInt32?

  /// The groups of a machine.
  package init(readerGroup: UInt32?, administratorGroup: UInt32?) {
    self.readerGroup = readerGroup
    self.administratorGroup = administratorGroup
  }

  /// Whether a caller may use endpoints of this access.
  package func allows(_ caller: Caller, _ access: Access) -> Bool {
    if caller.user == 0 { return true }
    if let administratorGroup, caller.groups.contains(administratorGroup) { return true }
    guard access == .read, let readerGroup else { return false }
    return caller.groups.contains(readerGroup)
  }
}

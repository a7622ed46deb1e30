package import Base
internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket, as the kernel noted it when it connected.
package struct PeerCredentials: Hashable, Sendable {
  /// The process that connected; it may have ended since, or have passed the socket on.
  package var pid: Int32
  /// Its effective user.
  package var user: UInt32
  /// Its effective group and its supplementary groups.
  package var groups: Set<UInt32>

  /// The credentials of a process.
  package init(pid: Int32, user: UInt32, groups: Set<UInt32>) {
    self.pid = pid
    self.user = user
    self.groups = groups
  }

  /// Asks the kernel (unix(7): SO_PEERCRED, SO_PEERGROUPS).
  /// - Throws: ENOTCONN for a socket that is not connected, ENOTSOCK for no socket.
  package static func of(_ descriptor: Int32) throws(Errno) -> PeerCredentials {
    var pid: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    let failure = unsafe tbx_peer(descriptor, &pid, &user, &group)
    if failure != 0 { throw Errno(failure) }
    return PeerCredentials(
      pid: pid, user: user, groups: Set(try supplementary(descriptor)).union([group]))
  }

  private static func supplementary(_ descriptor: Int32) throws(Errno) -> [UInt32] {
    // NGROUPS_MAX is 65536; the first try is enough but for few.
    var room = 64
    while true {
      var groups = [UInt32](repeating: 0, count: room)
      var count = room
      let failure = unsafe tbx_peer_groups(descriptor, &groups, &count)
      if failure == 0 { return Array(groups.prefix(count)) }
      guard failure == ERANGE, count > room else { throw Errno(failure) }
      room = count
    }
  }
}

/// Names of users and groups, from wherever the machine has them (nsswitch.conf(5)). That may be a
/// directory on the network: ask once, and not where an answer must come at once.
package enum UserDatabase {
  /// The number of a group; nil when there is no such group, or nobody could be asked.
  package static func groupID(named name: String) -> UInt32? {
    var entry = unsafe group()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<group>?
      let failure = unsafe getgrnam_r(name, &entry, buffer, size, &found)
      return (failure, unsafe found.map { unsafe $0.pointee.gr_gid })
    }
  }

  /// The number of a user; nil when there is no such user, or nobody could be asked.
  package static func userID(named name: String) -> UInt32? {
    var entry = unsafe passwd()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<passwd>?
      let failure = unsafe getpwnam_r(name, &entry, buffer, size, &found)
      return (failure, unsafe found.map { unsafe $0.pointee.pw_uid })
    }
  }

  /// The name of a group; nil when it has none, or nobody could be asked.
  package static func groupName(_ id: UInt32) -> String? {
    var entry = unsafe group()
    return unsafe lookUp { buffer, size in
      var found: UnsafeMutablePointer<group>?
      let failure = unsafe getgrgid_r(id, &entry, buffer, size, &found)
      return (failure, unsafe found.map { unsafe String(cString: $0.pointee.gr_name) })
    }
  }

  /// Calls with more and more room for the strings of the entry (getpwnam(3): ERANGE).
  private static func lookUp<Value>(
    _ call: (UnsafeMutablePointer<CChar>, Int) -> (failure: Int32, value: Value?)
  ) -> Value? {
    var size = 1024
    while size <= 1 << 22 {
      var buffer = [CChar](repeating: 0, count: size)
      let answer = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return (failure: ENOMEM, value: Value?.none) }
        return unsafe call(start, buffer.count)
      }
      switch answer.failure {
      case 0: return answer.value
      case EINTR: continue
      case ERANGE: size *= 4
      default: return nil
      }
    }
    return nil
  }
}

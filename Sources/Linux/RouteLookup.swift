package import Base
internal import CLinux
internal import Glibc

/// Which network interface leads to another machine.
package enum RouteLookup {
  /// The interface whose address the kernel would send from: a UDP socket that is connected gets it, and no
  /// packet is sent. Names are looked up, which may ask a name server.
  /// - Returns: nil where no interface of this network namespace has that address.
  /// Of several addresses the first with a route counts: a name may have one of IPv6 where only IPv4 is used.
  /// - Throws: `Failure` when the name or the route is not known, or no name server answers in 5 s.
  package static func interface(towards peer: String) throws(Failure) -> String? {
    let found = Deadline.run(seconds: 5) {
      Result { () throws(Failure) in try lookUp(peer) }
    }
    guard let found else {
      throw Failure("find the address of \(peer)", because: "no answer within 5 s")
    }
    return try found.get()
  }

  private static func lookUp(_ peer: String) throws(Failure) -> String? {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(peer, "9", &hints, &found)
    defer { if let found = unsafe found { unsafe freeaddrinfo(found) } }
    guard status == 0 else {
      throw Failure(
        "find the address of \(peer)", because: unsafe String(cString: gai_strerror(status)))
    }
    var next = unsafe found
    var failure = Failure("find the address of \(peer)", because: "it has none")
    while let info = unsafe next?.pointee {
      do throws(Failure) {
        return unsafe interface(with: try source(towards: info, peer))
      } catch {
        failure = error
      }
      unsafe next = info.ai_next
    }
    throw failure
  }

  /// The address that the kernel would send from.
  private static func source(towards info: addrinfo, _ peer: String) throws(Failure) -> [UInt8] {
    let type = unsafe info.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = unsafe socket(info.ai_family, type, 0)
    guard descriptor >= 0 else { throw Failure("find the route to \(peer)", Errno(errno)) }
    defer { close(descriptor) }
    guard unsafe connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 else {
      throw Failure("find the route to \(peer)", Errno(errno))
    }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let local = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getsockname(descriptor, address, &length) == 0 ? bytes(address) : nil
      }
    }
    guard let local else { throw Failure("find the route to \(peer)", Errno(errno)) }
    return local
  }

  /// The interface that has an address.
  private static func interface(with local: [UInt8]) -> String? {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&first) == 0 else { return nil }
    defer { unsafe freeifaddrs(first) }
    var next = unsafe first
    while let entry = unsafe next?.pointee {
      if let address = unsafe entry.ifa_addr, unsafe bytes(address) == local {
        return unsafe String(cString: entry.ifa_name)
      }
      unsafe next = entry.ifa_next
    }
    return nil
  }

  /// The bytes of an address of IPv4 or IPv6, without port and scope.
  private static func bytes(_ address: UnsafeMutablePointer<sockaddr>) -> [UInt8]? {
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
      return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        unsafe withUnsafeBytes(of: $0.pointee.sin_addr) { unsafe Array($0) }
      }
    case AF_INET6:
      return unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        unsafe withUnsafeBytes(of: $0.pointee.sin6_addr) { unsafe Array($0) }
      }
    default: return nil
    }
  }
}

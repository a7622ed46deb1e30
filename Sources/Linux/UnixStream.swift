internal import Base
internal import CLinux
internal import Glibc

/// A connection to a program on this machine, with one deadline for everything that is said: a
/// program that sends a byte now and then gets no more time than one that sends none.
struct UnixStream: ~Copyable {
  let descriptor: Int32
  private var deadline: Double?

  /// Connects.
  /// - Parameters:
  ///   - path: of the socket; `@` in front is an abstract name.
  ///   - seconds: how long connecting, sending and receiving may take together.
  /// - Throws: the errno; EAGAIN when the queue of connections stayed full, ETIMEDOUT from the other
  ///   calls when the time is up.
  init(_ path: String, within seconds: Double) throws(Errno) {
    deadline = Clock.seconds() + seconds
    let opened = unsafe tbx_unix_connect(path, seconds)
    guard opened >= 0 else { throw Errno(-opened) }
    descriptor = opened
  }

  /// Takes a descriptor over.
  init(descriptor: Int32, within seconds: Double) {
    self.descriptor = descriptor
    deadline = Clock.seconds() + seconds
  }

  deinit { close(descriptor) }

  /// From now on so many seconds, or for ever.
  mutating func wait(_ seconds: Double?) { deadline = seconds.map { Clock.seconds() + $0 } }

  /// Sends everything.
  func send(_ bytes: [UInt8]) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      try ready(POLLOUT)
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(
          descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if sent < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw Errno(errno)
      }
      rest = rest.dropFirst(sent)
    }
  }

  /// Sends bytes in one message, with process and user of this program beside them (SCM_CREDENTIALS).
  /// - Throws: EMSGSIZE when the kernel did not take them whole.
  func sendWithCredentials(_ bytes: [UInt8]) throws(Errno) {
    try ready(POLLOUT)
    let failure = unsafe bytes.withUnsafeBytes {
      unsafe tbx_send_credentials(descriptor, $0.baseAddress, $0.count)
    }
    if failure != 0 { throw Errno(failure) }
  }

  /// Some bytes; none at the end.
  func receive(atMost size: Int = 65_536) throws(Errno) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: size)
    while true {
      try ready(POLLIN)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
      }
      if count >= 0 { return Array(chunk.prefix(count)) }
      if errno == EINTR || errno == EAGAIN { continue }
      throw Errno(errno)
    }
  }

  /// Whether there is something to read, or the end, within so many seconds; the deadline does not matter.
  func isReadable(within seconds: Double) throws(Errno) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let status = unsafe poll(&entry, 1, Int32(seconds * 1000))
    if status < 0, errno != EINTR { throw Errno(errno) }
    return status > 0
  }

  private func ready(_ events: Int32) throws(Errno) {
    while true {
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      var milliseconds: Int32 = -1
      if let deadline {
        let left = ((deadline - Clock.seconds()) * 1000).rounded(.up)
        // Also where there always is something to do: the time is up all the same.
        if left <= 0 { throw Errno.ETIMEDOUT }
        milliseconds = Int32(min(left, 2e9))
      }
      let status = unsafe poll(&entry, 1, milliseconds)
      if status > 0 { return }
      if status < 0, errno != EINTR { throw Errno(errno) }
    }
  }
}

package import Base
internal import CLinux
internal import Glibc

/// Waits for descriptors to have something to do (poll(2)).
package struct Poller: ~Copyable {
  // Kept between calls: a loop that wakes often allocates nothing.
  private var entries: [pollfd] = []

  /// A poller of nothing yet.
  package init() {}

  /// Waits until one of the descriptors can be read, or also written where `write` says so, or
  /// until the time is up. A descriptor whose other end is gone, or that is none, is ready too:
  /// reading it says what is wrong.
  /// - Parameters:
  ///   - interests: a negative descriptor stands for nothing and is never ready.
  ///   - seconds: how long at most; nil is for ever. Rounded up to milliseconds, so that a loop
  ///     with a deadline does not wake before it and spin.
  /// - Returns: for each interest whether it is ready. None is when the time was up, or when a
  ///   signal that is not blocked ended the wait early.
  /// - Throws: `Failure` when the kernel has no memory, or takes no more descriptors.
  package mutating func wait(
    _ interests: [(descriptor: Int32, write: Bool)], seconds: Double?
  ) throws(Failure) -> [Bool] {
    entries.removeAll(keepingCapacity: true)
    for interest in interests {
      let events = POLLIN | (interest.write ? POLLOUT : 0)
      entries.append(pollfd(fd: interest.descriptor, events: Int16(events), revents: 0))
    }
    let count = entries.count
    let ready = unsafe entries.withUnsafeMutableBufferPointer {
      unsafe poll($0.baseAddress, nfds_t(count), Poller.milliseconds(seconds))
    }
    if ready < 0 {
      if errno == EINTR { return interests.map { _ in false } }
      throw Failure("wait for \(count) descriptors", Errno(errno))
    }
    return entries.map { $0.revents != 0 }
  }

  private static func milliseconds(_ seconds: Double?) -> Int32 {
    guard let seconds else { return -1 }
    let rounded = (seconds * 1000).rounded(.up)
    // A wait of 24 days that ends early only makes the loop turn once more.
    return rounded > 0 ? (rounded < 2e9 ? Int32(rounded) : 2_000_000_000) : 0
  }
}

/// Wakes a loop that waits, from any thread (eventfd(2)).
package final class WakeEvent: Sendable {
  /// Becomes readable once it is signalled, and stays so until it is drained.
  package let descriptor: Int32

  /// A new event, not signalled.
  package init() throws(Failure) {
    descriptor = tbx_event()
    if descriptor < 0 { throw Failure("make an eventfd", Errno(errno)) }
  }

  deinit { close(descriptor) }

  /// Wakes every loop that waits for it, now or later. Several signals before a drain are one.
  package func signal() {
    var one: UInt64 = 1
    // Fails only when the counter is full, and then it is signalled.
    _ = unsafe write(descriptor, &one, 8)
  }

  /// Takes the signals back.
  package func drain() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}

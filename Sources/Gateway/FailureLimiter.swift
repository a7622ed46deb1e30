internal import Linux
internal import Synchronization

/// Counts wrong tokens per address.
///
/// A right token is always accepted: with 256 random bits guessing is hopeless at any rate, and a
/// client that shares an address with a broken one must not be locked out by it. The limit saves
/// the work that wrong tokens make, and makes them visible.
final class FailureLimiter: Sendable {
  /// Wrong tokens in a minute until they are answered with 429.
  static let perMinute = 10
  /// Addresses that are remembered.
  static let capacity = 4096
  private static let window = 60.0

  private struct Count {
    var begin: Double
    var failures = 0
  }

  private let counts = Mutex<[String: Count]>([:])

  /// Notes a wrong token.
  /// - Returns: seconds to wait when there were too many; nil when there were not.
  func fail(_ address: String) -> Int? {
    let key = FailureLimiter.key(address)
    let now = Clock.seconds()
    return counts.withLock { counts in
      var count = counts[key] ?? Count(begin: now)
      if now - count.begin >= FailureLimiter.window { count = Count(begin: now) }
      count.failures += 1
      if counts[key] == nil, counts.count >= FailureLimiter.capacity {
        counts = counts.filter { now - $0.value.begin < FailureLimiter.window }
        // All of them within a minute: a client with that many addresses starts anew.
        if counts.count >= FailureLimiter.capacity { counts = [:] }
      }
      counts[key] = count
      guard count.failures > FailureLimiter.perMinute else { return nil }
      return max(1, Int((FailureLimiter.window - (now - count.begin)).rounded(.up)))
    }
  }

  /// An IPv6 client has a whole /64 to itself.
  static func key(_ address: String) -> String {
    guard address.contains(":"), !address.hasPrefix("::ffff:") else { return address }
    // One run of zeros may be left out: written back, the first four groups are the network.
    let halves = address.split(separator: "::", omittingEmptySubsequences: false)
      .map { $0.split(separator: ":") }
    let zeros = Array(repeating: "0" as Substring, count: max(0, 8 - halves.joined().count))
    let groups = halves.count == 2 ? halves[0] + zeros + halves[1] : halves[0]
    return groups.prefix(4).joined(separator: ":")
  }
}

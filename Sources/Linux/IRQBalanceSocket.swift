package import Base
internal import CLinux
internal import Glibc

/// Talks to a running irqbalance over its control socket, which answers root only.
///
/// The socket is trusted when root made it listen, as the kernel reports: anybody may bind the
/// abstract name on which irqbalance falls back where it has no folder.
package enum IRQBalanceSocket {
  /// Where irqbalance makes its socket.
  package static let folder = "/run/irqbalance"
  /// It refuses longer commands (`buff` of `sock_handle`).
  package static let longestCommand = 16_383
  /// Seconds for a conversation; its main loop answers between two looks at the machine.
  package static let seconds = 3.0
  /// The longest answer that is taken, bytes.
  private static let longestAnswer = 1 << 20

  /// The answer to `setup`: interval, banned interrupts and CPUs.
  /// - Parameters:
  ///   - owner: the user who must have made the socket.
  ///   - seconds: for the whole conversation.
  /// - Throws: EPERM when somebody else made it, ETIMEDOUT when the answer is not whole in time.
  package static func setup(
    pid: Int, folder: String = folder, owner: UInt32 = 0, seconds: Double = seconds
  ) throws(Errno) -> String {
    try talk("setup", pid: pid, folder: folder, owner: owner, seconds: seconds)
  }

  /// Sends a command and waits for the end of the conversation.
  /// - Returns: what it answers; nothing to a command that sets something.
  package static func talk(
    _ command: String, pid: Int, folder: String, owner: UInt32, seconds: Double
  ) throws(Errno) -> String {
    let bytes = Array(command.utf8)
    if bytes.count > longestCommand { throw Errno.EMSGSIZE }
    let stream = try open(pid, folder, owner, seconds)
    try stream.sendWithCredentials(bytes)
    return String(decoding: try answer(stream), as: UTF8.self)
  }

  /// The numbers in an answer to `setup`: `SLEEP 10 IRQ 31 LOAD 0 DIFF 0 CLASS 5 BANNED 0`. Nil
  /// when it is none, or names an interrupt that cannot be.
  package static func banned(in setup: String) -> NumberSet? {
    let words = setup.split(separator: " ")
    guard words.first == "SLEEP" else { return nil }
    var numbers: [Int] = []
    for (index, word) in words.enumerated() where word == "IRQ" {
      guard index + 1 < words.count, let number = Int(words[index + 1]),
        NumberSet.isPossible(number)
      else { return nil }
      numbers.append(number)
    }
    return NumberSet(numbers)
  }

  /// Connects to the socket in the folder or, where irqbalance could not make that, to its abstract
  /// name (irqbalance.c, `init_socket`).
  private static func open(
    _ pid: Int, _ folder: String, _ owner: UInt32, _ seconds: Double
  ) throws(Errno) -> UnixStream {
    let stream: UnixStream
    do throws(Errno) {
      stream = try UnixStream("\(folder)/irqbalance\(pid).sock", within: seconds)
    } catch {
      guard error.isNotFound || error.isRefused else { throw error }
      stream = try UnixStream("@irqbalance\(pid).sock", within: seconds)
    }
    let peer = try PeerCredentials.of(stream.descriptor)
    guard peer.user == owner else { throw Errno.EPERM }
    return stream
  }

  private static func answer(_ stream: borrowing UnixStream) throws(Errno) -> [UInt8] {
    var answer: [UInt8] = []
    while true {
      let more = try stream.receive()
      if more.isEmpty { return answer }
      answer += more
      if answer.count > longestAnswer { throw Errno.EMSGSIZE }
    }
  }
}

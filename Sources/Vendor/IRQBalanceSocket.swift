internal import CLinux
internal import Glibc

/// Talks to a running irqbalance over its control socket, which answers root only.
public enum IRQBalanceSocket {
  /// Where irqbalance makes its socket.
  public static let folder = "/run/irqbalance"
  /// It refuses longer commands (`buff` of `sock_handle`).
  public static let longestCommand = 16_383

  /// The answer to `setup`: interval, banned interrupts and CPUs.
  public static func setup(pid: Int, folder: String = folder) throws(CallFailure) -> String {
    try talk(pid, folder, "setup", wantsAnswer: true)
  }

  /// Replaces the list of interrupts it leaves alone.
  public static func ban(_ interrupts: [Int], pid: Int, folder: String = folder)
    throws(CallFailure)
  {
    let list = interrupts.isEmpty ? "NONE" : interrupts.map(String.init).joined(separator: " ")
    _ = try talk(pid, folder, "settings ban irqs \(list)", wantsAnswer: false)
  }

  /// The numbers in an answer to `setup`: `SLEEP 10 IRQ 31 LOAD 0 DIFF 0 CLASS 5 BANNED 0`. Nil
  /// when it is none.
  public static func banned(in setup: String) -> [Int]? {
    let words = setup.split(separator: " ")
    guard words.first == "SLEEP" else { return nil }
    var numbers: [Int] = []
    for (index, word) in words.enumerated() where word == "IRQ" {
      guard index + 1 < words.count, let number = Int(words[index + 1]) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  private static func talk(
    _ pid: Int, _ folder: String, _ command: String, wantsAnswer: Bool
  ) throws(CallFailure) -> String {
    let bytes = Array(command.utf8)
    if bytes.count > longestCommand { throw CallFailure(errno: EMSGSIZE) }
    let descriptor = unsafe tbx_irqbalance_connect(Int32(clamping: pid), folder)
    guard descriptor >= 0 else { throw CallFailure(errno: -descriptor) }
    defer { close(descriptor) }
    let failure = unsafe bytes.withUnsafeBytes {
      unsafe tbx_irqbalance_send(descriptor, $0.baseAddress, $0.count)
    }
    if failure != 0 { throw CallFailure(errno: failure) }
    if !wantsAnswer {
      // It closes the connection when it has done what was asked.
      _ = try receive(descriptor)
      return ""
    }
    return String(decoding: try receive(descriptor), as: UTF8.self)
  }

  private static func receive(_ descriptor: Int32) throws(CallFailure) -> [UInt8] {
    var answer: [UInt8] = []
    while answer.count < 1 << 20 {
      var chunk = [UInt8](repeating: 0, count: 16_384)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw CallFailure(errno: errno)
      }
      if count == 0 { break }
      answer += chunk.prefix(count)
    }
    return answer
  }
}

internal import CLinux
internal import Glibc

/// How a network interface queues what it sends (tc(8)).
package enum QueueDiscipline {
  /// Longest name: IFNAMSIZ bytes with the end (`struct Qdisc_ops`, include/net/sch_generic.h).
  private static let longest = 16

  /// The root discipline of an interface: `mq` and `fq_codel` are what kernels choose, `netem` and `tbf` what
  /// somebody did.
  /// - Returns: nil where there is no such interface, or the kernel does not say.
  package static func root(of interface: String) -> String? {
    let index = unsafe if_nametoindex(interface)
    guard index > 0, let number = Int32(exactly: index) else { return nil }
    var name = [UInt8](repeating: 0, count: longest)
    let status = unsafe name.withUnsafeMutableBytes { buffer in
      unsafe tbx_root_queue(
        number, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
    }
    guard status == 0 else { return nil }
    let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }
}

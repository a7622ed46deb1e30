internal import Base
internal import KernelTree
internal import Linux

/// What the kernel's log says about devices without a driver: why a driver that tried gave up.
public enum KernelMessages {
  /// Where it is read from, for evidence: the kernel's buffer, in a recording also what a logger wrote of it.
  public static let source = "the kernel's log"
  /// The name under which a recording keeps the lines.
  static let probe = "kernel-log"
  /// What loggers write on systems that keep it as text. Recordings by other tools may hold them;
  /// on a running machine the kernel is asked instead.
  private static let files = ["/var/log/dmesg", "/var/log/kern.log", "/var/log/messages"]
  /// Bytes of such a file that are read at most.
  private static let limit = 64 << 20
  /// Lines of one device that are kept.
  private static let lines = 4

  /// Reads the log once and gives each function its lines, only where a device has a problem.
  static func read(_ functions: inout [PCIFunction], _ tree: KernelTree) {
    let unwell = functions.indices.filter { index in
      let function = functions[index]
      return function.driver == nil && function.physicalFunction == nil
        && FunctionKind(function).carriesData
        && !function.unknown.contains { $0.fact == "driver" }
    }
    if unwell.isEmpty { return }
    let addresses = unwell.map { functions[$0].address }
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try tree.probe(probe, sensitivity: .freeText) { () throws(ReadFailure) in
        do throws(Errno) {
          return KernelLogLines(try KernelLog.read(), of: addresses).bytes
        } catch {
          throw ReadFailure(path: "syslog(2)", errno: error)
        }
      }
    } catch {
      guard error.cause == .notRecorded else {
        for index in unwell {
          functions[index].unknown.append(
            UnknownFact(fact: "kernelMessages", path: error.path, reason: error.reason))
        }
        return
      }
      guard !tree.isLive, let recorded = recorded(tree, addresses) else { return }
      text = recorded
    }
    let found = KernelLogLines(text, of: addresses).byDevice
    for index in unwell {
      let reasons = reasons(found[functions[index].address] ?? [])
      functions[index].kernelMessages = reasons.isEmpty ? nil : reasons
    }
  }

  /// The lines of the devices in the first log file that a recording holds. A recorder keeps these
  /// and not the file, which shows what else happens on the machine.
  private static func recorded(_ tree: KernelTree, _ addresses: [PCIAddress]) -> [UInt8]? {
    for file in files {
      let lines = try? tree.excerpt(file, limit: limit, sensitivity: .freeText, keptAs: probe) {
        KernelLogLines($0, of: addresses).bytes
      }
      if let lines { return lines }
    }
    return nil
  }

  /// The lines that report a failure, the last few, without time and host. A probe that failed is
  /// why there is no driver: what follows it is about something else.
  static func reasons(_ lines: [String]) -> [String] {
    var failing = lines.map { message($0) }.filter(isReason)
    if let probe = failing.lastIndex(where: { isFailedProbe([String($0)]) }) {
      failing.removeSubrange((probe + 1)...)
    }
    return failing.suffix(KernelMessages.lines).map { String($0.prefix(160)) }
  }

  /// Whether a message may say why a driver gave up. The PCI core's own, `pci ADDRESS:`, are about
  /// the bus (room for an option ROM that nobody needs), and AER's about the link, not about a
  /// driver.
  private static func isReason(_ message: Substring) -> Bool {
    if message.hasPrefix("pci ") || errorReports.contains(where: { message.contains($0) }) {
      return false
    }
    let lower = message.lowercased()
    return words.contains { lower.contains($0) }
  }

  /// Words of AER's messages (kernel: drivers/pci/pcie/aer.c) and of the firmware's (GHES).
  private static let errorReports = [
    "AER: ", "PCIe Bus Error", "error status/mask=", "[Hardware Error]",
  ]

  /// Whether lines say that a driver tried to take the device and gave up: `probe with driver nvme
  /// failed with error -19`, `probe of 0000:21:00.0 failed`, `Removing after probe failure`.
  package static func isFailedProbe(_ messages: [String]) -> Bool {
    messages.contains { message in
      let lower = message.lowercased()
      return lower.contains("prob") && lower.contains("fail")
    }
  }

  private static let words = [
    "fail", "error", "not ready", "timeout", "timed out", "unable", "cannot", "could not",
    "not supported", "unsupported", "removing after probe", "no such", "invalid", "giving up",
    "abort",
  ]

  /// A line without `<3>[   12.345678] ` or `Nov 29 10:00:00 host kernel: [   12.3] ` before it. Kernels with
  /// CONFIG_PRINTK_CALLER name who prints after the time: `[   12.345678][    T1] `.
  static func message(_ line: String) -> Substring {
    var rest = line[...]
    if let range = rest.firstRange(of: " kernel: ") { rest = rest[range.upperBound...] }
    if rest.first == "<", let close = rest.firstIndex(of: ">") {
      rest = rest[rest.index(after: close)...]
    }
    while rest.first == "[", let close = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: close)...]
    }
    return rest.drop { $0 == " " }
  }
}

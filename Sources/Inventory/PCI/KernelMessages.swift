internal import Base
internal import KernelTree
internal import Linux

/// What the kernel's log says of devices that no driver holds: why a driver that tried gave up.
public enum KernelMessages {
  /// Where it is read from, for evidence: the kernel's buffer, else what a logger wrote of it.
  public static let source = "the kernel's log"
  /// The name under which a recording keeps the lines.
  static let probe = "kernel-log"
  /// What loggers write on systems that keep it as text.
  private static let files = ["/var/log/dmesg", "/var/log/kern.log", "/var/log/messages"]
  /// Bytes of such a file that are read at most.
  private static let limit = 64 << 20
  /// Lines of one device that are kept.
  private static let lines = 4

  /// Reads the log once and gives each function its lines. Only where a device is not well: else
  /// nobody asks for a log.
  static func read(_ functions: inout [PCIFunction], _ tree: KernelTree) {
    let unwell = functions.indices.filter { index in
      let function = functions[index]
      return function.driver == nil && function.physicalFunction == nil
        && FunctionKind(function).carriesData
        && !function.unknown.contains { $0.fact == "driver" }
    }
    if unwell.isEmpty { return }
    let addresses = unwell.map { functions[$0].address }
    var failure: ReadFailure?
    var text: [UInt8]?
    do throws(ReadFailure) {
      text = try tree.probe(probe, sensitivity: .freeText) { () throws(ReadFailure) in
        do throws(Errno) {
          return wanted(try KernelLog.read(), addresses)
        } catch {
          throw ReadFailure(path: "syslog(2)", errno: error)
        }
      }
    } catch {
      if error.cause != .notRecorded { failure = error }
    }
    if text == nil {
      for file in files where text == nil {
        text = try? tree.bytes(file, limit: limit, sensitivity: .freeText)
      }
    }
    for index in unwell {
      if let text {
        let found = reasons(text, functions[index].address)
        functions[index].kernelMessages = found.isEmpty ? nil : found
      } else if let failure {
        functions[index].unknown.append(
          UnknownFact(fact: "kernelMessages", path: failure.path, reason: failure.reason))
      }
    }
  }

  /// The lines that any of the devices needs.
  private static func wanted(_ log: [UInt8], _ addresses: [PCIAddress]) -> [UInt8] {
    var kept: [String] = []
    for address in addresses { kept += mentions(log, address) }
    return Array((kept.joined(separator: "\n") + "\n").utf8)
  }

  /// Lines that name a device: by its address, or by the controller's name that a line with the
  /// address gave it (`nvme nvme1: pci function 0000:21:00.0`).
  private static func mentions(_ log: [UInt8], _ address: PCIAddress) -> [String] {
    let name = address.description
    var other: String?
    var found: [String] = []
    for line in ASCII.lines(log) {
      let text = String(decoding: line, as: UTF8.self)
      if text.contains(name) {
        found.append(text)
        if let range = text.firstRange(of: ": pci function ") {
          other = text[..<range.lowerBound].split(separator: " ").last.map { $0 + ":" }
        }
      } else if let other, text.contains(" " + other) {
        found.append(text)
      }
    }
    return found
  }

  /// The lines that say that something failed, the last few, without time and host.
  static func reasons(_ log: [UInt8], _ address: PCIAddress) -> [String] {
    let failing = mentions(log, address).filter { line in
      let lower = line.lowercased()
      return words.contains { lower.contains($0) }
    }
    return failing.suffix(lines).map { String(message($0).prefix(160)) }
  }

  /// Whether lines say that a driver tried to take the device and gave up: `probe with driver nvme
  /// failed with error -19`, `probe of 0000:21:00.0 failed`, `Removing after probe failure`.
  public static func isFailedProbe(_ messages: [String]) -> Bool {
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

  /// A line without `<3>[   12.345678] ` or `Nov 29 10:00:00 host kernel: [   12.3] ` before it.
  private static func message(_ line: String) -> Substring {
    var rest = line[...]
    if let range = rest.firstRange(of: " kernel: ") { rest = rest[range.upperBound...] }
    if rest.first == "<", let close = rest.firstIndex(of: ">") {
      rest = rest[rest.index(after: close)...]
    }
    if rest.first == "[", let close = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: close)...]
    }
    return rest.drop { $0 == " " }
  }
}

internal import Accelerators
internal import Base
internal import KernelTree
internal import Linux

/// The answer of the `ethtool/INTERFACE` probe: lines of a key, a blank and a value, so that a
/// recording can be read by a person and replayed.
struct EthtoolAnswer: Equatable {
  /// Driver name.
  var driver: String?
  /// Driver version.
  var version: String?
  /// Firmware version.
  var firmware: String?
  /// Channels in use.
  var channels: NIC.Channels?
  /// Most channels there can be.
  var maximum: NIC.Channels?

  /// Asks the kernel. An operation that the driver lacks is left out; EOPNOTSUPP is no failure.
  static func ask(_ interface: String) throws(ReadFailure) -> [UInt8] {
    var lines: [String] = []
    do throws(Errno) {
      let driver = try Ethtool.driver(interface)
      lines.append("driver \(oneLine(driver.name))")
      lines.append("version \(oneLine(driver.version))")
      lines.append("firmware \(oneLine(driver.firmware))")
    } catch {
      try check(error, interface)
    }
    do throws(Errno) {
      let (current, maximum) = try Ethtool.channels(interface)
      lines.append("channels \(text(current))")
      lines.append("channels-maximum \(text(maximum))")
    } catch {
      try check(error, interface)
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Only "this driver has no such operation" passes.
  private static func check(_ failure: Errno, _ interface: String) throws(ReadFailure) {
    if failure == .EOPNOTSUPP { return }
    throw ReadFailure(path: "ethtool/\(interface)", errno: failure)
  }

  private static func text(_ channels: Ethtool.Channels) -> String {
    "rx=\(channels.receive) tx=\(channels.transmit) other=\(channels.other)"
      + " combined=\(channels.combined)"
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Parses the lines. Unknown keys and malformed values are left out.
  init(_ text: [UInt8]) {
    for line in ASCII.lines(text) {
      let parts = line.split(separator: 0x20, maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(decoding: ASCII.trimmed(parts[1]), as: UTF8.self)
      // What drivers without a firmware version write.
      let isNone = value.isEmpty || value.uppercased() == "N/A"
      switch String(decoding: parts[0], as: UTF8.self) {
      case "driver": driver = isNone ? nil : value
      case "version": version = isNone ? nil : value
      case "firmware": firmware = isNone ? nil : value
      case "channels": channels = EthtoolAnswer.channels(value)
      case "channels-maximum": maximum = EthtoolAnswer.channels(value)
      default: break
      }
    }
  }

  private static func channels(_ text: String) -> NIC.Channels? {
    var counts: [Substring: Int] = [:]
    for part in text.split(separator: " ") {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, let count = Int(pair[1]), count >= 0 else { return nil }
      counts[pair[0]] = count
    }
    guard let receive = counts["rx"], let transmit = counts["tx"], let other = counts["other"],
      let combined = counts["combined"]
    else { return nil }
    return NIC.Channels(receive: receive, transmit: transmit, other: other, combined: combined)
  }
}

package import Base
internal import CLinux
internal import Glibc
internal import Linux

/// What a network driver reports about itself through the ethtool ioctl. Needs no privileges.
package enum Ethtool {
  /// The answer to ETHTOOL_GDRVINFO.
  package struct Driver: Hashable, Sendable {
    /// Driver name.
    package var name: String
    /// Driver version; in-tree drivers give the kernel release.
    package var version: String
    /// Firmware version; empty when the driver reports none.
    package var firmware: String
  }

  /// The answer to ETHTOOL_GCHANNELS, one set of counts.
  package struct Channels: Hashable, Sendable {
    /// Receive only.
    package var receive: Int
    /// Transmit only.
    package var transmit: Int
    /// Neither.
    package var other: Int
    /// Receive and transmit together.
    package var combined: Int
  }

  /// Driver and firmware of an interface.
  package static func driver(_ interface: String) throws(Errno) -> Driver {
    var info = ethtool_drvinfo()
    let failure = unsafe tbx_ethtool_driver(interface, &info)
    if failure != 0 { throw Errno(failure) }
    return Driver(
      name: text(of: info.driver), version: text(of: info.version),
      firmware: text(of: info.fw_version))
  }

  /// Channels of an interface: in use, and the most there can be.
  package static func channels(
    _ interface: String
  ) throws(Errno) -> (current: Channels, maximum: Channels) {
    var answer = ethtool_channels()
    let failure = unsafe tbx_ethtool_channels(interface, &answer)
    if failure != 0 { throw Errno(failure) }
    return (
      Channels(
        receive: Int(answer.rx_count), transmit: Int(answer.tx_count),
        other: Int(answer.other_count), combined: Int(answer.combined_count)),
      Channels(
        receive: Int(answer.max_rx), transmit: Int(answer.max_tx), other: Int(answer.max_other),
        combined: Int(answer.max_combined))
    )
  }

  /// A C array of characters, up to its NUL if it has one.
  private static func text<Characters>(of characters: Characters) -> String {
    unsafe withUnsafeBytes(of: characters) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

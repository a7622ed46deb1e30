internal import Base
internal import Inventory

/// What limits TCP between this machine and another one.
enum NetworkCeiling {
  /// Bytes of each packet that are no data of TCP over IPv4: 20 of IP, 20 of TCP, 12 of its timestamps
  /// (RFC 791, 9293, 7323), which Linux sends by default. IPv6 has 20 more (RFC 8200).
  private static func headerBytes(isIPv6: Bool) -> Int { isIPv6 ? 72 : 52 }
  /// What Ethernet adds to each packet: preamble 8, header 14, check sum 4, gap 12 (IEEE 802.3).
  private static let framingBytes = 38

  /// The ceiling of the interfaces that carry the traffic, in bytes a second one way. Several are a bond.
  /// - Parameter missing: why there is none.
  static func ceiling(_ nics: [NIC], peer: String, missing: String) -> BenchmarkCeiling {
    BenchmarkCeiling([limit(nics, isIPv6: peer.contains(":"), missing)])
  }

  private static func limit(_ nics: [NIC], isIPv6: Bool, _ missing: String)
    -> BenchmarkCeiling.Limit
  {
    let name = "link of the network"
    guard !nics.isEmpty else { return .init(name, nil, missing) }
    var sum = 0.0
    var parts: [String] = []
    for nic in nics {
      guard let speed = nic.speedBitsPerSecond, speed > 0 else {
        return .init(name, nil, "\(nic.name) reports no speed")
      }
      let headers = headerBytes(isIPv6: isIPv6)
      guard let mtu = nic.mtuBytes, mtu > headers, mtu <= 1 << 16 else {
        return .init(name, nil, "\(nic.name) reports no usable MTU")
      }
      sum += Double(speed) / 8 * Double(mtu - headers) / Double(mtu + framingBytes)
      parts.append(
        "\(nic.name) \(Units.bitRate(speed)) / 8 x (\(mtu) - \(headers)) / (\(mtu) + \(framingBytes))"
      )
    }
    return .init(name, sum, parts.joined(separator: " + "))
  }
}

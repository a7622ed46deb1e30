/// Decodes the sections of the services, and names those that are none.
struct SectionDecoder: TableDecoder {
  var problems: [ConfigurationProblem] = []
  private var settings = ServiceSettings()
  private let isWhole: Bool

  private init(isWhole: Bool) { self.isWhole = isWhole }

  static func decode(
    _ root: TOMLTable, isWhole: Bool
  ) -> (settings: ServiceSettings, problems: [ConfigurationProblem]) {
    var decoder = SectionDecoder(isWhole: isWhole)
    decoder.each(root, "") { decoder, key, node, path in
      switch key {
      case ConfigurationFiles.placementSection: break
      case "daemon": decoder.daemon(decoder.table(node, path), path)
      case "gateway": decoder.gateway(decoder.table(node, path), path)
      default: return false
      }
      return true
    } known: {
      [ConfigurationFiles.placementSection, "daemon", "gateway"]
    }
    return (decoder.settings, decoder.problems)
  }

  private mutating func daemon(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      switch key {
      case "check-interval":
        if let seconds = decoder.seconds(node, path, 10...604_800) {
          decoder.settings.daemon.checkSeconds = seconds
        }
      case "events":
        if let count = decoder.number(node, path, 100...1_000_000) {
          decoder.settings.daemon.eventCount = count.value
        }
      default: return false
      }
      return true
    } known: {
      ["check-interval", "events"]
    }
  }

  private mutating func gateway(_ table: TOMLTable, _ path: String) {
    each(table, path) { decoder, key, node, path in
      switch key {
      case "listen": decoder.listen(node, path)
      case "tls-certificate": decoder.settings.gateway.certificate = decoder.file(node, path)
      case "tls-key": decoder.settings.gateway.key = decoder.file(node, path)
      default: return false
      }
      return true
    } known: {
      ["listen", "tls-certificate", "tls-key"]
    }
    let gateway = settings.gateway
    if isWhole, (gateway.certificate == nil) != (gateway.key == nil) {
      note(
        gateway.certificate?.position ?? gateway.key?.position, path,
        "'tls-certificate' and 'tls-key' go together")
    }
  }

  private mutating func listen(_ node: TOMLNode, _ path: String) {
    guard case .array(let items) = node.value else {
      expected("a list such as [\"127.0.0.1:8686\"]", node, path)
      return
    }
    settings.gateway.listen = []
    for item in items {
      guard let text = text(item, path) else { continue }
      guard let address = ListenAddress(text.value) else {
        note(
          item.position, path,
          "'\(text.value)' is no address and port such as 127.0.0.1:8686 or [::1]:8686")
        continue
      }
      settings.gateway.listen.append(Setting(address, item.position))
    }
  }

  private mutating func file(_ node: TOMLNode, _ path: String) -> Setting<String>? {
    guard let text = text(node, path) else { return nil }
    if text.value.hasPrefix("/") { return text }
    note(node.position, path, "'\(text.value)' is no absolute path")
    return nil
  }

  /// A time such as `30s`, `15m`, `6h`, `2d`, in seconds.
  private mutating func seconds(
    _ node: TOMLNode, _ path: String, _ range: ClosedRange<Int>
  ) -> Int? {
    guard let text = text(node, path) else { return nil }
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
    guard let unit = text.value.last.flatMap({ units[$0] }),
      let count = UInt32(text.value.dropLast()), range.contains(Int(count) * unit)
    else {
      note(node.position, path, "'\(text.value)' is no time such as 15m, from 10s to 7d")
      return nil
    }
    return Int(count) * unit
  }
}

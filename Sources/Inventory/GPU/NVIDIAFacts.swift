internal import Base
internal import KernelTree

/// What the NVIDIA driver reports about a card without its library: `/proc/driver/nvidia`.
struct NVIDIAFacts {
  var model: String?
  var vbios: String?
  var uuid: String?
  var minor: Int?

  /// The facts of a card; nil when the driver has no folder for it.
  static func read(_ address: PCIAddress, _ facts: inout FactReader) -> NVIDIAFacts? {
    let path = "/proc/driver/nvidia/gpus/\(address)/information"
    // It holds the UUID among the rest.
    return facts.bytes("driverInformation", path, sensitivity: .freeText).map(parse)
  }

  /// Parses `Key: value` lines. The driver writes question marks for what it could not ask the
  /// card.
  static func parse(_ text: [UInt8]) -> NVIDIAFacts {
    var facts = NVIDIAFacts()
    for line in ASCII.lines(text) {
      guard let colon = line.firstIndex(of: 0x3a) else { continue }
      let value = String(decoding: ASCII.trimmed(line[(colon + 1)...]), as: UTF8.self)
      if value.isEmpty || value.contains("??") { continue }
      switch String(decoding: ASCII.trimmed(line[..<colon]), as: UTF8.self) {
      case "Model": facts.model = value
      case "Video BIOS": facts.vbios = value
      case "GPU UUID": facts.uuid = value
      case "Device Minor": facts.minor = Int(value)
      default: break
      }
    }
    return facts
  }

  /// The version in `/proc/driver/nvidia/version`: the first word of its `NVRM version` line that
  /// is numbers and dots.
  static func driverVersion(_ text: ArraySlice<UInt8>) -> String? {
    for line in ASCII.lines(Array(text)) {
      let words = ASCII.fields(line)
      guard words.first?.elementsEqual("NVRM".utf8) == true else { continue }
      for word in words
      where word.contains(0x2e) && word.allSatisfy({ $0 == 0x2e || $0 >= 0x30 && $0 <= 0x39 }) {
        return String(decoding: word, as: UTF8.self)
      }
    }
    return nil
  }
}

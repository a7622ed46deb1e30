internal import Base
internal import KernelTree

/// What `/proc/cpuinfo` has: the fields of the first processor, and which of the identifying fields
/// differ between processors.
struct CPUInfo: Hashable, Sendable {
  /// Fields of the first processor by name, without its long list of flags.
  var first: [String: String] = [:]
  /// Whether there is a line of x86 CPU flags.
  var hasFlags = false
  /// Whether the flag `hypervisor` is among them.
  var hasHypervisorFlag = false
  /// The values of each identifying field that is not the same on all processors, in order of
  /// appearance, at most `mostValues`.
  var differing: [String: [String]] = [:]

  /// Whether this is the cpuinfo of an x86 processor.
  var isX86: Bool { hasFlags && first["vendor_id"] != nil }

  /// The fields that identify a processor, on any architecture.
  static let identifying = [
    "vendor_id", "cpu family", "model", "model name", "stepping", "microcode", "cpu",
    "Processor", "cpu model", "CPU implementer", "CPU part",
  ]
  private static let mostValues = 8

  /// Parses the text in one pass: it has 1.5 KB for each processor.
  init(_ text: [UInt8]) {
    var watched: [(name: [UInt8], value: ArraySlice<UInt8>, key: String)] = []
    var isFirst = true
    var start = text.startIndex
    while start < text.endIndex {
      let end = text[start...].firstIndex(of: 0x0a) ?? text.endIndex
      let line = text[start..<end]
      start = end + 1
      guard !isFirst else {
        if line.isEmpty {
          isFirst = values.isEmpty
          if !isFirst {
            watched = CPUInfo.identifying.compactMap { key in
              values[key].map { (Array(key.utf8), $0, key) }
            }
            first = values.mapValues { String(decoding: $0, as: UTF8.self) }
          }
        } else {
          readFirst(line)
        }
        continue
      }
      for field in watched where line.starts(with: field.name) {
        compare(line, with: field)
      }
    }
    if isFirst { first = values.mapValues { String(decoding: $0, as: UTF8.self) } }
    values = [:]
  }

  /// Values of the first processor as bytes, only while parsing.
  private var values: [String: ArraySlice<UInt8>] = [:]

  private mutating func readFirst(_ line: ArraySlice<UInt8>) {
    guard let colon = line.firstIndex(of: 0x3a) else { return }
    let key = String(decoding: ASCII.trimmed(line[..<colon]), as: UTF8.self)
    let value = ASCII.trimmed(line[(colon + 1)...])
    if key == "flags" {
      hasFlags = true
      hasHypervisorFlag = ASCII.fields(value).contains { $0.elementsEqual("hypervisor".utf8) }
    } else if values[key] == nil, !value.isEmpty {
      values[key] = value
    }
  }

  private mutating func compare(
    _ line: ArraySlice<UInt8>, with field: (name: [UInt8], value: ArraySlice<UInt8>, key: String)
  ) {
    guard let colon = line.firstIndex(of: 0x3a),
      ASCII.trimmed(line[..<colon]).count == field.name.count
    else { return }
    let value = ASCII.trimmed(line[(colon + 1)...])
    if value.elementsEqual(field.value) { return }
    let text = String(decoding: value, as: UTF8.self)
    var seen = differing[field.key] ?? [String(decoding: field.value, as: UTF8.self)]
    if !seen.contains(text), seen.count < CPUInfo.mostValues { seen.append(text) }
    differing[field.key] = seen
  }
}

extension CollectionContext {
  /// Where the processors describe themselves.
  static let cpuInfoPath = "/proc/cpuinfo"

  /// `/proc/cpuinfo`, read at the first call.
  mutating func cpuInfo() -> Result<CPUInfo, ReadFailure> {
    if let reading = cpuInfoReading { return reading }
    let reading: Result<CPUInfo, ReadFailure>
    do throws(ReadFailure) {
      // 8,192 CPUs with 2 KB each are 16 MiB.
      let path = CollectionContext.cpuInfoPath
      reading = .success(CPUInfo(try tree.bytes(path, limit: 64 << 20)))
    } catch {
      reading = .failure(error)
    }
    cpuInfoReading = reading
    return reading
  }
}

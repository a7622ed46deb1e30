internal import Base

/// The lines of a kernel's log that name some devices.
///
/// A log may have many megabytes, and a caller waits for it: bytes are compared, once for all
/// devices, and only lines that name one become text.
struct KernelLogLines {
  /// The lines of each device, in the log's order.
  private(set) var byDevice: [PCIAddress: [String]] = [:]
  /// All of them, each once.
  private(set) var all: [String] = []

  private let devices: [(address: PCIAddress, text: [UInt8])]
  /// Names of controllers that a line with an address gave: `nvme nvme1: pci function 0000:21:00.0`.
  private var names: [(name: ArraySlice<UInt8>, device: Int)] = []
  /// Devices that the line names which is being read.
  private var hits: [Int] = []

  private static let naming = Array(" pci function ".utf8)
  private static let boot = Array("Linux version ".utf8)

  /// Reads a log.
  init(_ log: [UInt8], of addresses: [PCIAddress]) {
    devices = addresses.map { ($0, Array($0.description.utf8)) }
    var start = log.startIndex
    var word = start
    for position in log.indices {
      switch log[position] {
      case 0x0a:
        finish(log[start..<position])
        start = position + 1
        word = start
      case 0x20: word = position + 1
      case 0x2e: findAddress(log, from: start, dot: position)
      case 0x3a where !names.isEmpty: findName(log, word..<position)
      case 0x4c: forgetFormerBoot(log, from: start, position)
      default: break
      }
    }
    finish(log[start...])
  }

  /// The lines as a log of their own.
  var bytes: [UInt8] { all.flatMap { Array($0.utf8) + [0x0a] } }

  /// An address counts where none but its own digits are around it: `10000:41:00.0`, behind a VMD, is
  /// another device than `0000:41:00.0`.
  private mutating func findAddress(_ log: [UInt8], from start: Int, dot: Int) {
    guard dot - start >= 3, log[dot - 3] == 0x3a else { return }
    for (index, device) in devices.enumerated() {
      let begin = dot + 2 - device.text.count
      let end = dot + 2
      guard begin >= start, end <= log.endIndex, log[begin..<end].elementsEqual(device.text),
        begin == start || ASCII.hexDigit(log[begin - 1]) == nil,
        end == log.endIndex || ASCII.hexDigit(log[end]) == nil
      else { continue }
      if !hits.contains(index) { hits.append(index) }
    }
  }

  /// A name is its device's until a line gives it to another one.
  private mutating func findName(_ log: [UInt8], _ word: Range<Int>) {
    guard let found = names.firstIndex(where: { $0.name.elementsEqual(log[word]) }) else { return }
    if log[(word.upperBound + 1)...].starts(with: KernelLogLines.naming) {
      names.remove(at: found)
    } else if !hits.contains(names[found].device) {
      hits.append(names[found].device)
    }
  }

  /// Each boot begins with this line: what a logger kept from before it is of another boot.
  private mutating func forgetFormerBoot(_ log: [UInt8], from start: Int, _ position: Int) {
    guard log[position...].starts(with: KernelLogLines.boot),
      KernelMessages.message(String(decoding: log[start..<position], as: UTF8.self)).isEmpty
    else { return }
    byDevice = [:]
    all = []
    names = []
  }

  private mutating func finish(_ line: ArraySlice<UInt8>) {
    if hits.isEmpty { return }
    let text = String(decoding: line, as: UTF8.self)
    all.append(text)
    for device in hits { byDevice[devices[device].address, default: []].append(text) }
    if hits.count == 1, let range = text.firstRange(of: ": pci function "),
      let name = text[..<range.lowerBound].split(separator: " ").last
    {
      let device = hits[0]
      names.removeAll { $0.device == device }
      names.append((Array(name.utf8)[...], device))
    }
    hits = []
  }
}

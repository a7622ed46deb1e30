internal import Base

/// The `uevent` file of a PCI function: identity and driver in one read.
struct PCIUevent: Equatable {
  /// `DRIVER`.
  var driver: String?
  /// `PCI_CLASS`.
  var classCode: UInt32?
  /// `PCI_ID`.
  var ids: Pair?
  /// `PCI_SUBSYS_ID`.
  var subsystem: Pair?

  /// A vendor's number and one of its own.
  struct Pair: Equatable {
    var vendor: UInt16
    var device: UInt16
  }

  /// Lines `KEY=VALUE`; keys it does not know are left out.
  init(_ text: ArraySlice<UInt8>) {
    for line in text.split(separator: 0x0a) {
      guard let equals = line.firstIndex(of: 0x3d) else { continue }
      let value = ASCII.trimmed(line[(equals + 1)...])
      switch line.count {
      case _ where line.starts(with: "DRIVER=".utf8):
        driver = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
      case _ where line.starts(with: "PCI_CLASS=".utf8):
        classCode = ASCII.hexadecimal(value).flatMap(UInt32.init(exactly:))
          .flatMap { $0 <= 0xff_ffff ? $0 : nil }
      case _ where line.starts(with: "PCI_ID=".utf8): ids = PCIUevent.pair(value)
      case _ where line.starts(with: "PCI_SUBSYS_ID=".utf8): subsystem = PCIUevent.pair(value)
      default: continue
      }
    }
  }

  private static func pair(_ text: ArraySlice<UInt8>) -> Pair? {
    let numbers = text.split(separator: 0x3a, omittingEmptySubsequences: false)
      .compactMap(ASCII.hexadecimal).compactMap(UInt16.init(exactly:))
    return numbers.count == 2 ? Pair(vendor: numbers[0], device: numbers[1]) : nil
  }
}

internal import Base

/// One pass over the text of `pci.ids`.
///
/// Vendors start at the margin (`1002  AMD`), their devices after a tab, the subsystems of a
/// device after two (`\t\t1da2 e471  Name`). Classes are alike, below `C 03  Name`.
enum PCINamesScanner {
  /// Calls `found` with each wanted line: what it names, the name, and the line.
  static func scan(
    _ text: [UInt8], _ wanted: PCINames.Wanted,
    found: (PCINames.Key, ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void
  ) {
    var state = State(wanted: wanted)
    var start = 0
    while start < text.count {
      let end = ASCII.endOfLine(text, from: start)
      // Nearly all lines belong to a vendor that is not wanted.
      let isWanted = text[start] != 0x09 || state.wantsChildren
      if isWanted, let (key, name) = state.read(text[start..<end]) {
        found(key, ASCII.trimmed(text[name..<end]), text[start..<end])
      }
      start = end + 1
    }
  }

  /// The vendor or class, and the device or subclass, that the next line belongs to.
  private struct State {
    let wanted: PCINames.Wanted
    private var vendor: UInt16 = 0
    private var devices: Set<UInt16> = []
    private var device: UInt16 = 0
    private var subsystems: Set<UInt32> = []
    private var baseClass: UInt8 = 0
    private var classes: Set<UInt32> = []
    private var subclass: UInt16 = 0
    private(set) var wantsChildren = false

    init(wanted: PCINames.Wanted) { self.wanted = wanted }

    /// What a line names, when that is wanted, and where the name starts.
    mutating func read(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      let start = line.startIndex
      // Comments stand between the lines of a vendor too.
      guard line.count > 4, line[start] != 0x23 else { return nil }
      if line[start] != 0x09 {
        devices = []
        classes = []
        subsystems = []
        wantsChildren = false
        return line[start] == 0x43 && line[start + 1] == 0x20 ? readClass(line) : readVendor(line)
      }
      let isSecond = line[start + 1] == 0x09
      if !classes.isEmpty {
        return isSecond ? readInterface(line.dropFirst(2)) : readSubclass(line.dropFirst())
      }
      return isSecond ? readSubsystem(line.dropFirst(2)) : readDevice(line.dropFirst())
    }

    private mutating func readVendor(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      guard let id = number(line, digits: 4).flatMap(UInt16.init(exactly:)),
        let wantedDevices = wanted.devices[id]
      else { return nil }
      vendor = id
      devices = wantedDevices
      wantsChildren = !devices.isEmpty
      return (.vendor(id), line.startIndex + 4)
    }

    private mutating func readDevice(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      subsystems = []
      guard let id = number(line, digits: 4).flatMap(UInt16.init(exactly:)), devices.contains(id)
      else { return nil }
      device = id
      subsystems = wanted.subsystems[UInt32(vendor) << 16 | UInt32(id)] ?? []
      return (.device(vendor, id), line.startIndex + 4)
    }

    private func readSubsystem(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      guard !subsystems.isEmpty, let board = number(line, digits: 4),
        let model = number(line.dropFirst(5), digits: 4), subsystems.contains(board << 16 | model)
      else { return nil }
      return (
        .subsystem(
          vendor, device, UInt16(truncatingIfNeeded: board), UInt16(truncatingIfNeeded: model)),
        line.startIndex + 9
      )
    }

    private mutating func readClass(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      guard let id = number(line.dropFirst(2), digits: 2).flatMap(UInt8.init(exactly:)),
        let wantedClasses = wanted.classes[id]
      else { return nil }
      baseClass = id
      classes = wantedClasses
      wantsChildren = true
      return (.baseClass(id), line.startIndex + 4)
    }

    private mutating func readSubclass(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      guard let id = number(line, digits: 2) else { return nil }
      subclass = UInt16(baseClass) << 8 | UInt16(truncatingIfNeeded: id)
      guard classes.contains(where: { $0 >> 8 == UInt32(subclass) }) else { return nil }
      return (.subclass(subclass), line.startIndex + 2)
    }

    private func readInterface(_ line: ArraySlice<UInt8>) -> (PCINames.Key, Int)? {
      guard let id = number(line, digits: 2) else { return nil }
      let code = UInt32(subclass) << 8 | id
      return classes.contains(code) ? (.interface(code), line.startIndex + 2) : nil
    }

    /// Exactly so many hexadecimal digits, and a blank.
    private func number(_ line: ArraySlice<UInt8>, digits: Int) -> UInt32? {
      guard line.count > digits, ASCII.isBlank(line[line.startIndex + digits]) else { return nil }
      var value: UInt32 = 0
      for byte in line.prefix(digits) {
        guard let digit = ASCII.hexDigit(byte) else { return nil }
        value = value << 4 | UInt32(digit)
      }
      return value
    }
  }
}

package import KernelTree

/// Names of PCI vendors, devices, subsystems and classes, from a `pci.ids` file.
///
/// The file has some 40,000 lines and a box some 50 kinds of device: the names wanted are found in
/// one pass over the text, without keeping the others.
public struct PCINames: Sendable {
  /// Where distributions keep the file.
  public static let paths = [
    "/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids", "/usr/share/pci.ids",
  ]
  /// Four times today's size: larger is another file.
  private static let limit = 8 << 20

  private enum Source: Sendable {
    case text([UInt8])
    case tree(KernelTree)
    case machine
  }
  private let source: Source

  private init(_ source: Source) { self.source = source }

  /// The names of this machine's file. What was found once is kept as long as the file stays the
  /// same: a program that reads again and again looks a name up once.
  public static let ofThisMachine = PCINames(.machine)

  /// No names.
  package init() { source = .text([]) }

  /// The names of a file's text.
  package init(text: [UInt8]) { source = .text(text) }

  /// The names of the first file found in a tree: read when names are wanted, not before.
  package init(tree: KernelTree) { source = .tree(tree) }

  /// The text of the file; empty without one.
  public var text: [UInt8] {
    switch source {
    case .text(let text): text
    case .tree(let tree): PCINames.read(tree) ?? []
    case .machine: PCINames.read(.live) ?? []
    }
  }

  /// The first `pci.ids` of a tree.
  package static func read(_ tree: KernelTree) -> [UInt8]? {
    for path in paths {
      if let text = try? tree.bytes(path, limit: limit), !text.isEmpty { return text }
    }
    return nil
  }

  /// The names of some ids.
  package func resolve(_ wanted: Wanted) -> Resolved {
    if case .machine = source { return PCINameMemory.shared.resolve(wanted) { text } }
    return PCINames.resolve(text: text, wanted: wanted)
  }

  /// The names of some ids in a text.
  package static func resolve(text: [UInt8], wanted: Wanted) -> Resolved {
    var names = Resolved()
    PCINamesScanner.scan(text, wanted) { key, name, _ in
      // The first line wins, should a text have two.
      if names.byKey[key] == nil { names.byKey[key] = String(decoding: name, as: UTF8.self) }
    }
    return names
  }

  /// A `pci.ids` with only the lines that name some ids, so that a recording can carry it.
  package static func subset(text: [UInt8], wanted: Wanted) -> [UInt8] {
    var lines: [UInt8] = []
    PCINamesScanner.scan(text, wanted) { _, _, line in
      lines += line
      lines.append(0x0a)
    }
    return lines
  }

  /// What a line of the file names.
  enum Key: Hashable, Sendable {
    case vendor(UInt16)
    case device(UInt16, UInt16)
    case subsystem(UInt16, UInt16, UInt16, UInt16)
    /// Class, then class and subclass, then those and the programming interface.
    case baseClass(UInt8)
    case subclass(UInt16)
    case interface(UInt32)
  }

  /// The ids that names are wanted for.
  public struct Wanted: Hashable, Sendable {
    var devices: [UInt16: Set<UInt16>] = [:]
    var subsystems: [UInt32: Set<UInt32>] = [:]
    var classes: [UInt8: Set<UInt32>] = [:]

    /// None.
    package init() {}

    /// The ids of some functions.
    package init(_ functions: some Sequence<PCIFunction>) {
      for function in functions { insert(function.identity) }
    }

    /// Adds the ids of a function.
    package mutating func insert(_ identity: PCIIdentity) {
      if let code = identity.classCode {
        classes[UInt8(truncatingIfNeeded: code >> 16), default: []].insert(code & 0xff_ffff)
      }
      // Vendors without wanted devices are wanted for their own name.
      if let board = identity.subsystemVendorID { devices[board, default: []].formUnion([]) }
      guard let vendor = identity.vendorID else { return }
      devices[vendor, default: []].formUnion(identity.deviceID.map { [$0] } ?? [])
      guard let device = identity.deviceID, let board = identity.subsystemVendorID,
        let model = identity.subsystemID
      else { return }
      subsystems[UInt32(vendor) << 16 | UInt32(device), default: []]
        .insert(UInt32(board) << 16 | UInt32(model))
    }
  }

  /// Names found.
  public struct Resolved: Sendable {
    var byKey: [Key: String] = [:]

    /// Puts the names of a function's ids next to them.
    package func apply(to identity: inout PCIIdentity) {
      if let code = identity.classCode {
        // Nothing but the class itself is named for a subclass the file does not know.
        identity.className =
          byKey[.subclass(UInt16(truncatingIfNeeded: code >> 8))]
          ?? byKey[.baseClass(UInt8(truncatingIfNeeded: code >> 16))]
        identity.programmingInterfaceName = byKey[.interface(code & 0xff_ffff)]
      }
      identity.subsystemVendorName = identity.subsystemVendorID.flatMap { byKey[.vendor($0)] }
      guard let vendor = identity.vendorID else { return }
      identity.vendorName = byKey[.vendor(vendor)]
      guard let device = identity.deviceID else { return }
      identity.deviceName = byKey[.device(vendor, device)]
      guard let board = identity.subsystemVendorID, let model = identity.subsystemID else { return }
      identity.subsystemName = byKey[.subsystem(vendor, device, board, model)]
    }
  }
}

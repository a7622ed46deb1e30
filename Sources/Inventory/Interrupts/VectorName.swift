/// What the name of a handler shows about the vector: drivers name their vectors after the queue
/// they serve, each in its own way.
struct VectorName: Equatable {
  /// What it serves.
  var role: Interrupt.Role
  /// Queue number.
  var queue: Int?
  /// Whether drivers that use this name leave the affinity to the kernel (managed interrupts).
  var isManaged = false

  /// Reads a handler's name.
  /// - Parameters:
  ///   - action: the name, such as `eth3-TxRx-1`, `nvme0q3`, `mlx5_comp3@pci:0000:21:00.0`.
  ///   - interfaces: names of the network interfaces of the device.
  ///   - driver: the device's driver.
  init(_ action: String, interfaces: [String] = [], driver: String? = nil) {
    // What follows is the PCI address: `@pci:0000:21:00.0`, `[0000:00:17.0]`.
    let name = String(action.prefix { $0 != "@" && $0 != "[" })
    if let found = VectorName.nvme(name) ?? VectorName.virtio(name) {
      self = found
      return
    }
    // What such a vector serves depends on the others: see `PlainVectors`.
    if let number = PlainVectors.number(name, interfaces: interfaces) {
      self.init(role: number == nil ? .control : .queue, queue: number)
      return
    }
    switch driver {
    case "amdgpu", "radeon", "nvidia", "nouveau", "i915", "xe", "pcieport":
      self.init(role: .control)
      return
    default: break
    }
    if VectorName.portServices.contains(name) {
      self.init(role: .control)
      return
    }
    self = VectorName.generic(name)
  }

  private init(role: Interrupt.Role, queue: Int? = nil, isManaged: Bool = false) {
    self.role = role
    self.queue = queue
    self.isManaged = isManaged
  }

  /// Handlers of bridges and of the IOMMU.
  private static let portServices: Set<String> = [
    "PCIe PME", "aerdrv", "pciehp", "pcie-dpc", "PCIe BW_notif", "PCIe bwctrl", "AMD-Vi", "shpchp",
  ]

  /// `nvme0q0` is the admin queue, `nvme0q3` the third I/O queue.
  private static func nvme(_ name: String) -> VectorName? {
    guard name.hasPrefix("nvme") else { return nil }
    let parts = name.dropFirst(4).split(separator: "q", omittingEmptySubsequences: false)
    guard parts.count == 2, Int(parts[0]) != nil, let queue = Int(parts[1]), queue >= 0
    else { return nil }
    return queue == 0
      ? VectorName(role: .admin, queue: 0)
      : VectorName(role: .queue, queue: queue, isManaged: true)
  }

  /// `virtio2-input.0`, `virtio1-req.3`, `virtio2-config`.
  private static func virtio(_ name: String) -> VectorName? {
    guard name.hasPrefix("virtio"), let dash = name.firstIndex(of: "-"),
      Int(name[..<dash].dropFirst(6)) != nil
    else { return nil }
    let parts = name[name.index(after: dash)...].split(separator: ".", maxSplits: 1)
    let queue = parts.count == 2 ? Int(parts[1]) : nil
    switch parts.first {
    case "config", "control", "ctrl", "event", "events", "cursor":
      return VectorName(role: .control)
    case "input", "output", "rx", "tx": return VectorName(role: .queue, queue: queue)
    case "req", "request":
      return VectorName(role: .queue, queue: queue, isManaged: true)
    // `requests` is the file sharing driver's (9p), which leaves its affinity alone.
    case "virtqueues", "requests": return VectorName(role: .queue)
    default: return VectorName(role: .other, queue: queue)
    }
  }

  /// Words that name a queue when a number follows, and words that never carry data.
  private static let queueWords: Set<String> = [
    "txrx", "rxtx", "rx", "tx", "comp", "fp", "q", "queue", "blk", "ring", "msix", "input",
    "output", "io", "rxq", "txq",
  ]
  private static let controlWords: Set<String> = [
    "async", "mgmnt", "mgmt", "hwc", "misc", "event", "config", "ctrl", "control", "mbx",
    "mailbox", "aq", "adminq", "link", "other", "lsc", "slowpath", "sp", "mbox",
  ]

  /// The rest: words and numbers between dashes, underscores, dots and colons.
  private static func generic(_ name: String) -> VectorName {
    var words: [String] = []
    for part in name.split(whereSeparator: { "-_.: ".contains($0) }) {
      // `comp3`, `blk0`, `Rx7`: a word with its number.
      let digits = part.reversed().prefix { $0.isASCII && $0.isNumber }.count
      let letters = part.dropLast(digits).lowercased()
      if !letters.isEmpty { words.append(letters) }
      if digits > 0 { words.append(String(part.suffix(digits))) }
    }
    if let last = words.last, let queue = Int(last) {
      let before = words.dropLast().last
      if let before, queueWords.contains(before) { return VectorName(role: .queue, queue: queue) }
      // `mlx4-3`: mlx4_core has no word for its completion vectors.
      if words.count == 3, words[0] == "mlx", words[1] == "4" {
        return VectorName(role: .queue, queue: queue)
      }
    }
    if words.contains(where: controlWords.contains) { return VectorName(role: .control) }
    return VectorName(role: .other)
  }
}

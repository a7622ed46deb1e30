internal import Accelerators
package import Base
internal import Inventory
internal import KernelTree
internal import Linux
package import Placement
internal import Systemd

/// The running machine.
package final class LiveTree: WritableTree {
  private let kernel = KernelTree.live
  /// Process id of the irqbalance to talk to.
  private let irqbalance: Int?

  /// The running machine.
  /// - Parameter irqbalance: process id of irqbalance, where it runs.
  package init(irqbalance: Int? = nil) { self.irqbalance = irqbalance }

  /// The boot this is.
  package func bootID() throws -> String {
    try reading { () throws(ReadFailure) in
      try kernel.text("/proc/sys/kernel/random/boot_id")
    }
  }

  /// Whether an interrupt still belongs to its device and handler, and a unit is still known.
  package func isPresent(_ knob: Knob) throws -> Bool {
    if let unit = knob.unit {
      return try asking { () throws(LibraryError) in try UnitProperties.isLoaded(unit) }
    }
    if knob.isPower, let device = knob.device {
      return kernel.exists("/sys/bus/pci/devices/\(device)/driver")
    }
    guard let number = knob.interrupt, let device = knob.device, let action = knob.action else {
      return knob.path.map { kernel.exists($0) } ?? true
    }
    let handlers = kernel.namesIfPresent("/proc/irq/\(number)")
    let names = action.split(separator: "#").first.map(String.init) ?? action
    let wanted = Set(names.split(separator: ",").map(String.init) + [names, action])
    if !handlers.contains(where: wanted.contains) { return false }
    // A function with a pin has no such folder; one with messages lists each.
    let messages = "/sys/bus/pci/devices/\(device)/msi_irqs"
    return kernel.exists("\(messages)/\(number)") || !kernel.exists(messages)
  }

  /// What the knob holds.
  package func read(_ knob: Knob) throws -> [UInt8] {
    switch knob.kind {
    case .interrupt, .file:
      return try reading { () throws(ReadFailure) in try kernel.bytes(knob.path ?? "") }
    case .channels:
      let channels = try calling { () throws(Errno) in
        try Ethtool.channels(knob.interface ?? "").current
      }
      return Array("\(channels.combined)".utf8)
    case .unit:
      let bytes = try asking { () throws(LibraryError) in
        try UnitProperties.bytes(knob.property ?? "", of: knob.unit ?? "")
      }
      return Array(NumberSet(bits: bytes).description.utf8)
    case .irqbalance:
      let pid = try balancer()
      let setup = try calling { () throws(Errno) in try IRQBalanceSocket.setup(pid: pid) }
      guard let banned = IRQBalanceSocket.banned(in: setup) else {
        throw KnobFailure(reason: "irqbalance gave an unexpected answer")
      }
      return Array(banned.description.utf8)
    case .powerCap: return try PowerCap(knob, kernel).read()
    case .persistence: return try PersistenceMode(knob).read()
    }
  }

  /// Sets the knob.
  package func write(_ value: String, to knob: Knob) throws {
    switch knob.kind {
    case .interrupt, .file:
      try calling { () throws(Errno) in try KernelFileWriter.write(value, to: knob.path ?? "") }
    case .channels:
      guard let count = UInt32(value) else { throw KnobFailure(reason: "'\(value)' is no number") }
      try calling { () throws(Errno) in
        try EthtoolWriter.setCombined(knob.interface ?? "", count)
      }
    case .unit:
      let bits = NumberSet(list: value)?.bits ?? []
      try asking { () throws(LibraryError) in
        try UnitPropertyWriter.set(knob.property ?? "", to: bits, of: knob.unit ?? "")
      }
    case .irqbalance:
      let pid = try balancer()
      let numbers = NumberSet(list: value)?.numbers ?? []
      try calling { () throws(Errno) in try IRQBalanceWriter.ban(numbers, pid: pid) }
    case .powerCap: try PowerCap(knob, kernel).write(value)
    case .persistence: try PersistenceMode(knob).write(value)
    }
  }

  /// Where an interrupt is delivered; what a unit is granted.
  package func effective(_ knob: Knob) throws -> String? {
    switch knob.kind {
    case .interrupt:
      return kernel.textIfPresent("/proc/irq/\(knob.interrupt ?? 0)/effective_affinity_list")
    case .unit:
      let group = try asking { () throws(LibraryError) in
        try UnitProperties.controlGroup(of: knob.unit ?? "")
      }
      // A slice without processes has no group yet.
      if group.isEmpty { return nil }
      let file = knob.property == "AllowedCPUs" ? "cpuset.cpus.effective" : "cpuset.mems.effective"
      return kernel.textIfPresent("/sys/fs/cgroup\(group)/\(file)")
    case .file, .channels, .irqbalance, .powerCap, .persistence: return nil
    }
  }

  /// Whether a function has a network driver and no interface that this network shows.
  package func isInOtherNetwork(_ device: PCIAddress) -> Bool {
    let folder = "/sys/bus/pci/devices/\(device)"
    guard let driver = try? kernel.linkName("\(folder)/driver"), !HandedOn.isHandedOn(driver) else {
      return false
    }
    let children = kernel.namesIfPresent(folder).filter { $0.hasPrefix("virtio") }
    return (["net"] + children.map { "\($0)/net" }).allSatisfy {
      kernel.namesIfPresent("\(folder)/\($0)").isEmpty
    }
  }

  /// Whether an interface is the one of a function. With virtio a device lies in between.
  package func isInterface(_ name: String, of device: PCIAddress) -> Bool {
    guard let path = try? kernel.realPath("/sys/class/net/\(name)/device") else { return false }
    return path.split(separator: "/").contains { $0 == device.description }
  }

  /// The bytes of the ledger.
  package func loadLedger() throws -> [UInt8]? {
    do throws(ReadFailure) {
      return try kernel.bytes(Ledger.path, limit: 64 << 20)
    } catch {
      if error.cause == .notFound { return nil }
      throw KnobFailure(errno: error.cause.errno, reason: error.reason)
    }
  }

  /// Replaces the ledger.
  package func storeLedger(_ content: [UInt8]) throws {
    do throws(Failure) {
      try DurableFile.write(content, to: Ledger.path)
    } catch {
      throw KnobFailure(errno: error.errno, reason: error.description)
    }
  }

  /// Runs `body` while no other process applies or rolls back.
  package static func locked<Value>(_ body: () throws -> Value) throws -> Value {
    do throws(Failure) {
      try DurableFile.makeFolder(Ledger.folder)
    } catch {
      throw error.with(code: .conflict)
    }
    let lock: FileLock
    do throws(Errno) {
      lock = try FileLock(Ledger.folder + "/placement.lock")
    } catch {
      if error == .EAGAIN {
        throw Failure(
          "change the placement", because: "another tinybox is doing it at this moment",
          hint: "wait for it to end, and try again", code: .busy)
      }
      throw Failure("lock \(Ledger.folder)/placement.lock", error, code: .conflict)
    }
    removeLeftovers()
    let value = try body()
    _ = consume lock
    return value
  }

  /// Ledgers that a killed process was writing aside: under the lock nobody writes one now.
  private static func removeLeftovers() {
    for name in KernelTree.live.namesIfPresent(Ledger.folder)
    where name.hasPrefix(".placement.ledger.") && name.hasSuffix(".tmp") {
      try? DurableFile.remove("\(Ledger.folder)/\(name)")
    }
  }

  // MARK: failures

  private func balancer() throws -> Int {
    guard let irqbalance else {
      throw KnobFailure(errno: .ENOENT, reason: "irqbalance does not run")
    }
    return irqbalance
  }

  private func reading<Value>(_ body: () throws(ReadFailure) -> Value) throws -> Value {
    do throws(ReadFailure) {
      return try body()
    } catch {
      throw KnobFailure(errno: error.cause.errno, reason: error.reason)
    }
  }

  private func calling<Value>(_ body: () throws(Errno) -> Value) throws -> Value {
    do throws(Errno) {
      return try body()
    } catch {
      // The kernel's own words: for a setting EIO is "may not", not a device that is gone.
      throw KnobFailure(errno: error, reason: "\(error) (errno \(error.number))")
    }
  }

  private func asking<Value>(_ body: () throws(LibraryError) -> Value) throws -> Value {
    do throws(LibraryError) {
      return try body()
    } catch {
      // The bus library answers with negative errnos.
      if case .status(_, let code, let meaning) = error, code < 0 {
        throw KnobFailure(errno: Errno(Int32(clamping: -code)), reason: meaning)
      }
      throw KnobFailure(reason: error.description)
    }
  }
}

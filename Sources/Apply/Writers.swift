internal import Base
internal import CLinux
internal import Glibc
internal import Linux
internal import Systemd

// All calls that change the machine, one kind of setting each.

/// Settings of the kernel that are files.
enum KernelFileWriter {
  /// Writes a value in one call: the kernel takes each call for a whole value.
  static func write(_ value: String, to path: String) throws(Errno) {
    let descriptor = unsafe tbx_open_write(path)
    guard descriptor >= 0 else { throw Errno(errno) }
    defer { close(descriptor) }
    let bytes = Array((value + "\n").utf8)
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
    }
    if count < 0 { throw Errno(errno) }
    if count != bytes.count { throw Errno.EIO }
  }
}

/// Settings of a network driver (ethtool).
enum EthtoolWriter {
  /// Sets the number of combined channels. Resets the link, and makes the interrupts anew.
  static func setCombined(_ interface: String, _ count: UInt32) throws(Errno) {
    let failure = unsafe tbx_ethtool_set_combined(interface, count)
    if failure != 0 { throw Errno(failure) }
  }
}

/// Properties of systemd units.
enum UnitPropertyWriter {
  /// Sets a property of bytes until the next boot (`systemctl set-property --runtime`). None at
  /// all takes the setting away.
  static func set(
    _ property: String, to bytes: [UInt8], of unit: String, seconds: Int = 10,
    open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) {
    try UnitProperties.within(seconds) { () throws(LibraryError) in
      let bus = try open()
      let message = try bus.method(
        "SetUnitProperties", of: SystemManager.interface, at: SystemManager.path,
        SystemManager.destination)
      try message.append(unit)
      try message.append(true)
      try message.append(.array, "(sv)") { () throws(LibraryError) in
        try message.append(.structure, "sv") { () throws(LibraryError) in
          try message.append(property)
          try message.append(.variant, "ay") { () throws(LibraryError) in
            try message.append(bytes)
          }
        }
      }
      _ = try bus.call(message, seconds: seconds)
    }
  }
}

/// The list of interrupts that a running irqbalance leaves alone.
enum IRQBalanceWriter {
  /// Replaces the list.
  /// - Throws: as `IRQBalanceSocket.talk`; EMSGSIZE for a list that irqbalance would drop unread.
  static func ban(
    _ interrupts: [Int], pid: Int, folder: String = IRQBalanceSocket.folder, owner: UInt32 = 0,
    seconds: Double = IRQBalanceSocket.seconds
  ) throws(Errno) {
    let list = interrupts.isEmpty ? "NONE" : interrupts.map(String.init).joined(separator: " ")
    // It closes the connection when it has done what was asked.
    _ = try IRQBalanceSocket.talk(
      "settings ban irqs \(list)", pid: pid, folder: folder, owner: owner, seconds: seconds)
  }
}

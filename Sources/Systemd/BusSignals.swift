internal import CSystemd
internal import Glibc
package import Linux

/// A signal that came over a bus.
package struct BusSignal: Hashable, Sendable {
  /// The object it is about.
  package var path: String
  /// Its interface, `org.freedesktop.systemd1.Manager`.
  package var interface: String
  /// Its name, `JobRemoved`.
  package var member: String
  /// Its arguments up to the first that is a container, as text: `JobRemoved` has the job's number
  /// and path, the unit's name and the result.
  package var arguments: [String]

  /// A signal with its arguments.
  package init(path: String, interface: String, member: String, arguments: [String]) {
    self.path = path
    self.interface = interface
    self.member = member
    self.arguments = arguments
  }
}

/// A connection on which signals of systemd's manager arrive, to be polled.
///
/// The order: poll `descriptor`, for writing too where `wantsWriting` says so, no longer than
/// `seconds`; then call `next` until it gives nil. Signals may wait inside the library, so `next`
/// is called to its nil before the first poll as well.
package struct BusSignals: ~Copyable {
  /// The signals of the manager, and their interfaces: units that come and go, and jobs that end
  /// (with `done`, `failed`, `canceled`, ...). `done` says that a job was carried out: a
  /// `Type=simple` service that ends at once with an error has one too. Properties are reported
  /// when the number of failed units has changed, and hardly else (manager_update_failed_units in
  /// systemd's src/core/manager.c).
  package static let members = [
    "UnitNew": SystemManager.interface, "UnitRemoved": SystemManager.interface,
    "JobRemoved": SystemManager.interface, "PropertiesChanged": "org.freedesktop.DBus.Properties",
  ]

  private let bus: SystemBus
  private let isBus: Bool
  /// Objects of units that are watched.
  private var units: Set<String> = []

  /// Asks for the signals on a connection.
  /// - Parameters:
  ///   - bus: a connection of its own, to the bus or straight to systemd.
  ///   - isBus: whether it goes to a bus, which forwards only what is asked for.
  ///   - seconds: how long each of the calls may take.
  /// - Throws: `LibraryError`, among others when nobody on the bus is systemd.
  package init(
    _ bus: consuming SystemBus, isBus: Bool, seconds: Int = 5
  ) throws(LibraryError) {
    if isBus {
      // First the rules: a signal between the two calls is not lost.
      for (member, interface) in BusSignals.members {
        try BusSignals.match(interface, member, SystemManager.path, bus, seconds)
      }
    }
    // Without it the manager sends no signals of units.
    let subscribe = try bus.method(
      "Subscribe", of: SystemManager.interface, at: SystemManager.path, SystemManager.destination)
    _ = try bus.call(subscribe, seconds: seconds)
    self.bus = bus
    self.isBus = isBus
  }

  /// Also asks for changes of the state of a unit, which the manager reports as properties of the unit's object
  /// that have changed. A unit that is watched already stays so.
  package mutating func watch(
    unit: String, seconds: Int = 5
  ) throws(LibraryError) {
    let path = BusSignals.path(ofUnit: unit)
    if units.contains(path) { return }
    if isBus {
      try BusSignals.match(
        "org.freedesktop.DBus.Properties", "PropertiesChanged", path, bus, seconds)
    }
    units.insert(path)
  }

  /// The object of a unit: every byte but letters and digits is written as `_` and two hexadecimal digits, a
  /// leading digit too (bus_label_escape in systemd's src/basic/bus-label.c).
  package static func path(ofUnit unit: String) -> String {
    var label = ""
    for (index, byte) in unit.utf8.enumerated() {
      let isLetter = (0x61...0x7a).contains(byte | 0x20)
      let isDigit = (0x30...0x39).contains(byte)
      if isLetter || (isDigit && index > 0) {
        label.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16)
        label += byte < 16 ? "_0\(digits)" : "_\(digits)"
      }
    }
    return "\(SystemManager.path)/unit/\(label.isEmpty ? "_" : label)"
  }

  /// AddMatch (D-Bus Specification, "Match Rules"), called and not left to sd_bus_add_match: that
  /// one keeps a callback, and waits for its answer as long as it likes.
  private static func match(
    _ interface: String, _ member: String, _ path: String, _ bus: borrowing SystemBus,
    _ seconds: Int
  ) throws(LibraryError) {
    let name = "org.freedesktop.DBus"
    let message = try bus.method("AddMatch", of: name, at: "/org/freedesktop/DBus", name)
    try message.append(
      "type='signal',sender='\(SystemManager.destination)',path='\(path)',"
        + "interface='\(interface)',member='\(member)'")
    _ = try bus.call(message, seconds: seconds)
  }

  /// What to poll; -1 once the connection is gone.
  package var descriptor: Int32 { max(-1, unsafe bus.calls.sd_bus_get_fd(bus.bus)) }

  /// Whether the library waits to write something.
  package var wantsWriting: Bool {
    let events = unsafe bus.calls.sd_bus_get_events(bus.bus)
    return events > 0 && events & POLLOUT != 0
  }

  /// How long to wait at most before `next` is called; nil is for ever.
  package var seconds: Double? {
    var limit = UInt64.max
    let status = unsafe bus.calls.sd_bus_get_timeout(bus.bus, &limit)
    if status < 0 || limit == .max { return nil }
    // Microseconds on the clock of `Clock`; 0 is now.
    return max(0, Double(limit) / 1e6 - Clock.seconds())
  }

  /// The next signal that was asked for; nil when there is none for now. systemd without a bus
  /// sends all it has, and a bus a few of its own: those are passed over.
  /// - Throws: `LibraryError` once the connection is gone: connect again, and look at everything
  ///   that may have changed meanwhile.
  package func next() throws(LibraryError) -> BusSignal? {
    while true {
      var message: OpaquePointer?
      let status = unsafe bus.calls.sd_bus_process(bus.bus, &message)
      try SystemBus.check("sd_bus_process", status)
      guard let message = unsafe message else {
        if status == 0 { return nil }
        continue
      }
      let held = unsafe BusMessage(bus.calls, message, "signal")
      guard let signal = try signal(held) else { continue }
      // The library's own signal for the end, before its calls begin to fail.
      if signal.interface == "org.freedesktop.DBus.Local", signal.member == "Disconnected" {
        throw SystemBus.failure("the connection to systemd", -ECONNRESET)
      }
      if signal.path == SystemManager.path || units.contains(signal.path),
        signal.interface == BusSignals.members[signal.member]
      {
        return signal
      }
    }
  }

  private func signal(_ message: borrowing BusMessage) throws(LibraryError) -> BusSignal? {
    var type: UInt8 = 0
    try SystemBus.check(
      "sd_bus_message_get_type", unsafe bus.calls.sd_bus_message_get_type(message.handle, &type))
    // SD_BUS_MESSAGE_SIGNAL
    guard type == 4 else { return nil }
    // systemd's signals go to everybody, and the bus makes sure that they are systemd's. Those
    // rules do not cover a signal to this connection alone: anybody may have sent it, in any name.
    if isBus, unsafe bus.calls.sd_bus_message_get_destination(message.handle) != nil { return nil }
    func text(_ words: UnsafePointer<CChar>?) -> String {
      unsafe words.map { unsafe String(cString: $0) } ?? ""
    }
    return unsafe BusSignal(
      path: text(bus.calls.sd_bus_message_get_path(message.handle)),
      interface: text(bus.calls.sd_bus_message_get_interface(message.handle)),
      member: text(bus.calls.sd_bus_message_get_member(message.handle)),
      arguments: try message.leadingTexts())
  }
}

package import Linux

/// Properties of systemd units, read and set over D-Bus.
package enum UnitProperties {
  /// Makes the connection, on the thread that uses it.
  package typealias Open = @Sendable () throws(LibraryError) -> SystemBus

  /// Connects as `SystemBus.open` does.
  package static let systemBus: Open = { () throws(LibraryError) in try SystemBus.open() }

  /// A property that holds bytes, such as `AllowedCPUs`: one bit a CPU, the lowest first.
  package static func bytes(
    _ property: String, of unit: String, seconds: Int = 5, open: @escaping Open = systemBus
  ) throws(LibraryError) -> [UInt8] {
    try within(seconds) { () throws(LibraryError) in
      let bus = try open()
      let reply = try get(property, of: unit, interface(of: unit), bus, seconds)
      return try reply.read(.variant, "ay") { () throws(LibraryError) in try reply.bytes() } ?? []
    }
  }

  /// The control group of a unit, below `/sys/fs/cgroup`; empty for one without.
  package static func controlGroup(
    of unit: String, seconds: Int = 5, open: @escaping Open = systemBus
  ) throws(LibraryError) -> String {
    try text("ControlGroup", of: unit, interface(of: unit), seconds, open)
  }

  /// Whether systemd knows such a unit: not once a container's scope has ended.
  package static func isLoaded(
    _ unit: String, seconds: Int = 5, open: @escaping Open = systemBus
  ) throws(LibraryError) -> Bool {
    try text("LoadState", of: unit, "org.freedesktop.systemd1.Unit", seconds, open) == "loaded"
  }

  private static func text(
    _ property: String, of unit: String, _ interface: String, _ seconds: Int, _ open: @escaping Open
  ) throws(LibraryError) -> String {
    try within(seconds) { () throws(LibraryError) in
      let bus = try open()
      let reply = try get(property, of: unit, interface, bus, seconds)
      let text = try reply.read(.variant, "s") { () throws(LibraryError) in try reply.text() }
      return (text ?? nil) ?? ""
    }
  }

  private static func get(
    _ property: String, of unit: String, _ interface: String, _ bus: borrowing SystemBus,
    _ seconds: Int
  ) throws(LibraryError) -> BusMessage {
    // Loads a unit that nothing uses yet, such as a slice without processes.
    let load = try bus.method(
      "LoadUnit", of: SystemManager.interface, at: SystemManager.path, SystemManager.destination)
    try load.append(unit)
    let path = try bus.call(load, seconds: seconds).text(isPath: true)
    let message = try bus.method(
      "Get", of: "org.freedesktop.DBus.Properties", at: path ?? "", SystemManager.destination)
    try message.append(interface)
    try message.append(property)
    return try bus.call(message, seconds: seconds)
  }

  /// `org.freedesktop.systemd1.Slice` of `NAME.slice`.
  private static func interface(of unit: String) -> String {
    let kind = unit.split(separator: ".").last ?? ""
    return "org.freedesktop.systemd1." + kind.prefix(1).uppercased() + kind.dropFirst()
  }

  package static func within<Value: Sendable>(
    _ seconds: Int, _ body: @escaping @Sendable () throws(LibraryError) -> Value
  ) throws(LibraryError) -> Value {
    let answer = Deadline.run(seconds: seconds) { () -> Result<Value, LibraryError> in
      do throws(LibraryError) {
        return .success(try body())
      } catch {
        return .failure(error)
      }
    }
    guard let answer else { throw .noAnswer(seconds: seconds) }
    return try answer.get()
  }
}

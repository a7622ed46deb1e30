package import Linux

/// What systemd reports about its units, over D-Bus.
package enum SystemManager {
  /// The bus name of systemd.
  package static let destination = "org.freedesktop.systemd1"
  /// Its only object of this kind.
  package static let path = "/org/freedesktop/systemd1"
  package static let interface = "org.freedesktop.systemd1.Manager"

  package struct Unit: Hashable, Sendable {
    /// `nvidia-persistenced.service`.
    package var name: String
    /// Its description.
    package var summary: String
  }

  /// The units in a state such as `failed`, in systemd's order.
  /// - Parameter open: makes the connection, on the thread that uses it.
  package static func units(
    in state: String, seconds: Int = 3,
    open: @escaping @Sendable () throws(LibraryError) -> SystemBus = {
      () throws(LibraryError) in try SystemBus.open()
    }
  ) throws(LibraryError) -> [Unit] {
    let answer = Deadline.run(seconds: seconds) { () -> Result<[Unit], LibraryError> in
      do throws(LibraryError) {
        return .success(try ask(state, seconds, open()))
      } catch {
        return .failure(error)
      }
    }
    guard let answer else { throw .noAnswer(seconds: seconds) }
    return try answer.get()
  }

  /// Starts a unit, or with `stop` ends it; a job that is there already is replaced. It returns when the job
  /// is queued, not when it is done.
  package static func queue(
    stop: Bool, _ unit: String, seconds: Int = 10,
    open: @escaping UnitProperties.Open = UnitProperties.systemBus
  ) throws(LibraryError) {
    try UnitProperties.within(seconds) { () throws(LibraryError) in
      let bus = try open()
      let message = try bus.method(
        stop ? "StopUnit" : "StartUnit", of: interface, at: path, destination)
      try message.append(unit)
      try message.append("replace")
      _ = try bus.call(message, seconds: seconds)
    }
  }

  private static func ask(
    _ state: String, _ seconds: Int, _ bus: borrowing SystemBus
  ) throws(LibraryError) -> [Unit] {
    let message = try bus.method("ListUnitsFiltered", of: interface, at: path, destination)
    try message.append([state])
    let reply = try bus.call(message, seconds: seconds)
    var units: [Unit] = []
    // Name, description, load, active and sub state, following, path, job id, type and path.
    let fields = "ssssssouso"
    _ = try reply.read(.array, "(\(fields))") { () throws(LibraryError) in
      while true {
        let unit = try reply.read(.structure, fields) { () throws(LibraryError) -> Unit in
          let name = try reply.text()
          let summary = try reply.text()
          try reply.skip("ssssouso")
          return Unit(name: name ?? "", summary: summary ?? "")
        }
        guard let unit else { return }
        units.append(unit)
      }
    }
    return units
  }
}

internal import CSystemd
internal import Glibc
package import Linux

/// A connection to a D-Bus, spoken by systemd's own library, opened at run time.
///
/// Connection and messages belong to one thread. A conversation that must not hang runs inside
/// `Deadline.run`, with a limit on each call besides.
@safe
package struct SystemBus: ~Copyable {
  /// The name under which systemd installs the library.
  package static let library = "libsystemd.so.0"
  /// The socket on which systemd answers root without a bus daemon.
  package static let managerAddress = "unix:path=/run/systemd/private"

  let calls: tbx_bus_calls
  let bus: OpaquePointer

  private init(_ calls: tbx_bus_calls, _ bus: OpaquePointer) {
    self.calls = calls
    unsafe self.bus = unsafe bus
  }

  deinit { _ = unsafe calls.sd_bus_flush_close_unref(bus) }

  /// Connects to the system bus; where there is none, to systemd itself, which only root may.
  /// - Parameter library: a name for the loader, or a path.
  package static func open(library: String = SystemBus.library) throws(LibraryError) -> SystemBus {
    let calls = try load(library)
    var bus: OpaquePointer?
    let status = unsafe calls.sd_bus_open_system(&bus)
    if status >= 0, let bus = unsafe bus { return unsafe SystemBus(calls, bus) }
    do throws(LibraryError) {
      return try connect(calls, managerAddress, isBus: false)
    } catch {
      // The usual way is the one whose failure says something.
      throw failure("sd_bus_open_system", status)
    }
  }

  /// Connects to the bus at an address, or with `isBus` false straight to the program there.
  package static func open(
    address: String, isBus: Bool, library: String = SystemBus.library
  ) throws(LibraryError) -> SystemBus {
    try connect(load(library), address, isBus: isBus)
  }

  private static func load(_ library: String) throws(LibraryError) -> tbx_bus_calls {
    try unsafe LibraryLoader.load(library, tbx_bus_open)
  }

  private static func connect(
    _ calls: tbx_bus_calls, _ address: String, isBus: Bool
  ) throws(LibraryError) -> SystemBus {
    var created: OpaquePointer?
    try unsafe check("sd_bus_new", calls.sd_bus_new(&created))
    guard let bus = unsafe created else {
      throw .status(call: "sd_bus_new", code: 0, meaning: "no handle")
    }
    // Released with this value, whatever fails below.
    let connection = unsafe SystemBus(calls, bus)
    try unsafe check("sd_bus_set_address", calls.sd_bus_set_address(bus, address))
    if isBus { try unsafe check("sd_bus_set_bus_client", calls.sd_bus_set_bus_client(bus, 1)) }
    try unsafe check("sd_bus_start", calls.sd_bus_start(bus))
    return connection
  }

  /// A message that asks for a method; arguments are appended to it, then it is sent by `call`.
  package func method(
    _ member: String, of interface: String, at path: String, _ destination: String
  ) throws(LibraryError) -> BusMessage {
    var message: OpaquePointer?
    let status = unsafe calls.sd_bus_message_new_method_call(
      bus, &message, destination, path, interface, member)
    try SystemBus.check("sd_bus_message_new_method_call", status)
    guard let message = unsafe message else {
      throw .status(call: member, code: 0, meaning: "no message")
    }
    return unsafe BusMessage(calls, message, member)
  }

  /// Sends a message and waits for the answer.
  /// - Parameter seconds: how long at most.
  package func call(
    _ message: borrowing BusMessage, seconds: Int
  ) throws(LibraryError) -> BusMessage {
    var error = unsafe sd_bus_error()
    defer { unsafe calls.sd_bus_error_free(&error) }
    var reply: OpaquePointer?
    let limit = UInt64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000)
    let status = unsafe calls.sd_bus_call(
      bus, message.handle, limit.overflow ? .max : limit.partialValue, &error, &reply)
    if status < 0 {
      // The answerer's own words say more than the errno they were mapped to.
      if let words = unsafe error.message {
        throw unsafe .status(
          call: message.member, code: Int(status), meaning: String(cString: words))
      }
      throw SystemBus.failure(message.member, status)
    }
    guard let reply = unsafe reply else {
      throw .status(call: message.member, code: 0, meaning: "no answer")
    }
    return unsafe BusMessage(calls, reply, message.member)
  }

  static func check(_ call: String, _ status: Int32) throws(LibraryError) {
    if status < 0 { throw failure(call, status) }
  }

  static func failure(_ call: String, _ status: Int32) -> LibraryError {
    unsafe .status(call: call, code: Int(status), meaning: String(cString: strerror(-status)))
  }
}

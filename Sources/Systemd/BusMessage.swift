internal import CSystemd
package import Linux

/// A D-Bus message: a call under construction, or an answer that is read from front to back.
///
/// Types are D-Bus signatures (D-Bus Specification, "Type system").
@safe
package struct BusMessage: ~Copyable {
  /// Containers of the type system.
  package enum Container: UInt8, Sendable {
    case array = 0x61
    case variant = 0x76
    case structure = 0x72
    case dictionaryEntry = 0x65
  }

  let calls: tbx_bus_calls
  let handle: OpaquePointer
  /// The method asked for, for error texts.
  let member: String

  init(_ calls: tbx_bus_calls, _ handle: OpaquePointer, _ member: String) {
    self.calls = calls
    unsafe self.handle = unsafe handle
    self.member = member
  }

  deinit { _ = unsafe calls.sd_bus_message_unref(handle) }

  // MARK: Building

  /// Appends a text (`s`).
  package func append(_ text: String) throws(LibraryError) {
    try check("append", unsafe calls.sd_bus_message_append_basic(handle, BusMessage.string, text))
  }

  /// Appends a truth value (`b`).
  package func append(_ value: Bool) throws(LibraryError) {
    // Four bytes on the wire and for the library.
    var word: Int32 = value ? 1 : 0
    try check("append", unsafe calls.sd_bus_message_append_basic(handle, BusMessage.boolean, &word))
  }

  /// Appends a number of 32 bits (`u`).
  package func append(_ value: UInt32) throws(LibraryError) {
    var word = value
    try check(
      "append", unsafe calls.sd_bus_message_append_basic(handle, BusMessage.unsigned32, &word))
  }

  /// Appends a number of 64 bits (`t`).
  package func append(_ value: UInt64) throws(LibraryError) {
    var word = value
    try check(
      "append", unsafe calls.sd_bus_message_append_basic(handle, BusMessage.unsigned64, &word))
  }

  /// Appends bytes (`ay`), such as systemd's CPU sets.
  package func append(_ bytes: [UInt8]) throws(LibraryError) {
    let status = unsafe bytes.withUnsafeBytes { bytes in
      unsafe calls.sd_bus_message_append_array(
        handle, BusMessage.byte, bytes.baseAddress, bytes.count)
    }
    try check("append", status)
  }

  /// Appends a container with what `body` appends.
  /// - Parameter contents: signature of what is inside; of one element for an array.
  package func append(
    _ container: Container, _ contents: String, _ body: () throws(LibraryError) -> Void
  ) throws(LibraryError) {
    try check(
      "append",
      unsafe calls.sd_bus_message_open_container(
        handle, CChar(bitPattern: container.rawValue), contents))
    try body()
    try check("append", unsafe calls.sd_bus_message_close_container(handle))
  }

  /// Appends an array of texts (`as`).
  package func append(_ texts: [String]) throws(LibraryError) {
    try append(.array, "s") { () throws(LibraryError) in
      for text in texts { try append(text) }
    }
  }

  // MARK: Reading

  /// Reads a text (`s`) or an object path (`o`); nil at the end of an array.
  package func text(isPath: Bool = false) throws(LibraryError) -> String? {
    var words: UnsafePointer<CChar>?
    let type = isPath ? BusMessage.objectPath : BusMessage.string
    let status = unsafe calls.sd_bus_message_read_basic(handle, type, &words)
    try check("read", status)
    guard status > 0, let words = unsafe words else { return nil }
    // The library checked that it is UTF-8.
    return unsafe String(cString: words)
  }

  /// Reads a truth value (`b`); nil at the end of an array.
  package func bool() throws(LibraryError) -> Bool? {
    try number(BusMessage.boolean, Int32(0)).map { $0 != 0 }
  }

  /// Reads a number of 32 bits (`u`); nil at the end of an array.
  package func unsigned32() throws(LibraryError) -> UInt32? {
    try number(BusMessage.unsigned32, UInt32(0))
  }

  /// Reads a number of 64 bits (`t`); nil at the end of an array.
  package func unsigned64() throws(LibraryError) -> UInt64? {
    try number(BusMessage.unsigned64, UInt64(0))
  }

  /// Reads bytes (`ay`).
  package func bytes() throws(LibraryError) -> [UInt8] {
    var start: UnsafeRawPointer?
    var size = 0
    try check(
      "read", unsafe calls.sd_bus_message_read_array(handle, BusMessage.byte, &start, &size))
    guard let start = unsafe start else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: size))
  }

  /// Enters a container, reads inside it with `body` and leaves it.
  /// - Returns: what `body` returns; nil when the array around it ends.
  package func read<Value>(
    _ container: Container, _ contents: String, _ body: () throws(LibraryError) -> Value
  ) throws(LibraryError) -> Value? {
    let status = unsafe calls.sd_bus_message_enter_container(
      handle, CChar(bitPattern: container.rawValue), contents)
    try check("read", status)
    if status == 0 { return nil }
    let value = try body()
    try check("read", unsafe calls.sd_bus_message_exit_container(handle))
    return value
  }

  /// Skips values of these types.
  package func skip(_ types: String) throws(LibraryError) {
    try check("read", unsafe calls.sd_bus_message_skip(handle, types))
  }

  /// Reads the basic values in front, until a container or the end, each as text: what a signal
  /// says that carries names and numbers only.
  package func leadingTexts() throws(LibraryError) -> [String] {
    var texts: [String] = []
    while true {
      var type: CChar = 0
      try check("read", unsafe calls.sd_bus_message_peek_type(handle, &type, nil))
      switch type {
      case BusMessage.string: texts.append(try text() ?? "")
      case BusMessage.objectPath: texts.append(try text(isPath: true) ?? "")
      case BusMessage.unsigned32: texts.append("\(try unsigned32() ?? 0)")
      case BusMessage.unsigned64: texts.append("\(try unsigned64() ?? 0)")
      case BusMessage.boolean: texts.append("\(try bool() ?? false)")
      default: return texts
      }
    }
  }

  // MARK: Calling

  private static let byte = CChar(0x79)
  private static let boolean = CChar(0x62)
  private static let unsigned32 = CChar(0x75)
  private static let unsigned64 = CChar(0x74)
  private static let string = CChar(0x73)
  private static let objectPath = CChar(0x6f)

  private func number<Value>(_ type: CChar, _ initial: Value) throws(LibraryError) -> Value? {
    var value = initial
    let status = unsafe withUnsafeMutablePointer(to: &value) {
      unsafe calls.sd_bus_message_read_basic(handle, type, $0)
    }
    try check("read", status)
    return status > 0 ? value : nil
  }

  private func check(_ step: String, _ status: Int32) throws(LibraryError) {
    try SystemBus.check("\(member), \(step)", status)
  }
}

internal import CVendor

/// A D-Bus message: a call under construction, or an answer that is read from front to back.
///
/// Types are D-Bus signatures (D-Bus Specification, "Type system").
@safe
public struct BusMessage: ~Copyable {
  /// Containers of the type system.
  public enum Container: UInt8, Sendable {
    case array = 0x61
    case variant = 0x76
    case structure = 0x72
    case dictionaryEntry = 0x65
  }

  let calls: tbx_bus_calls
  let handle: tbx_bus_message
  /// The method asked for, for error texts.
  let member: String

  init(_ calls: tbx_bus_calls, _ handle: tbx_bus_message, _ member: String) {
    self.calls = calls
    unsafe self.handle = unsafe handle
    self.member = member
  }

  deinit { _ = unsafe calls.release(handle) }

  // MARK: Building

  /// Appends a text (`s`).
  public func append(_ text: String) throws(VendorError) {
    try check("append", unsafe calls.append_basic(handle, BusMessage.string, text))
  }

  /// Appends a truth value (`b`).
  public func append(_ value: Bool) throws(VendorError) {
    // Four bytes on the wire and for the library.
    var word: Int32 = value ? 1 : 0
    try check("append", unsafe calls.append_basic(handle, BusMessage.boolean, &word))
  }

  /// Appends a number of 32 bits (`u`).
  public func append(_ value: UInt32) throws(VendorError) {
    var word = value
    try check("append", unsafe calls.append_basic(handle, BusMessage.unsigned32, &word))
  }

  /// Appends a number of 64 bits (`t`).
  public func append(_ value: UInt64) throws(VendorError) {
    var word = value
    try check("append", unsafe calls.append_basic(handle, BusMessage.unsigned64, &word))
  }

  /// Appends bytes (`ay`), such as systemd's CPU sets.
  public func append(_ bytes: [UInt8]) throws(VendorError) {
    let status = unsafe bytes.withUnsafeBytes { bytes in
      unsafe calls.append_array(handle, BusMessage.byte, bytes.baseAddress, bytes.count)
    }
    try check("append", status)
  }

  /// Appends a container with what `body` appends.
  /// - Parameter contents: signature of what is inside; of one element for an array.
  public func append(
    _ container: Container, _ contents: String, _ body: () throws(VendorError) -> Void
  ) throws(VendorError) {
    try check(
      "append",
      unsafe calls.open_container(handle, CChar(bitPattern: container.rawValue), contents))
    try body()
    try check("append", unsafe calls.close_container(handle))
  }

  /// Appends an array of texts (`as`).
  public func append(_ texts: [String]) throws(VendorError) {
    try append(.array, "s") { () throws(VendorError) in
      for text in texts { try append(text) }
    }
  }

  // MARK: Reading

  /// Reads a text (`s`) or an object path (`o`); nil at the end of an array.
  public func text(isPath: Bool = false) throws(VendorError) -> String? {
    var words: UnsafePointer<CChar>?
    let type = isPath ? BusMessage.objectPath : BusMessage.string
    let status = unsafe calls.read_basic(handle, type, &words)
    try check("read", status)
    guard status > 0, let words = unsafe words else { return nil }
    // The library checked that it is UTF-8.
    return unsafe String(cString: words)
  }

  /// Reads a truth value (`b`); nil at the end of an array.
  public func bool() throws(VendorError) -> Bool? {
    try number(BusMessage.boolean, Int32(0)).map { $0 != 0 }
  }

  /// Reads a number of 32 bits (`u`); nil at the end of an array.
  public func unsigned32() throws(VendorError) -> UInt32? {
    try number(BusMessage.unsigned32, UInt32(0))
  }

  /// Reads a number of 64 bits (`t`); nil at the end of an array.
  public func unsigned64() throws(VendorError) -> UInt64? {
    try number(BusMessage.unsigned64, UInt64(0))
  }

  /// Reads bytes (`ay`).
  public func bytes() throws(VendorError) -> [UInt8] {
    var start: UnsafeRawPointer?
    var size = 0
    try check("read", unsafe calls.read_array(handle, BusMessage.byte, &start, &size))
    guard let start = unsafe start else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: size))
  }

  /// Enters a container, reads inside it with `body` and leaves it.
  /// - Returns: what `body` returns; nil when the array around it ends.
  public func read<Value>(
    _ container: Container, _ contents: String, _ body: () throws(VendorError) -> Value
  ) throws(VendorError) -> Value? {
    let status = unsafe calls.enter_container(
      handle, CChar(bitPattern: container.rawValue), contents)
    try check("read", status)
    if status == 0 { return nil }
    let value = try body()
    try check("read", unsafe calls.exit_container(handle))
    return value
  }

  /// Skips values of these types.
  public func skip(_ types: String) throws(VendorError) {
    try check("read", unsafe calls.skip(handle, types))
  }

  /// Reads the basic values in front, until a container or the end, each as text: what a signal
  /// says that carries names and numbers only.
  public func leadingTexts() throws(VendorError) -> [String] {
    var texts: [String] = []
    while true {
      var type: CChar = 0
      try check("read", unsafe calls.peek_type(handle, &type, nil))
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

  private func number<Value>(_ type: CChar, _ initial: Value) throws(VendorError) -> Value? {
    var value = initial
    let status = unsafe withUnsafeMutablePointer(to: &value) {
      unsafe calls.read_basic(handle, type, $0)
    }
    try check("read", status)
    return status > 0 ? value : nil
  }

  private func check(_ step: String, _ status: Int32) throws(VendorError) {
    try SystemBus.check("\(member), \(step)", status)
  }
}

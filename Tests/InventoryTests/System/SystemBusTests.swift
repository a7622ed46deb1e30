import Glibc
import Linux
import Systemd
import TestSupport
import Testing

private let hasLibrary = dlopen(SystemBus.library, RTLD_NOW) != nil

/// Our D-Bus calls against libsystemd's own server side on a socket of this test's.
@Suite(.enabled(if: hasLibrary)) struct SystemBusTests {
  /// The address of a stand-in that serves one peer.
  private func peer() throws -> String {
    let path = try temporaryPath()
    let stub = try build("systemd", in: path, "-l:\(SystemBus.library)")
    try background("'\(stub)' '\(path)/socket' >/dev/null 2>&1 & true")
    guard eventually({ access(path + "/socket", F_OK) == 0 }) else { throw Failed(step: "socket") }
    return "unix:path=\(path)/socket"
  }

  @Test func `failed units are read`() throws {
    let address = try peer()
    let units = try SystemManager.units(in: "failed") { () throws(LibraryError) in
      try SystemBus.open(address: address, isBus: false)
    }
    #expect(units.map(\.name) == ["nvidia-persistenced.service", "raid.mount"])
    #expect(units.map(\.summary) == ["NVIDIA Persistence Daemon", ""])
  }

  @Test func `every type goes there and back`() throws {
    let bus = try SystemBus.open(address: try peer(), isBus: false)
    let message = try bus.method("Echo", of: "org.example", at: "/", "org.example")
    try message.append("a text")
    try message.append(true)
    try message.append(UInt32.max)
    try message.append(UInt64.max)
    try message.append([0xff, 0x01] as [UInt8])
    let reply = try bus.call(message, seconds: 5)
    #expect(try reply.bytes() == [0xff, 0x01])
    #expect(try reply.unsigned64() == .max)
    #expect(try reply.unsigned32() == .max)
    #expect(try reply.bool() == true)
    #expect(try reply.text() == "a text")
    #expect(try reply.text(isPath: true) == "/a/path")
    let pairs = try reply.read(.array, "{sv}") { () throws(LibraryError) -> [String: String] in
      var pairs: [String: String] = [:]
      while let pair = try reply.read(
        .dictionaryEntry, "sv",
        { () throws(LibraryError) -> (String?, String?) in
          let key = try reply.text()
          let value = try reply.read(.variant, "s") { () throws(LibraryError) in
            try reply.text()
          }
          return (key, value ?? nil)
        })
      {
        pairs[pair.0 ?? ""] = pair.1
      }
      return pairs
    }
    #expect(pairs == ["AllowedCPUs": "0-3"])
    // Past the end of the message there is no such thing.
    #expect(throws: LibraryError.self) { _ = try reply.text() }
  }

  @Test(.enabled(if: access("/usr/bin/dbus-daemon", X_OK) == 0))
  func `a bus daemon lets us in`() throws {
    let path = try temporaryPath()
    let address = "unix:path=\(path)/socket"
    let status = system(
      "/usr/bin/dbus-daemon --session --fork --address=\(address) --print-pid > \(path)/pid")
    try #require(status == 0)
    defer { system("kill $(cat \(path)/pid)") }
    let bus = try SystemBus.open(address: address, isBus: true)
    let name = "org.freedesktop.DBus"
    let names = try bus.call(
      bus.method("ListNames", of: name, at: "/org/freedesktop/DBus", name), seconds: 5)
    let found = try names.read(.array, "s") { () throws(LibraryError) -> [String] in
      var found: [String] = []
      while let name = try names.text() { found.append(name) }
      return found
    }
    #expect(found?.contains(name) == true)
    let message = try bus.method("NameHasOwner", of: name, at: "/org/freedesktop/DBus", name)
    try message.append(SystemManager.destination)
    #expect(try bus.call(message, seconds: 5).bool() == false)
    // Where nobody has the name of systemd, the daemon says so.
    #expect(throws: LibraryError.self) {
      try SystemManager.units(in: "failed") { () throws(LibraryError) in
        try SystemBus.open(address: address, isBus: true)
      }
    }
  }

  @Test func `what the other side says is the reason`() throws {
    let bus = try SystemBus.open(address: try peer(), isBus: false)
    let message = try bus.method(
      "SetUnitProperties", of: SystemManager.interface, at: SystemManager.path,
      SystemManager.destination)
    try message.append("a.slice")
    try message.append(true)
    try message.append(.array, "(sv)") { () throws(LibraryError) in
      try message.append(.structure, "sv") { () throws(LibraryError) in
        try message.append("AllowedCPUs")
        try message.append(.variant, "ay") { () throws(LibraryError) in
          try message.append([0x0f] as [UInt8])
        }
      }
    }
    do throws(LibraryError) {
      _ = try bus.call(message, seconds: 5)
      Issue.record("the call was answered")
    } catch {
      #expect(error.description.contains("Interactive authentication required."))
    }
  }

  @Test func `a peer that stays silent is given up`() throws {
    let address = try peer()
    // Less than the 25 seconds after which the library gives up by itself.
    let outcome = Deadline.run(seconds: 20) { () -> Result<LibraryError?, any Error> in
      Result {
        let bus = try SystemBus.open(address: address, isBus: false)
        let message = try bus.method("Silence", of: "org.example", at: "/", "org.example")
        do throws(LibraryError) {
          _ = try bus.call(message, seconds: 1)
          return nil
        } catch {
          return error
        }
      }
    }
    #expect(try #require(outcome, "it is not given up").get() != nil)
  }

  @Test func `nobody there, no library, a wrong type`() throws {
    #expect(throws: LibraryError.self) {
      let bus = try SystemBus.open(address: "unix:path=/nowhere", isBus: false)
      let message = try bus.method("Echo", of: "org.example", at: "/", "org.example")
      _ = try bus.call(message, seconds: 1)
    }
    #expect(throws: LibraryError.self) { _ = try SystemBus.open(library: "/nowhere.so") }
    let bus = try SystemBus.open(address: try peer(), isBus: false)
    let message = try bus.method("Echo", of: "org.example", at: "/", "org.example")
    #expect(throws: LibraryError.self) {
      try message.append(.array, "s") { () throws(LibraryError) in try message.append(true) }
    }
  }
}

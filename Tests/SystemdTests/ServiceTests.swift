import Base
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@testable import Systemd

@Suite struct ServiceManagerTests {
  private func manager(_ environment: [String: String], pid: Int32? = nil) -> ServiceManager {
    ServiceManager(environment: { environment[$0] }, pid: pid)
  }

  @Test(arguments: [false, true]) func `systemd hears one assignment a line`(isAbstract: Bool)
    throws
  {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = folder + "/notify"
    let name = isAbstract ? "@" + path : path
    let listener = try BoundSocket(name)
    let manager = manager(["NOTIFY_SOCKET": name])
    try manager.notify(ServiceManager.ready(status: "watching\nMAINPID=1"))
    #expect(
      String(decoding: try listener.datagram().bytes, as: UTF8.self)
        == "READY=1\nSTATUS=watching MAINPID=1")
    try manager.notify(ServiceManager.reloading())
    let lines = String(decoding: try listener.datagram().bytes, as: UTF8.self).split(
      separator: "\n")
    #expect(lines.first == "RELOADING=1")
    let time = try #require(lines.last?.split(separator: "=").last.flatMap { Double($0) })
    #expect(abs(time / 1e6 - Clock.seconds()) < 60)
  }

  @Test func `systemd keeps a descriptor under a name until it is told to forget it`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let listener = try BoundSocket(folder + "/notify")
    let manager = manager(["NOTIFY_SOCKET": folder + "/notify"])
    let file = open(folder + "/kept", O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    try manager.keep(file, as: "lease-0000_01_00.0")
    let (bytes, attached) = try listener.datagram()
    #expect(String(decoding: bytes, as: UTF8.self) == "FDSTORE=1\nFDNAME=lease-0000_01_00.0")
    let copy = try #require(attached)
    defer { close(copy) }
    var (sent, received) = (stat(), stat())
    #expect(fstat(file, &sent) == 0 && fstat(copy, &received) == 0)
    #expect(sent.st_ino == received.st_ino && copy != file)
    try manager.forget("lease-0000_01_00.0")
    let last = try listener.datagram()
    #expect(
      String(decoding: last.bytes, as: UTF8.self) == "FDSTOREREMOVE=1\nFDNAME=lease-0000_01_00.0")
    #expect(last.attached == nil)
  }

  @Test func `nobody to tell is no failure, a listener that is gone is one`() throws {
    try manager([:]).notify(ServiceManager.stopping)
    do throws(Failure) {
      try manager(["NOTIFY_SOCKET": "/nowhere/notify"]).notify(ServiceManager.stopping)
      Issue.record("somebody was told")
    } catch {
      #expect(error.description == "notify systemd at /nowhere/notify: No such file or directory")
    }
    let long = "/" + String(repeating: "x", count: 200)
    #expect(throws: Failure.self) {
      try manager(["NOTIFY_SOCKET": long]).notify(ServiceManager.alive)
    }
  }

  @Test func `the watchdog is for the process it names`() {
    #expect(manager(["WATCHDOG_USEC": "30000000"]).watchdogSeconds == 30)
    let both = ["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "12"]
    #expect(manager(both, pid: 12).watchdogSeconds == 0.5)
    #expect(manager(both, pid: 13).watchdogSeconds == nil)
    #expect(manager(["WATCHDOG_USEC": "0"]).watchdogSeconds == nil)
    #expect(manager(["WATCHDOG_USEC": "soon"]).watchdogSeconds == nil)
    #expect(manager([:]).watchdogSeconds == nil)
  }

  @Test func `sockets are taken over with their names`() throws {
    // Where systemd puts the first one.
    while fcntl(3, F_GETFD) < 0 { _ = open("/dev/null", O_RDONLY) }
    let one = ["LISTEN_PID": "12", "LISTEN_FDS": "1", "LISTEN_FDNAMES": "api"]
    let found = try manager(one, pid: 12).listenDescriptors()
    #expect(found.map(\.descriptor) == [3])
    #expect(found.map(\.name) == ["api"])
    #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
    let unnamed = try manager(["LISTEN_PID": "12", "LISTEN_FDS": "1"], pid: 12).listenDescriptors()
    #expect(unnamed.map(\.name) == ["unknown"])
    #expect(try manager(one, pid: 13).listenDescriptors().isEmpty)
    #expect(try manager([:]).listenDescriptors().isEmpty)
    #expect(throws: Failure.self) {
      _ = try manager(["LISTEN_PID": "12", "LISTEN_FDS": "60000"], pid: 12).listenDescriptors()
    }
  }
}

@Suite struct JournalTests {
  @Test func `an entry arrives field by field, line breaks included`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = folder + "/journal"
    let listener = try BoundSocket(path)
    #expect(
      Journal.send(
        ["MESSAGE=two\nlines", "PRIORITY=5", "EMPTY=", "no=small", "none", "_OWN=x"], to: path))
    let expected: [UInt8] =
      Array("MESSAGE\n".utf8) + [9, 0, 0, 0, 0, 0, 0, 0] + Array("two\nlines\n".utf8)
      + Array("PRIORITY=5\nEMPTY=\n".utf8)
    #expect(try listener.datagram().bytes == expected)
  }

  @Test func `an entry too long for a datagram goes as a sealed file`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = folder + "/journal"
    let listener = try BoundSocket(path)
    let text = "MESSAGE=" + String(repeating: "x", count: 3 << 20)
    #expect(Journal.send([text], to: path))
    let (bytes, attached) = try listener.datagram()
    #expect(bytes.isEmpty)
    let file = FileHandle(fileDescriptor: try #require(attached), closeOnDealloc: true)
    try file.seek(toOffset: 0)
    #expect(try file.readToEnd() == Data((text + "\n").utf8))
    // F_GET_SEALS: against sealing, shrinking, growing and writing.
    #expect(fcntl(file.fileDescriptor, 1034) & 0xf == 0xf)
  }

  @Test func `without a journal the caller hears so`() throws {
    #expect(!Journal.send(["MESSAGE=x"], to: "/nowhere/journal"))
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = folder + "/journal"
    let listener = try BoundSocket(path)
    #expect(!Journal.send(["nothing that is a field"], to: path))
    // A journal that does not read must not hold us up for ever.
    var sent = 0
    while sent < 10_000, Journal.send(["MESSAGE=\(sent)"], to: path) { sent += 1 }
    #expect(sent > 0 && sent < 10_000)
    _ = listener
  }
}

import Base
import Events
import Foundation
import Linux
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import History

/// What the daemon keeps, and how it begins and ends with it.
@Suite struct StateFolderTests {
  private func withFolder(_ body: (StateFolder) throws -> Void) throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(StateFolder(folder.path))
  }

  private func log(
    clock: @escaping @Sendable () -> Double = { 0 },
    _ open: @escaping @Sendable (Int) -> OpenedStore
  ) -> EventLog {
    EventLog(
      limit: 100, journal: { _ in }, now: { "2026-11-24T10:00:00.000Z" }, clock: clock,
      openStore: open)
  }

  @Test func `one tinyboxd has a state folder at a time`() throws {
    try withFolder { folder in
      try folder.locked {
        do {
          try folder.locked { Issue.record("both have it") }
          Issue.record("no failure")
        } catch let failure as Failure {
          #expect(failure.reason.hasPrefix("another tinyboxd runs"), "\(failure)")
          #expect(failure.hint?.contains("systemctl stop tinyboxd") == true)
        }
      }
      var ran = false
      try folder.locked { ran = true }
      #expect(ran, "the lock goes with who had it")
    }
    // Without a folder there is no lock, and the box is watched all the same.
    var ran = false
    try StateFolder("/nonexistent/folder").locked { ran = true }
    #expect(ran)
  }

  @Test func `an end without a note is told, one with a note is not`() throws {
    try withFolder { folder in
      func open() -> OpenedStore { folder.openStore(limit: 100, endedInOrder: folder.hasEnd) }
      func notes() -> [EventKind] { open().notes.map(\.kind) }
      #expect(notes() == [])
      // Killed.
      try open().store?.setState("running", "then")
      #expect(notes() == [.daemonRecovered])
      #expect(notes() == [], "told once")
      // Ended in order on a full disk: the database still says that it runs.
      try open().store?.setState("running", "then")
      folder.noteEnd()
      #expect(folder.hasEnd)
      #expect(notes() == [])
      // Killed the next time.
      folder.forgetEnd()
      try open().store?.setState("running", "later")
      #expect(!folder.hasEnd)
      #expect(notes() == [.daemonRecovered])
    }
  }

  @Test(arguments: ["9223372036854775807", "1e300", "2147483648"])
  func `a number that no event had is damage, and the events begin again`(number: String) throws {
    try withFolder { folder in
      let before = log { folder.openStore(limit: $0, endedInOrder: true) }
      before.record([EventDraft(.deviceAdded, "a")])
      let database = try Database.open(folder.path + "/events.db")
      try database.run("UPDATE sqlite_sequence SET seq = \(number)", "spoil")
      _ = consume database
      let after = log { folder.openStore(limit: $0, endedInOrder: true) }
      after.open()
      after.record([EventDraft(.deviceAdded, "b")])
      let events = try after.events(.init())
      #expect(events.map(\.kind) == [.eventsUnstored, .deviceAdded])
      #expect(events.map(\.id) == [1, 2] && after.storeFailure == nil)
      #expect(events.first?.message.contains("put aside") == true)
      let names = try FolderNames.list(folder.path)
      #expect(names.contains { $0.hasPrefix("events.db.damaged-") })
    }
  }

  @Test func `a sequence that is a text hides no event`() throws {
    try withFolder { folder in
      let before = log { folder.openStore(limit: $0, endedInOrder: true) }
      before.record([EventDraft(.deviceAdded, "a"), EventDraft(.deviceAdded, "b")])
      let database = try Database.open(folder.path + "/events.db")
      try database.run("UPDATE sqlite_sequence SET seq = 'abc'", "spoil")
      _ = consume database
      let after = log { folder.openStore(limit: $0, endedInOrder: true) }
      after.record([EventDraft(.deviceAdded, "c")])
      #expect(try after.events(.init()).map(\.id) == [1, 2, 3])
      #expect(after.storeFailure == nil)
    }
  }

  @Test func `a store that cannot be opened is tried again, and numbers go on after it`() throws {
    try withFolder { folder in
      let before = log { folder.openStore(limit: $0, endedInOrder: true) }
      before.record((1...5).map { EventDraft(.deviceAdded, "old \($0)") })
      before.setState("running", "then")

      let time = Mutex(0.0)
      let tries = Mutex(0)
      let isFull = Mutex(true)
      let log = log(clock: { time.withLock { $0 } }) { limit in
        tries.withLock { $0 += 1 }
        if isFull.withLock({ $0 }) { return OpenedStore(problem: "cannot open it: disk full") }
        return folder.openStore(limit: limit, endedInOrder: false)
      }
      log.open()
      #expect(log.storeFailure == "cannot open it: disk full")
      log.setState("running", "now")
      #expect(log.state("running") == "now")
      log.record([EventDraft(.deviceAdded, "new")])
      time.withLock { $0 = 59 }
      log.record([EventDraft(.deviceAdded, "newer")])
      #expect(tries.withLock { $0 } == 1, "not at each event")
      #expect(
        try log.events(.init()).map(\.message) == ["new", "cannot open it: disk full", "newer"])

      isFull.withLock { $0 = false }
      time.withLock { $0 = 60 }
      log.record([EventDraft(.deviceAdded, "newest")])
      #expect(tries.withLock { $0 } == 2 && log.storeFailure == nil)
      let events = try log.events(.init())
      #expect(events.map(\.id) == Array(1...10))
      #expect(
        events.suffix(5).map(\.kind) == [
          .deviceAdded, .eventsUnstored, .deviceAdded, .daemonRecovered, .deviceAdded,
        ])
      // What was set meanwhile is kept; what was there before was looked at first.
      let again = try EventStore.open(folder.path + "/events.db", limit: 100, program: "0.1.0")
      #expect(try again.state("running") == "now" && again.newest == 10)
    }
  }

  @Test func `a reload tries the store at once`() throws {
    try withFolder { folder in
      let isFull = Mutex(true)
      let log = log { limit in
        isFull.withLock { $0 }
          ? OpenedStore(problem: "cannot") : folder.openStore(limit: limit, endedInOrder: true)
      }
      log.record([EventDraft(.deviceAdded, "a")])
      isFull.withLock { $0 = false }
      #expect(log.storeFailure != nil)
      log.open()
      #expect(log.storeFailure == nil)
      let events = try log.events(.init())
      #expect(events.map(\.id) == [1, 2])
    }
  }
}

import Events
import Foundation
import HTTPService
import Synchronization
import TestSupport
import Testing

@testable import Daemon
@testable import History

@Suite struct EventLogTests {
  /// What the journal was given.
  private final class Journal: Sendable {
    let events = Mutex<[Event]>([])
    var kinds: [EventKind] { events.withLock { $0.map(\.kind) } }
  }

  private func log(_ store: EventStore?, _ journal: Journal = Journal()) -> EventLog {
    log(journal) { _ in OpenedStore(store: store) }
  }

  private func log(
    _ journal: Journal = Journal(), clock: @escaping @Sendable () -> Double = { 0 },
    _ openStore: @escaping @Sendable (Int) -> OpenedStore
  ) -> EventLog {
    EventLog(
      limit: 100, journal: { event in journal.events.withLock { $0.append(event) } },
      now: { "2026-11-24T10:00:00.000Z" }, clock: clock, openStore: openStore)
  }

  private func draft(_ text: String) -> EventDraft { EventDraft(.deviceAdded, text) }

  @Test func `without a store events are numbered, kept and told all the same`() throws {
    let journal = Journal()
    let log = log(nil, journal)
    log.record([draft("a"), draft("b")])
    // That nothing is stored is told once.
    #expect(journal.kinds == [.deviceAdded, .eventsUnstored, .deviceAdded])
    #expect(try log.events(.init()).map(\.id) == [1, 2, 3])
    #expect(log.last == 3 && log.storeFailure != nil)
  }

  /// The runtime calls what ends a stream with a lock of the listening task held, which waking that
  /// task with an event needs too.
  @Test func `listeners may leave while events are told`() {
    let log = log(nil)
    let isOver = Mutex(false)
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for _ in 0..<3000 {
        let stream = log.listen(after: nil)
        let listener = WorkerPool.task { for await _ in stream {} }
        sched_yield()
        listener.cancel()
      }
      isOver.withLock { $0 = true }
      done.signal()
    }
    Thread.detachNewThread { [self] in
      while !isOver.withLock({ $0 }) { log.record([draft("again")]) }
      done.signal()
    }
    // On threads of their own, so that a deadlock is a failure and not a test without an end.
    for _ in 0..<2 { #expect(done.wait(timeout: .now() + 60) == .success) }
  }

  @Test func `numbers never go back, and what could not be stored is stored later`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tinybox-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("events.db").path
    let store = try EventStore.open(path, limit: 100, program: "0.1.0")
    let log = log(store)
    log.record([draft("stored")])
    // Another writer has the next number: this stands for any failure to write.
    let other = try EventStore.open(path, limit: 100, program: "0.1.0")
    var foreign = Event(.deviceAdded, time: "", "foreign")
    foreign.id = 2
    try other.append(foreign)
    log.record([draft("kept")])
    #expect(log.storeFailure != nil)
    #expect(log.last == 3, "the event, and that it was not stored")
    let database = try Database.open(path)
    try database.run("DELETE FROM event WHERE id = 2", "remove")
    log.record([draft("later")])
    #expect(log.storeFailure == nil)
    #expect(log.last == 4)
    #expect(
      try log.events(.init()).map(\.message).filter { $0.count < 10 } == [
        "stored", "kept", "later",
      ])
    // After a restart they are there, under the numbers they were told with.
    let again = try EventStore.open(path, limit: 100, program: "0.1.0")
    #expect(again.newest == 4)
    #expect(try again.events(.init()).map(\.id) == [1, 2, 3, 4])
  }

  @Test func `a word of state that could not be stored is stored later`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("events.db").path
    let log = log(try EventStore.open(path, limit: 100, program: "0.1.0"))
    log.record([draft("a")])
    let database = try Database.open(path)
    // This stands for any failure to write.
    try database.run(
      "CREATE TRIGGER t BEFORE INSERT ON state BEGIN SELECT RAISE(FAIL, 'full'); END", "spoil")
    log.setState("running", "now")
    #expect(log.state("running") == "now")
    let other = try EventStore.open(path, limit: 100, program: "0.1.0")
    #expect(try other.state("running") == nil)
    try database.run("DROP TRIGGER t", "mend")
    log.record([draft("b")])
    #expect(try other.state("running") == "now")
  }
}

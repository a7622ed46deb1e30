import Base
import Events
import Foundation
import Testing

@testable import History

/// A folder that goes with the test.
private final class Folder {
  let path = FileManager.default.temporaryDirectory
    .appendingPathComponent("tinybox-\(UUID().uuidString)")
  var database: String { path.appendingPathComponent("events.db").path }

  init() throws {
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: path) }
}

@Suite struct EventStoreTests {
  private func event(_ kind: EventKind = .deviceAdded, _ message: String = "m") -> Event {
    Event(kind, time: "2026-11-24T10:00:00.000Z", message)
  }

  /// Appends so many events with the numbers that follow.
  @discardableResult private func add(
    _ count: Int = 1, to store: EventStore, after last: Int? = nil,
    _ make: (Int) -> Event = { _ in Event(.deviceAdded, time: "2026-11-24T10:00:00.000Z", "m") }
  ) throws -> Int {
    var last = last ?? store.newest
    for _ in 0..<count {
      last += 1
      var event = make(last)
      event.id = last
      try store.append(event)
    }
    return last
  }

  @Test func `an event comes back as it went in`() throws {
    let folder = try Folder()
    let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
    var sent = Event(
      .placementCorrected, time: "2026-11-24T10:00:00.123Z", subject: "eth0 'x' \u{1f4a9}",
      address: PCIAddress("0000:21:00.0"), "line one\nline two; DROP TABLE event",
      severity: .error, cause: "irqbalance (process 8)", count: 12)
    sent.id = 7
    try store.append(sent)
    #expect(try store.events(.init()) == [sent])
    // The same number twice is refused, not overwritten.
    #expect(throws: Failure.self) { try store.append(sent) }
  }

  @Test func `numbers go on after the store was opened again`() throws {
    let folder = try Folder()
    for round in 0..<3 {
      let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
      #expect(store.newest == round * 2)
      try add(2, to: store)
    }
  }

  @Test func `numbers are not given twice when the newest events are gone`() throws {
    let folder = try Folder()
    do {
      let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
      try add(3, to: store)
    }
    let database = try Database.open(folder.database)
    try database.run("DELETE FROM event", "empty")
    _ = consume database
    let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
    #expect(store.newest == 3)
  }

  @Test func `questions by number, severity and kind are answered by the newest, oldest first`()
    throws
  {
    let folder = try Folder()
    let store = try EventStore.open(folder.database, limit: 1000, program: "0.1.0")
    try add(30, to: store) { event($0 % 3 == 0 ? .placementConflict : .deviceAdded, "\($0)") }
    #expect(try store.events(.init(limit: 3)).map(\.message) == ["28", "29", "30"])
    #expect(try store.events(.init(after: 27)).map(\.id) == [28, 29, 30])
    #expect(try store.events(.init(after: 30)).isEmpty)
    #expect(try store.events(.init(limit: 2, severity: .error)).map(\.id) == [27, 30])
    let conflicts = try store.events(.init(after: 20, kind: .placementConflict))
    #expect(conflicts.map(\.id) == [21, 24, 27, 30])
  }

  @Test func `the oldest go when there are more than the limit`() throws {
    let folder = try Folder()
    let store = try EventStore.open(folder.database, limit: 150, program: "0.1.0")
    try add(1000, to: store)
    let kept = try store.events(.init(limit: 10_000))
    #expect(kept.count == 150)
    #expect(kept.last?.id == 1000)
    store.setLimit(50)
    try add(100, to: store, after: 1000)
    #expect(try store.events(.init(limit: 10_000)).count == 50)
  }

  @Test func `the file is for its owner alone`() throws {
    let folder = try Folder()
    let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
    try add(to: store)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.database)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `words of state are kept`() throws {
    let folder = try Folder()
    do {
      let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
      #expect(try store.state("running") == nil)
      try store.setState("running", "yes")
      try store.setState("running", "no")
    }
    #expect(
      try EventStore.open(folder.database, limit: 100, program: "0.1.0").state("running") == "no")
  }

  @Test(arguments: [0, 100, 4096]) func `a damaged database is put aside, not away`(offset: Int)
    throws
  {
    let folder = try Folder()
    do {
      let store = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
      let long = String(repeating: "x", count: 500)
      try add(50, to: store) { _ in event(.deviceAdded, long) }
    }
    let url = URL(fileURLWithPath: folder.database)
    var bytes = try Data(contentsOf: url)
    bytes.replaceSubrange(
      offset..<min(bytes.count, offset + 4000), with: Data(repeating: 0xa5, count: 4000))
    try bytes.write(to: url)
    var failure: Failure?
    do {
      _ = try EventStore.open(folder.database, limit: 100, program: "0.1.0")
    } catch {
      failure = error
    }
    #expect(failure?.isDamage == true, "\(String(describing: failure))")
    let (store, aside) = try EventStore.replace(
      folder.database, "damaged", limit: 100, program: "0.1.0", time: "T")
    #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == bytes)
    #expect(store.newest == 0)
    try add(to: store)
  }

  @Test(arguments: ["", "-wal", "-shm", "-journal"])
  func `what belongs to a database goes with it, or nothing is begun`(end: String) throws {
    let folder = try Folder()
    for other in ["", "-wal", "-shm", "-journal"] {
      try Data("of the old\(other)".utf8).write(to: URL(fileURLWithPath: folder.database + other))
    }
    // In the way of one of them.
    let obstacle = "\(folder.database).damaged-T\(end)/x"
    try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
    #expect(throws: Failure.self) {
      try EventStore.replace(folder.database, "damaged", limit: 100, program: "0.1.0", time: "T")
    }
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: folder.database)) == Data("of the old".utf8),
      "no new one beside what is left of the old")
    let (_, aside) = try EventStore.replace(
      folder.database, "damaged", limit: 100, program: "0.1.0", time: "U")
    #expect(FileManager.default.fileExists(atPath: aside))
    #expect(!FileManager.default.fileExists(atPath: folder.database + "-journal"))
  }

  @Test func `what cannot be opened says which file and why`() throws {
    #expect(throws: Failure.self) {
      try EventStore.open("/nonexistent/folder/events.db", limit: 100, program: "0.1.0")
    }
    do {
      _ = try EventStore.open("/nonexistent/folder/events.db", limit: 100, program: "0.1.0")
    } catch {
      #expect("\(error)".contains("/nonexistent/folder/events.db"))
    }
  }
}

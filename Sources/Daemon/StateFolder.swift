internal import Base
internal import Events
internal import History
internal import Linux
internal import Version

/// The folder of the daemon's state: one tinyboxd has it at a time, and notes there how it ended.
struct StateFolder: Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  private var lockFile: String { path + "/lock" }
  private var endFile: String { path + "/ended" }

  // MARK: the lock

  /// Runs `body` while no other tinyboxd has the folder. Where no lock can be made, as on a disk that is
  /// read only, it runs without one: such a box is watched all the same.
  /// - Throws: `Failure` when another one has it; nothing was touched then.
  func locked(_ body: () throws -> Void) throws {
    let lock: FileLock
    do throws(Errno) {
      lock = try FileLock(lockFile)
    } catch {
      guard error == .EAGAIN else { return try body() }
      let pid = holder.map { " (pid \($0))" } ?? ""
      throw Failure(
        "use \(path)", because: "another tinyboxd runs\(pid)",
        hint: "'systemctl stop tinyboxd' ends the service; a second one needs a --state and a "
          + "--socket of its own", code: .busy)
    }
    try body()
    _ = consume lock
  }

  /// Who has the lock, as the kernel reports it; nil where it does not. Not written in the file: on
  /// a full disk it could not be.
  private var holder: Int? {
    guard let name = try? FileLocks.name(lockFile),
      let locks = try? StampedFile.read("/proc/locks", limit: 1 << 20).bytes
    else { return nil }
    return FileLocks.holders(locks)[name]?.first
  }

  // MARK: the end

  /// Notes that this tinyboxd ended in order. A file without content: that can be made on a full disk, where
  /// the database cannot be written.
  func noteEnd() { try? DurableFile.write([], to: endFile, access: .init(mode: 0o600)) }

  /// Whether the one before noted its end.
  var hasEnd: Bool { (try? StampedFile.stamp(endFile)) != nil }

  /// Takes the note away: from now on an end without one is none in order.
  func forgetEnd() { try? DurableFile.remove(endFile) }

  // MARK: the store of events

  /// Opens the store of events; one that cannot be used is put aside, not away.
  /// - Parameters:
  ///   - limit: events to keep.
  ///   - endedInOrder: whether the tinyboxd before noted that, in whatever state it left the store.
  func openStore(limit: Int, endedInOrder: Bool) -> OpenedStore {
    var opened = openStore(limit)
    guard let store = opened.store, let before = try? store.state("running"), !before.isEmpty else {
      return opened
    }
    if !endedInOrder {
      opened.notes.insert(
        EventDraft(
          .daemonRecovered, "the tinyboxd that started at \(before) did not end in order"), at: 0)
    }
    try? store.setState("running", "")
    return opened
  }

  private func openStore(_ limit: Int) -> OpenedStore {
    let path = path + "/events.db"
    let program = Version.number
    do throws(Failure) {
      return OpenedStore(store: try EventStore.open(path, limit: limit, program: program))
    } catch {
      let reason = error.isDamage ? "damaged" : error.oldestProgram == nil ? nil : "newer"
      guard let reason else { return OpenedStore(problem: "cannot \(error)") }
      do throws(Failure) {
        let (store, aside) = try EventStore.replace(
          path, reason, limit: limit, program: program, time: WallClock.now())
        let note = EventDraft(
          error.isDamage ? .eventsUnstored : .eventsPutAside,
          "cannot \(error); it was put aside as \(aside)")
        return OpenedStore(store: store, notes: [note])
      } catch let second {
        return OpenedStore(problem: "cannot \(error); and cannot \(second)")
      }
    }
  }
}

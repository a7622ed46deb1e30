import Base
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

private let mayWatch = (try? FileWatch()) != nil

@Suite(
  .enabled(if: mayWatch, "fanotify that names processes needs CAP_SYS_ADMIN"), .serialized)
struct FileWatchTests {
  private func file(_ name: String, _ folder: String) throws -> String {
    try Data("0\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    return "\(folder)/\(name)"
  }

  private func notices(_ watch: FileWatch) throws -> [FileNotice] {
    var found: [FileNotice] = []
    while let notice = try watch.next() { found.append(notice) }
    return found
  }

  @Test func `a write by a child is told with the child's number`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = try file("affinity", folder)
    let other = try file("other", folder)
    let watch = try FileWatch()
    try watch.watch(path)
    #expect(try notices(watch) == [])
    let pid = try shell("echo 1 > '\(path)'; echo 1 > '\(other)'; cat '\(path)'")
    #expect(try isReadable(watch.descriptor))
    #expect(Set(try notices(watch)) == [.used(path: path, pid: pid)])
  }

  /// Writes to a file from this process.
  private func write(_ text: String, to path: String) -> Bool {
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    return Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count
  }

  @Test func `our own writes and those to files no longer watched are not reported`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = try file("a", folder)
    let watch = try FileWatch()
    try watch.watch(path)
    #expect(write("5", to: path))
    #expect(try notices(watch) == [])
    // The same write by another is: the watch was not deaf.
    let pid = try shell("echo 1 > '\(path)'")
    #expect(Set(try notices(watch)) == [.used(path: path, pid: pid)])
    watch.unwatch(path)
    watch.unwatch("\(folder)/never")
    try shell("echo 1 > '\(path)'")
    #expect(try notices(watch) == [])
    #expect(watch.count == 0)
  }

  @Test func `a new file of the same name is watched once it is asked for again`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = try file("a", folder)
    let watch = try FileWatch()
    try watch.watch(path)
    try watch.watch(path)
    #expect(watch.count == 1)
    try shell("rm '\(path)'; echo 0 > '\(path)'")
    _ = try notices(watch)
    try watch.watch(path)
    let pid = try shell("echo 1 > '\(path)'")
    #expect(Set(try notices(watch)) == [.used(path: path, pid: pid)])
  }

  @Test func `two names of one file share a mark`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = try file("a", folder)
    try shell("ln '\(path)' '\(folder)/b'")
    let watch = try FileWatch()
    try watch.watch(path)
    try watch.watch("\(folder)/b")
    watch.unwatch("\(folder)/b")
    let pid = try shell("echo 1 > '\(path)'")
    #expect(Set(try notices(watch)) == [.used(path: path, pid: pid)])
  }

  @Test func `a process with mounts of its own is heard through them`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    // Its own mounts, as systemd makes them for a service; a tmpfs stands for the other procfs, to
    // which nothing is written here. Ends with its input.
    let process = Process()
    let input = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = [
      "-m", "sh", "-c",
      "mkdir \(folder)/p && "
        + "mount -t tmpfs none \(folder)/p && echo 0 > \(folder)/p/a && echo > \(folder)/ready; "
        + "read x; echo 1 > \(folder)/p/a; echo > \(folder)/done; read x",
    ]
    process.standardInput = input
    try process.run()
    defer {
      try? input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
    try #require(eventually { access("\(folder)/ready", F_OK) == 0 })
    let watch = try FileWatch()
    let path = "\(folder)/p/a"
    #expect(throws: Failure.self) { try watch.watch(path) }
    try watch.watch(path, seenBy: process.processIdentifier)
    #expect(watch.watched == [path])
    #expect(FileWatch.procfs() != nil)
    #expect(FileWatch.procfs(seenBy: process.processIdentifier) == FileWatch.procfs())
    try input.fileHandleForWriting.write(contentsOf: Data("\n".utf8))
    try #require(eventually { access("\(folder)/done", F_OK) == 0 })
    #expect(Set(try notices(watch)) == [.used(path: path, pid: process.processIdentifier)])
    watch.unwatch(seenBy: process.processIdentifier)
    #expect(watch.count == 0)
  }

  @Test func `a file that is not there is named in the error`() throws {
    let watch = try FileWatch()
    do throws(Failure) {
      try watch.watch("/nowhere/file")
      Issue.record("it was watched")
    } catch {
      #expect(error.errno == .ENOENT)
      #expect(error.description.contains("/nowhere/file"))
    }
  }

  @Test func `an execution is told, and reading or writing is not`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = "\(folder)/program"
    try FileManager.default.copyItem(
      at: URL(fileURLWithPath: "/bin/true").resolvingSymlinksInPath(),
      to: URL(fileURLWithPath: path))
    let watch = try FileWatch(for: .execution)
    try watch.watch(path)
    try shell("cat '\(path)' > /dev/null; printf '' >> '\(path)'; touch '\(path)'")
    #expect(try notices(watch) == [])
    let pid = try shell("exec '\(path)'")
    #expect(try isReadable(watch.descriptor))
    #expect(Set(try notices(watch)) == [.used(path: path, pid: pid)])
    watch.unwatch(path)
    try shell("'\(path)'")
    #expect(try notices(watch) == [])
  }

  @Test func `thousands of files are watched, and too many writes are told as missed`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let count = 3000
    #expect(try DescriptorLimit.raise() > UInt64(count) + 1000)
    let watch = try FileWatch()
    try shell("cd '\(folder)' && touch $(seq \(count))")
    let paths = (1...count).map { "\(folder)/\($0)" }
    for path in paths { try watch.watch(path) }
    #expect(watch.count == count)
    // Emptied after each round, so that nothing is missed. Opened without truncating, which would
    // have the disk wait for each.
    for _ in 0..<2 {
      let pid = try shell("for f in '\(folder)'/*; do echo 1 1<>$f; done")
      let found = Set(try notices(watch))
      #expect(found == Set(paths.map { .used(path: $0, pid: pid) }))
    }
    let limit = try String(
      contentsOfFile: "/proc/sys/fs/fanotify/max_queued_events", encoding: .utf8)
    let queue = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
    // Writes of different processes stay apart; of one and the same they may be one.
    let rounds = queue / count + 2
    try #require(rounds < 50, "the system's queue is too long to fill here")
    for _ in 0..<rounds { try shell("for f in '\(folder)'/*; do echo 1 1<>$f; done") }
    let found = try notices(watch)
    #expect(found.contains(.missed("more notices than the kernel keeps")))
    let pid = try shell("echo 1 > '\(folder)/7'")
    #expect(Set(try notices(watch)) == [.used(path: "\(folder)/7", pid: pid)])
  }
}

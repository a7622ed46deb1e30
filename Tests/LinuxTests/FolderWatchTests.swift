import Glibc
import Linux
import TestSupport
import Testing

@Suite struct FolderWatchTests {
  private func notices(_ watch: FolderWatch) throws -> [FolderNotice] {
    var found: [FolderNotice] = []
    while let notice = try watch.next() { found.append(notice) }
    return found
  }

  @Test func `what comes and goes is told`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let watch = try FolderWatch()
    #expect(try watch.watch(folder))
    #expect(try watch.watch(folder))
    #expect(Array(watch.watched) == [folder])
    #expect(try notices(watch) == [])
    try shell("cd '\(folder)'; mkdir a.scope; echo > b; mv b c; rmdir a.scope; echo 1 > c; rm c")
    #expect(try isReadable(watch.descriptor))
    #expect(
      try notices(watch) == [
        .created(folder: folder, name: "a.scope"), .created(folder: folder, name: "b"),
        .deleted(folder: folder, name: "b"), .created(folder: folder, name: "c"),
        .deleted(folder: folder, name: "a.scope"), .deleted(folder: folder, name: "c"),
      ])
    watch.unwatch(folder)
    try shell("echo > '\(folder)/d'")
    #expect(try notices(watch) == [])
  }

  @Test func `files that are written in place are told where that was asked for`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    try shell("echo > '\(folder)/a'")
    let watch = try FolderWatch(includesWrites: true)
    #expect(try watch.watch(folder))
    try shell("cd '\(folder)'; echo 1 > a; cat a; echo 2 > b; rm b")
    #expect(
      try notices(watch) == [
        .written(folder: folder, name: "a"), .created(folder: folder, name: "b"),
        .written(folder: folder, name: "b"), .deleted(folder: folder, name: "b"),
      ])
    try shell("chmod 600 '\(folder)/a'; chmod 700 '\(folder)'")
    #expect(
      try notices(watch) == [
        .written(folder: folder, name: "a"), .written(folder: folder, name: ""),
      ])
  }

  @Test func `a folder that is not there is no failure, and one that goes is told`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let watch = try FolderWatch()
    #expect(try !watch.watch("\(folder)/none"))
    try shell("echo > '\(folder)/file'; mkdir '\(folder)/in' '\(folder)/moved'")
    #expect(try !watch.watch("\(folder)/file"))
    #expect(try watch.watch("\(folder)/in"))
    #expect(try watch.watch("\(folder)/moved"))
    try shell("rmdir '\(folder)/in'; mv '\(folder)/moved' '\(folder)/elsewhere'")
    #expect(
      try notices(watch) == [.gone(folder: "\(folder)/in"), .gone(folder: "\(folder)/moved")])
    #expect(watch.watched.isEmpty)
    // Another folder of that name is a new one.
    try shell("mkdir '\(folder)/in'")
    #expect(try watch.watch("\(folder)/in"))
    try shell("echo > '\(folder)/in/x'; echo > '\(folder)/elsewhere/y'")
    #expect(try notices(watch) == [.created(folder: "\(folder)/in", name: "x")])
  }

  @Test func `events that were lost are told`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let watch = try FolderWatch()
    #expect(try watch.watch(folder))
    // Twice 16384, the system's usual limit, with a file that is made and removed each time.
    try shell(
      "test $(cat /proc/sys/fs/inotify/max_queued_events) -le 16384 && cd '\(folder)' && "
        + "i=0; while [ $i -lt 300 ]; do touch $(seq 1 60); rm -f $(seq 1 60); i=$((i+1)); done")
    let found = try notices(watch)
    #expect(found.last == .overrun)
    try shell("mkdir '\(folder)/after'")
    #expect(try notices(watch) == [.created(folder: folder, name: "after")])
  }
}

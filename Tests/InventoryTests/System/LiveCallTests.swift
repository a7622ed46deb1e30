import Glibc
import KernelTree
import Linux
import Testing

@testable import Inventory

/// The calls that are no files, against the kernel that runs the test.
@Suite struct LiveCallTests {
  @Test func spaceOfTheRoot() throws {
    let numbers = SpaceAnswer.numbers(try SpaceAnswer.ask("/"))
    #expect(Set(numbers.keys) == ["free", "total", "files-free", "files-total"])
    #expect((numbers["total"] ?? 0) > 0)
    #expect((numbers["free"] ?? 0) <= (numbers["total"] ?? 0))
    #expect((numbers["files-free"] ?? 0) <= (numbers["files-total"] ?? 0))
    #expect(throws: ReadFailure.self) { try SpaceAnswer.ask("/nowhere") }
  }

  @Test func clock() throws {
    let state = try KernelClock.state()
    #expect(state.status >= 0 && state.maximumErrorMicroseconds >= 0)
  }

  @Test func aHeldLockIsFoundByItsFile() throws {
    var name = Array("/tmp/tinybox-lock-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    try #require(descriptor >= 0)
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(descriptor)
      unlink(path)
    }
    func holders() throws -> [Int] {
      let held = FileLocks.holders(try KernelTree.live.bytes("/proc/locks"))
      return held[try FileLocks.name(path)] ?? []
    }
    #expect(try holders().isEmpty)
    try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    #expect(try holders() == [Int(getpid())])
    #expect(FileLocks.isAlive(Int(getpid())))
    #expect(!FileLocks.isAlive(0) && !FileLocks.isAlive(Int(Int32.max)))
  }
}

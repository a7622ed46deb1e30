import Glibc
import KernelTree
import Testing

@Suite struct LiveSourceTests {
  @Test(.enabled(if: geteuid() != 0, "SKIPPED: root may follow every link"))
  func `a link that the caller may not follow is told to be his rights' matter`() throws {
    let tree = LiveSource()
    let failure = #expect(throws: ReadFailure.self) { try tree.realPath("/proc/1/root") }
    #expect(failure?.cause == .permissionDenied)
    #expect(failure?.caller == .user)
  }
}

import KernelTree
import Recordings
import Testing

@Suite struct KeepsModesTests {
  @Test(arguments: [true, false])
  func aRecordingOfARecordingBelievesNoMoreThanItsSource(isFaithful: Bool) {
    var builder = MemoryTreeBuilder()
    builder.file("/proc/irq/1/smp_affinity", "3", permissions: 0o444)
    let recorder = RecordingSource(builder.tree().source)
    _ = try? KernelTree(recorder).status("/proc/irq/1/smp_affinity")
    var header = RecordingHeader()
    header.keepsModes = isFaithful
    #expect(recorder.recording(header).replay().keepsModes == isFaithful)
    #expect(!builder.tree().keepsModes, "a tree without notes proves nothing")
    #expect(KernelTree.live.keepsModes)
  }
}

import Base
import KernelTree
import Recordings
import Testing

@testable import Inventory

@Suite struct KernelMessagesTests {
  private static let log = Array(
    """
    <6>[    1.100000] nvme nvme1: pci function 0000:21:00.0
    <6>[    1.100001] nvme nvme0: pci function 0000:01:00.0
    <3>[    2.500000] nvme nvme1: Device not ready; aborting initialisation, CSTS=0x0
    <3>[    2.500001] nvme nvme0: something failed
    <6>[    2.600000] pci 0000:21:00.0: [144d:a80a] type 00 class 0x010802
    Nov 29 10:00:00 box kernel: [    3.0] ixgbe 0000:61:00.0: probe with driver ixgbe failed with error -5

    """.utf8)

  private func reasons(_ address: String) throws -> [String] {
    try reasons(String(decoding: Self.log, as: UTF8.self), address)
  }

  private func reasons(_ log: String, _ address: String) throws -> [String] {
    let address = try #require(PCIAddress(address))
    let lines = KernelLogLines(Array(log.utf8), of: [address]).byDevice[address] ?? []
    return KernelMessages.reasons(lines)
  }

  @Test func `a line is a device's by its address or by the name that a line gave it`() throws {
    #expect(
      try reasons("21:00.0") == [
        "nvme nvme1: Device not ready; aborting initialisation, CSTS=0x0"
      ])
    #expect(
      try reasons("61:00.0") == [
        "ixgbe 0000:61:00.0: probe with driver ixgbe failed with error -5"
      ])
    #expect(try reasons("41:00.0").isEmpty)
  }

  @Test(arguments: [
    ("nvme 0000:21:00.0: probe with driver nvme failed with error -19", true),
    ("ixgbe: probe of 0000:61:00.0 failed with error -5", true),
    ("nvme nvme1: Removing after probe failure status: -19", true),
    ("pci 0000:21:00.0: BAR 0: failed to assign", false),
  ])
  func `a probe that failed is told from other lines`(line: String, isFailed: Bool) {
    #expect(KernelMessages.isFailedProbe([line]) == isFailed)
  }

  @Test func `the log is read where a device has no driver, and from a file where there is one`() {
    var functions = [
      DeviceClassTests.function("21:00.0", 0x144d, 0xa80a, 0x010802),
      DeviceClassTests.function("61:00.0", 0x8086, 0x1563, 0x020000, driver: "ixgbe"),
    ]
    var tree = MemoryTreeBuilder()
    KernelMessages.read(&functions, tree.tree())
    #expect(functions[0].kernelMessages == nil)
    #expect(functions[0].unknown.isEmpty)
    tree.file("/var/log/dmesg", String(decoding: Self.log, as: UTF8.self))
    KernelMessages.read(&functions, tree.tree())
    #expect(functions[0].kernelMessages?.count == 1)
    #expect(functions[1].kernelMessages == nil)
    // Who may not read it says so.
    var closed = MemoryTreeBuilder()
    closed.probe(
      "kernel-log", .failure(ReadFailure(path: "syslog(2)", cause: .permissionDenied)))
    functions[0].kernelMessages = nil
    KernelMessages.read(&functions, closed.tree())
    #expect(functions[0].unknown.map(\.fact) == ["kernelMessages"])
  }

  @Test func `an address is not part of a longer one`() throws {
    let log = "[1.0] nvme 10000:41:00.0: probe with driver nvme failed with error -5\n"
    #expect(try reasons(log, "41:00.0").isEmpty)
    #expect(try reasons(log, "10000:41:00.0").count == 1)
    // The last line of a log that was cut has no end.
    #expect(try reasons("nvme 0000:41:00.0: failed", "41:00.0").count == 1)
    #expect(try reasons("nvme 0000:41:00.", "41:00.0").isEmpty)
  }

  @Test func `a name is its device's until it is given to another`() throws {
    let log = """
      nvme nvme1: pci function 0000:21:00.0
      nvme nvme1: pci function 0000:22:00.0
      nvme nvme1: Device not ready
      """
    #expect(try reasons(log, "21:00.0").isEmpty)
    #expect(try reasons(log, "22:00.0").count == 1)
  }

  @Test func `a former boot says nothing of this one`() throws {
    let log = """
      Nov 28 10:00:00 box kernel: [    0.000000] Linux version 6.8.0
      Nov 28 10:00:01 box kernel: [    3.0] nvme 0000:21:00.0: probe with driver nvme failed with error -5
      Nov 29 10:00:00 box kernel: [    0.000000][    T0] Linux version 6.8.0
      Nov 29 10:00:01 box kernel: [    3.0] nvme 0000:22:00.0: probe with driver nvme failed with error -5
      Nov 29 10:00:02 box kernel: [    4.0] other: made for Linux version 5
      """
    #expect(try reasons(log, "21:00.0").isEmpty)
    #expect(try reasons(log, "22:00.0").count == 1)
  }

  @Test func `a probe that failed comes before what the bus says`() throws {
    let log = """
      <6>[    1.0][    T1] pci 0000:21:00.0: ROM [mem size 0x00020000 pref]: failed to assign
      nvme 0000:21:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer
      nvme 0000:21:00.0:   device [144d:a80a] error status/mask=00000001/0000e000
      nvme 0000:21:00.0: probe with driver nvme failed with error -5
      pcieport 0000:20:01.1: AER: Corrected error received: 0000:21:00.0
      other 0000:21:00.0: not supported
      """
    #expect(
      try reasons(log, "21:00.0") == [
        "nvme 0000:21:00.0: probe with driver nvme failed with error -5"
      ])
  }

  /// A live tree whose kernel keeps its log from the caller.
  private final class Refusing: TreeSource {
    let inner: any TreeSource
    init(_ inner: any TreeSource) { self.inner = inner }
    var origin: TreeOrigin { .live }
    func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
      Issue.record("\(request.path) was read")
      return try inner.bytes(request)
    }
    func entries(_ path: String) throws(ReadFailure) -> [String] { try inner.entries(path) }
    func linkTarget(_ path: String) throws(ReadFailure) -> String { try inner.linkTarget(path) }
    func realPath(_ path: String) throws(ReadFailure) -> String { try inner.realPath(path) }
    func status(_ path: String) throws(ReadFailure) -> FileStatus { try inner.status(path) }
    func probe(
      _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
    ) throws(ReadFailure) -> [UInt8] {
      throw ReadFailure(path: "syslog(2)", cause: .permissionDenied)
    }
  }

  @Test func `who may not ask the kernel is not shown what loggers wrote`() {
    var tree = MemoryTreeBuilder()
    tree.file("/var/log/dmesg", String(decoding: Self.log, as: UTF8.self))
    var functions = [DeviceClassTests.function("21:00.0", 0x144d, 0xa80a, 0x010802)]
    KernelMessages.read(&functions, KernelTree(Refusing(tree.tree().source)))
    #expect(functions[0].kernelMessages == nil)
    #expect(functions[0].unknown.map(\.fact) == ["kernelMessages"])
  }

  @Test func `a capture of a recording keeps the lines and not the log`() throws {
    var tree = MemoryTreeBuilder()
    let secret = "Nov 29 09:00:00 box sshd: accepted somebody\n"
    tree.file("/var/log/messages", secret + String(decoding: Self.log, as: UTF8.self))
    let recorder = RecordingSource(tree.tree().source)
    var functions = [DeviceClassTests.function("21:00.0", 0x144d, 0xa80a, 0x010802)]
    KernelMessages.read(&functions, KernelTree(recorder))
    let expected = functions[0].kernelMessages
    #expect(expected?.count == 1)
    let replay = recorder.recording().replay()
    #expect(replay.textIfPresent("/var/log/messages") == nil)
    let kept = try replay.probe(KernelMessages.probe) { () throws(ReadFailure) in [] }
    #expect(!String(decoding: kept, as: UTF8.self).contains("sshd"))
    functions[0].kernelMessages = nil
    KernelMessages.read(&functions, replay)
    #expect(functions[0].kernelMessages == expected)
  }
}

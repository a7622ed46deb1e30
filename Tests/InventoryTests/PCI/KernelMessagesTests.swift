import Base
import KernelTree
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
    KernelMessages.reasons(Self.log, try #require(PCIAddress(address)))
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
}

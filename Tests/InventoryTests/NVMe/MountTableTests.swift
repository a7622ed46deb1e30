import Testing

@testable import Inventory

@Suite struct MountTableTests {
  @Test func undoesEscapes() {
    let table = MountTable(
      Array(
        """
        sysfs /sys sysfs rw 0 0
        /dev/nvme0n1p2 /mnt/my\\040disk\\134x ext4 rw 0 0
        /dev/mapper/vg-root / xfs rw 0 0
        /dev/nvme1n1:/dev/nvme2n1 /pool bcachefs rw 0 0
        short line
        """.utf8))
    #expect(table.of("nvme0n1p2").map(\.point) == ["/mnt/my disk\\x"])
    #expect(table.of("mapper/vg-root").map(\.type) == ["xfs"])
    #expect(table.of("nvme2n1").map(\.point) == ["/pool"])
    #expect(table.root?.source == "/dev/mapper/vg-root")
    #expect(table.mounts.count == 4)
  }

  @Test(arguments: [
    ("\\04", "\\04"), ("\\777", "\\777"), ("\\x40", "\\x40"), ("\\", "\\"), ("a\\011b", "a\tb"),
    ("", ""),
  ])
  func otherBackslashesStay(text: String, result: String) {
    #expect(MountTable.unescaped(Array(text.utf8)[...]) == result)
  }

  @Test func swapFilesAreNoDevices() {
    let text = """
      Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
      /dev/nvme0n1p3                          partition\t8388604\t\t0\t\t-2
      /swap\\040file                           file\t\t8388604\t\t0\t\t-3
      """
    #expect(MountTable.swaps(Array(text.utf8)) == ["nvme0n1p3"])
    #expect(MountTable.swaps([]).isEmpty)
  }

  @Test func findsTheRootDevice() {
    let text = """
      21 1 259:2 / / rw,relatime shared:1 - ext4 /dev/root rw
      22 21 0:5 / /proc rw - proc proc rw
      """
    #expect(MountTable.rootNumber(mountinfo: Array(text.utf8)) == "259:2")
    #expect(MountTable.rootNumber(mountinfo: []) == nil)
  }
}

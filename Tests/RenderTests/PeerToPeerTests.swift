import Base
import Inventory
import TestMachines
import PeerToPeer
import Testing

@testable import Render

@Suite struct PeerToPeerTests {
  private func matrix(_ bench: PeerBench, width: Int = 80, unicode: Bool = true) -> [String] {
    PeerToPeerView.render(
      PeerMap(bench.inventory), Style(width: width, unicode: unicode))
  }

  /// Eight cards, eight drives and four interfaces.
  private static var full: PeerBench {
    var bench = PeerBench()
    for index in 0..<20 {
      let root = "0001:\(String(64 + index, radix: 16)):01.1"
      let device = "0001:\(String(96 + index, radix: 16)):00.0"
      bench.port(root)
      switch index {
      case 0..<8: bench.gpu(device, below: root)
      case 8..<16:
        bench.nvme("nvme\(index)", device, below: root)
        bench.edit(device) {
          $0.peerMemoryBytes = 1 << 20
          $0.peerMemoryPublished = true
        }
      default: bench.nic("enp\(index)s0f0np0", device, below: root)
      }
    }
    return bench
  }

  @Test func theMatrix() {
    let lines = matrix(.good())
    #expect(
      lines.prefix(9).map { $0 } == [
        "rows start transfers, columns own the memory",
        "                    1  2  3",
        "1 GPU 43:00.0       -  D  h",
        "2 GPU 44:00.0       D  -  h",
        "3 GPU 81:00.0       h  h  -",
        "4 nvme0 (45:00.0)   D  D  h",
        "5 eth0 (46:00.0)    D  D  h",
        "",
        "D direct  h via host bridge  x blocked  ? unknown",
      ])
    #expect(lines.contains("6 direct, 6 via host bridge; predictions, not measured"))
    #expect(lines.contains("no columns, because they show no memory to peers: nvme0, eth0"))
    #expect(lines.contains("    pairs 1-2,4-5 > 3; 3 > 1-2"))
  }

  @Test func eightCardsEightDrivesAndFourInterfacesFit() {
    let lines = matrix(Self.full)
    #expect(lines.allSatisfy { DisplayText.width($0) <= 80 })
    #expect(lines[1].hasSuffix("16") && lines[1].split(separator: " ").count == 16)
    #expect(lines[2].hasPrefix(" 1 GPU 0001:60:00.0"))
    // Narrower, it goes on below.
    let narrow = matrix(Self.full, width: 50)
    #expect(narrow.allSatisfy { DisplayText.width($0) <= 50 })
    #expect(narrow.filter { $0.hasPrefix(" 1 GPU") }.count > 1)
  }

  @Test func redirectionIsOneReasonWithOneList() {
    let lines = matrix(.good(acs: [0x1d, 0x0c]))
    #expect(lines.contains("  ACS redirection on the way"))
    #expect(
      lines.contains("    boot  pci=disable_acs_redir=0000:42:00.0;0000:42:01.0"))
    #expect(lines.contains("    try   setpci -s 0000:42:01.0 ECAP_ACS+6.w=0:2c"))
    #expect(lines.contains { $0.contains("42:00.0 redirects: ACS ReqRedir CmpltRedir") })
  }

  @Test func whatIsMissingIsSaid() {
    var bench = PeerBench.good()
    for address in ["43:00.0", "44:00.0", "81:00.0"] {
      bench.editGPU(address) {
        $0.memoryTotalBytes = nil
        $0.unknown = [
          UnknownFact(fact: "memoryTotalBytes", path: "driver", reason: "no driver is bound")
        ]
      }
    }
    #expect(
      matrix(bench).contains("  gpus[].memoryTotalBytes: no driver is bound"))
  }

  @Test func nothingToTell() {
    #expect(
      matrix(PeerBench()) == ["nothing to show: no GPU, NVMe drive or NIC on PCI"])
    var bench = PeerBench()
    bench.inventory.collectors = [
      CollectorReport(name: "GPU", outcome: .failed, note: "no /sys")
    ]
    #expect(
      matrix(bench) == ["could not look for GPU: no /sys", "nothing to show: no device was seen"])
  }

  @Test func onePairHopByHop() throws {
    let bench = PeerBench.good(acs: [0x1d])
    let map = PeerMap(bench.inventory)
    let pair = try #require(map.pair(MadeUp.at("45:00.0"), MadeUp.at("43:00.0")))
    let lines = PeerExplain.render(pair, map, Style())
    #expect(
      lines[0] == "nvme0 (45:00.0) → GPU 43:00.0  via host bridge  (a prediction, not measured)")
    let way = lines.filter { $0.contains("port") || $0.hasPrefix("4") }
    #expect(
      way.map { String($0.prefix(7)) }.filter { $0.hasSuffix(".0") } == [
        "45:00.0", "42:02.0", "41:00.0", "42:00.0", "43:00.0",
      ])
    #expect(lines.contains("distance 4 as the kernel counts, one switch"))
    #expect(lines.contains { $0.contains("boot  pci=disable_acs_redir=0000:42:00.0") })
    #expect(lines.contains { $0.contains("source kernel: drivers/pci/p2pdma.c") })
    #expect(lines.contains { $0.hasPrefix("  pci[0000:43:00.0].parent below 42:00.0") })
    let ascii = PeerExplain.render(pair, map, Style(unicode: false))
    #expect(ascii[0].contains("nvme0 (45:00.0) > GPU 43:00.0"))
  }

  @Test func thePictureHasTheMatrix() {
    let svg = TopologySVG.render(PeerBench.good().inventory)
    #expect(svg.contains(">peer to peer</text>"))
    #expect(svg.contains("GPU 43:00.0 to GPU 44:00.0: direct</title>"))
    var lone = PeerBench()
    lone.port("40:01.1")
    lone.gpu("41:00.0", below: "40:01.1")
    #expect(!TopologySVG.render(lone.inventory).contains("peer to peer"))
    #expect(!TopologySVG.render(Inventory(origin: "test")).contains("peer to peer"))
  }
}

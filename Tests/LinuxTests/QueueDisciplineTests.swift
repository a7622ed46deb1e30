import Foundation
import Linux
import TestSupport
import Testing

@Suite struct QueueDisciplineTests {
  private static let tc = ["/usr/sbin/tc", "/sbin/tc"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private struct Row: Decodable {
    var kind: String
    var root: Bool?
  }

  @Test(.enabled(if: tc != nil, "tc is not installed"))
  func `the root discipline of each interface is that of tc`() throws {
    let tc = URL(fileURLWithPath: try #require(Self.tc))
    for interface in try FileManager.default.contentsOfDirectory(atPath: "/sys/class/net") {
      let shown = try run(tc, ["-j", "qdisc", "show", "dev", interface])
      guard shown.status == 0 else { continue }
      let rows = try JSONDecoder().decode([Row].self, from: Data(shown.output.utf8))
      let root = rows.first { $0.root == true }?.kind
      #expect(QueueDiscipline.root(of: interface) == root, "\(interface)")
    }
  }

  @Test func `an interface that is not there has none`() {
    #expect(QueueDiscipline.root(of: "tinybox-none") == nil)
  }
}

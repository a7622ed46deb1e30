import Base
import Health
import Testing

@testable import Render

@Suite struct ProfileTextTests {
  private func place(_ bus: UInt8, _ kind: Profile.Place.Kind, _ name: String?) -> Profile.Place {
    Profile.Place(
      address: PCIAddress(domain: 0, bus: bus, device: 0, function: 0), kind: kind, pciID: nil,
      slot: nil, numaNode: 0, link: nil, name: name)
  }

  @Test func `each place says what stands in it`() {
    var profile = Profile(name: "test", origin: .learned)
    profile.places = [
      place(0x21, .gpu, "Radeon"), place(0x22, .accelerator, "Gaudi"), place(0x23, .nvme, nil),
      place(0x24, .nic, "ConnectX"),
    ]
    profile.memoryBytes = 128 << 30
    var lines = ProfileText.lines(profile)
    #expect(
      lines.suffix(4) == [
        "21:00.0      GPU, Radeon, node 0", "22:00.0      accelerator, Gaudi, node 0",
        "23:00.0      drive, node 0", "24:00.0      NIC, ConnectX, node 0",
      ])
    #expect(lines.contains { $0.hasPrefix("memory ") && $0.hasSuffix("128 GiB") })
    profile.memoryBytes = nil
    lines = ProfileText.lines(profile)
    // The kernel's total may be known beside it.
    #expect(lines.contains { $0.hasPrefix("memory ") && $0.hasSuffix("modules not known") })
  }

  @Test func `no line is longer than the screen`() {
    var profile = Profile(name: "test", origin: .learned)
    let name = String(repeating: "Non-Volatile memory controller ", count: 5)
    profile.places = [place(0x21, .nvme, name)]
    profile.title = name
    profile.learnedAt = "2026-01-01T00:00:00Z"
    for width in [40, 80] {
      let style = Style(width: width)
      let lines =
        ProfileText.lines(profile, style)
        + ProfileText.list(Profile.shipped + [profile], inForce: profile, style)
        + ProfileText.list(Profile.shipped, inForce: nil, style)
      #expect(lines.allSatisfy { $0.count <= width }, "\(lines.filter { $0.count > width })")
    }
    let shown = ProfileText.list(Profile.shipped, inForce: profile)
    #expect(shown.last == "* test, learned 2026-01-01T00:00:00Z")
  }
}

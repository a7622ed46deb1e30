import Base

import TestSupport
import Testing

@testable import KernelTree
@testable import Recordings

@Suite struct RedactionTests {
  private static let serial = "S4EVNX0R123456"
  private static let mac = "b4:2e:99:aa:01:fe"
  private static let uuid = "6f3a1c2e-9b7d-4e21-8f00-1234567890ab"

  /// A box that says who it is wherever it can.
  private var box: KernelTree {
    var builder = MemoryTreeBuilder()
    builder.file("/proc/sys/kernel/hostname", "orion-gpu7")
    builder.file("/etc/os-release", "NAME=\"Debian\"")
    builder.file("/sys/class/dmi/id/product_serial", "\(Self.serial) ")
    builder.file("/sys/class/dmi/id/board_serial", "To be filled by O.E.M.")
    builder.file("/sys/class/dmi/id/chassis_serial", "7")
    builder.file("/sys/class/dmi/id/product_uuid", Self.uuid)
    builder.file("/sys/devices/a/net/enxb42e99aa01fe/address", Self.mac)
    builder.file("/sys/devices/a/net/enxb42e99aa01fe/broadcast", "ff:ff:ff:ff:ff:ff")
    builder.link("/sys/class/net/enxb42e99aa01fe", to: "../../devices/a/net/enxb42e99aa01fe")
    builder.file("/sys/devices/a/unique_id", "ca58d1e2f3a4b5c6")
    builder.file(
      "/sys/class/kfd/kfd/topology/nodes/1/properties",
      "simd_count 304\nunique_id 14580634566292452806\nhive_id 0")
    builder.file(
      "/proc/cmdline",
      "BOOT_IMAGE=/vmlinuz root=UUID=\(Self.uuid) ip=10.20.30.40::10.20.30.1:255.255.255.0:orion-gpu7"
        + " ifname=eth0:\(Self.mac.uppercased()) BOOTIF=01-b4-2e-99-aa-01-fe rd.luks.uuid=\(Self.uuid)"
        + " resume=UUID=1A2B-3C4D nfs=[fe80::b62e:99ff:feaa:1fe]:2049")
    builder.file("/proc/mounts", "orion-gpu7.corp.example.org:/x /mnt nfs addr=10.20.30.40 0 0")
    builder.file(
      "/sys/note", "drive \(Self.serial)_1 of \(Self.serial.lowercased()), host orion-gpu7.")
    builder.link("/dev/disk/by-id/nvme-MODEL_\(Self.serial)", to: "../../nvme0n1")
    builder.link("/dev/disk/by-uuid/\(Self.uuid)", to: "../../nvme0n1p1")
    builder.set("/dev/disk/by-id", .directory(["ata-X_\(Self.serial)-part1"], permissions: 0o755))
    builder.file("/sys/binary", bytes: Array("a\0\(Self.serial)\0z".utf8))
    builder.file("/sys/version", "firmware 1.2.3.4 at 0000:41:00.0 12:34:56")
    builder.file("/sys/kernel/node0/x", "node0 is a node")
    return builder.tree()
  }

  private func record(_ tree: KernelTree) -> Recording {
    let recorder = RecordingSource(ProbingSource(tree.source))
    let marks: [String: Sensitivity] = [
      "/proc/sys/kernel/hostname": .hostName, "/proc/cmdline": .freeText,
      "/sys/devices/a/net/enxb42e99aa01fe/address": .hardwareAddress,
    ]
    func sweep(_ folder: String) {
      for name in (try? recorder.entries(folder)) ?? [] {
        let path = folder == "/" ? "/" + name : folder + "/" + name
        guard let status = try? recorder.status(path) else { continue }
        switch status.kind {
        case .directory: sweep(path)
        case .link: _ = try? recorder.realPath(path)
        case .file, .other:
          _ = try? recorder.bytes(ReadRequest(path, sensitivity: marks[path] ?? .none))
        }
      }
    }
    sweep("/")
    let failing = ReadFailure(path: "/dev/disk/by-id/nvme-MODEL_\(Self.serial)", cause: .gone)
    _ = try? recorder.probe("nvme/0", sensitivity: .serial) {
      Array("model X\nserial \(Self.serial)\nsn 9\nmac \(Self.mac)\n".utf8)
    }
    _ = try? recorder.probe("podman", sensitivity: .freeText) {
      Array(
        "{\"Hostname\": \"orion-gpu7\", \"ip\": \"10.20.30.40\", \"SerialNumber\": \"ZX81-0042\"}"
          .utf8)
    }
    _ = try? recorder.probe("net/enxb42e99aa01fe", sensitivity: .none) { Array("ZX81-0042".utf8) }
    _ = try? recorder.probe("fail", sensitivity: .none) { () throws(ReadFailure) in throw failing }
    return recorder.recording()
  }

  /// Everything a recording consists of, as it would be in the archive.
  private func text(_ recording: Recording) -> String {
    var all = String(decoding: recording.notes.json, as: UTF8.self)
    for (path, node) in recording.nodes.sorted(by: { $0.key < $1.key }) {
      all += "\(path) -> \(node.target ?? "")\n"
      all += String(decoding: node.content ?? [], as: UTF8.self)
    }
    return all
  }

  @Test func nothingIsLeft() {
    let recording = record(box)
    let before = text(recording).lowercased()
    let after = text(recording.redacted()).lowercased()
    for secret in [
      Self.serial, Self.mac, "b4-2e-99-aa-01-fe", "b42e99aa01fe", Self.uuid, "orion", "example.org",
      "10.20.30", "1a2b-3c4d", "fe80", "ca58d1e2f3a4b5c6", "14580634566292452806", "zx81-0042",
    ] {
      let isPlanted = before.contains(secret.lowercased())
      let isLeft = after.contains(secret.lowercased())
      #expect(isPlanted, "the test plants \(secret)")
      #expect(!isLeft, "\(secret) is left")
    }
  }

  @Test func whatIsLeftReadsAsBefore() throws {
    let tree = record(box).redacted().replay()
    #expect(try tree.text("/proc/sys/kernel/hostname") == "host-1")
    #expect(try tree.bytes("/sys/class/dmi/id/product_serial") == Array("SERIAL-1 \n".utf8))
    #expect(try tree.text("/sys/class/dmi/id/board_serial") == "To be filled by O.E.M.")
    #expect(
      try tree.text("/sys/class/dmi/id/product_uuid") == "00000000-0000-4000-8000-000000000001")
    let card = "/sys/class/net/enx020000000001"
    #expect(try tree.text(card + "/address") == "02:00:00:00:00:01")
    #expect(try tree.text(card + "/broadcast") == "ff:ff:ff:ff:ff:ff")
    #expect(try tree.names("/sys/class/net") == ["enx020000000001"])
    // The same identifier in both bases.
    let hexadecimal = try tree.text("/sys/devices/a/unique_id")
    #expect(hexadecimal.utf8.count == 16)
    let properties = ASCII.keyValues(
      try tree.bytes("/sys/class/kfd/kfd/topology/nodes/1/properties"))
    #expect(properties["unique_id"].flatMap { UInt64($0) } == UInt64(hexadecimal, radix: 16))
    #expect(properties["simd_count"] == "304")
    #expect(properties["hive_id"] == "0")
    let line = try tree.text("/proc/cmdline")
    #expect(
      line
        == "BOOT_IMAGE=/vmlinuz root=UUID=00000000-0000-4000-8000-000000000001"
        + " ip=192.0.2.1::192.0.2.2:255.255.255.0:host-1 ifname=eth0:02:00:00:00:00:01"
        + " BOOTIF=01-02-00-00-00-00-01 rd.luks.uuid=00000000-0000-4000-8000-000000000001"
        + " resume=UUID=0000-0002 nfs=[2001:db8::1]:2049")
    #expect(
      try tree.text("/proc/mounts") == "host-1:/x /mnt nfs addr=192.0.2.1 0 0")
    #expect(try tree.text("/sys/note") == "drive SERIAL-1_1 of SERIAL-1, host host-1.")
    #expect(try tree.text("/sys/version") == "firmware 1.2.3.4 at 0000:41:00.0 12:34:56")
    let binary = try tree.bytes("/sys/binary")
    #expect(binary == Array("a\0SERIAL-1000000\0z".utf8))
    #expect(try tree.text("/etc/os-release") == "NAME=\"Debian\"")
    let probe = ASCII.keyValues(try tree.probe("nvme/0") { [] })
    #expect(probe["model"] == "X")
    #expect(probe["serial"] == "SERIAL-1")
    #expect(probe["mac"] == "02:00:00:00:00:01")
    #expect(probe["sn"] != "9")
  }

  @Test func theSameBoxTwiceGivesTheSame() {
    #expect(text(record(box).redacted()) == text(record(box).redacted()))
  }

  @Test func aHostCalledLikeAKernelNameRenamesNoFolder() throws {
    var builder = MemoryTreeBuilder()
    builder.file("/proc/sys/kernel/hostname", "node0")
    builder.file("/proc/cmdline", "hostname node0")
    builder.file("/sys/devices/system/node/node0/cpulist", "0-3")
    let tree = record(builder.tree()).redacted().replay()
    #expect(try tree.text("/sys/devices/system/node/node0/cpulist") == "0-3")
    #expect(try tree.text("/proc/sys/kernel/hostname") == "host-1")
    #expect(try tree.text("/proc/cmdline") == "hostname host-1")
  }

  @Test func theSerialNumberOfAPCIDeviceIsReplaced() throws {
    var space = [UInt8](repeating: 0, count: 4096)
    // AER at 0x100, then the serial number at 0x148, then round to the start.
    space.replaceSubrange(0x100..<0x104, with: [0x01, 0x00, 0x81, 0x14])
    space.replaceSubrange(0x148..<0x154, with: [3, 0, 1, 0x10, 1, 2, 3, 4, 5, 6, 7, 8])
    var builder = MemoryTreeBuilder()
    builder.file("/sys/bus/pci/devices/0000:01:00.0/config", bytes: space)
    let recorder = RecordingSource(builder.tree().source)
    let request = ReadRequest(
      "/sys/bus/pci/devices/0000:01:00.0/config", limit: 4096, sensitivity: .configSpace)
    _ = try recorder.bytes(request)
    let after = try recorder.recording().redacted().replay().bytes(request.path)
    space.replaceSubrange(0x14c..<0x154, with: [1, 0, 0, 0, 0, 0, 0, 0])
    let isAsBefore = after == space
    #expect(isAsBefore)
  }

  @Test func aSerialNumberCutShortIsRemoved() {
    var space = [UInt8](repeating: 0, count: 0x108)
    space.replaceSubrange(0x100..<0x108, with: [3, 0, 1, 0, 1, 2, 3, 4])
    var pseudonyms = Pseudonyms()
    #expect(
      ConfigSpaceRedaction.redacted(space, &pseudonyms).suffix(8) == [3, 0, 1, 0, 0, 0, 0, 0])
  }

  @Test(.seeded, arguments: [0, 64, 256, 257, 4096, 5000])
  func damagedConfigurationSpaceIsNoCrash(length: Int) {
    var random = SeededGenerator(round: length)
    var pseudonyms = Pseudonyms()
    for _ in 0..<50 {
      let space = random.bytes(length)
      #expect(ConfigSpaceRedaction.redacted(space, &pseudonyms).count == length)
    }
  }

  @Test(arguments: [
    ("eui.0025385b01234567", "eui.0000000000000001"),
    ("0025:385b:0123:4567", "0000:0000:0000:0001"),
    ("00 25 38 5b 01 23 45 67", "02 00 00 00 00 00 00 01"),
    ("0x5000c500a1b2c3d4", "0x0000000000000001"), ("1234567", "0000001"), ("Z1D0ABCD", "SERIAL-1"),
    ("GPU-6f3a1c2e-9b7d-4e21-8f00-1234567890ab", "GPU-00000000-0000-4000-8000-000000000001"),
    ("CRYPT-LUKS2-0123456789abcdef0123456789abcdef-root", "CRYPT-LUKS2-SERIAL-1"),
  ])
  func pseudonymsKeepTheForm(text: String, pseudonym: String) {
    var pseudonyms = Pseudonyms()
    #expect(pseudonyms.serial(text) == pseudonym)
    #expect(pseudonyms.serial(text) == pseudonym)
  }

  @Test(arguments: ["", "None", "0", "Default string", "System Serial Number", "0000-0000", "N/A"])
  func placeholdersStay(text: String) {
    var pseudonyms = Pseudonyms()
    #expect(pseudonyms.serial(text) == nil)
  }

  @Test func addressesAreToldFromVersionsAndTimes() {
    func found(_ text: String) -> String {
      var pseudonyms = Pseudonyms()
      let new = TextReplacer().replaced(
        Array(text.utf8), [.hardware, .addresses, .uuids], &pseudonyms)
      return new.map { String(decoding: $0, as: UTF8.self) } ?? "unchanged"
    }
    for text in [
      "1.2.3.4.5", "v1.2.3.4", "127.0.0.1", "0.0.0.0", "255.255.252.0", "1.2.3", "256.1.1.1",
      "::1", "::", "12:34:56", "0000:41:00.0", "pci:v00001002d000073BF", "std::string", "a::b::c",
      "00:00:00:00:00:00", "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:ffx", "6f3a1c2e-9b7d-4e21-8f00",
      (0..<52).map { _ in "ab" }.joined(separator: ":"),
    ] {
      #expect(["unchanged", text].contains(found(text)))
    }
    #expect(found("10.0.0.1.") == "192.0.2.1.")
    #expect(found("10.0.0.1:/x,10.0.0.2") == "192.0.2.1:/x,192.0.2.2")
    #expect(found("fe80::1/64 2001:470:0:0:0:0:0:1") == "2001:db8::1/64 2001:db8::2")
    #expect(found("aa-bb-cc-dd-ee-ff:aa:bb:cc:dd:ee:ff") == "02-00-00-00-00-01:02:00:00:00:00:01")
    #expect(
      found("80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:31:78:51")
        == "02:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:01")
  }

  @Test func moreAddressesThanTheRangesHold() {
    var pseudonyms = Pseudonyms()
    var given: Set<String> = []
    for number in 0..<2000 {
      given.insert(pseudonyms.address4([10, 0, UInt8(number / 256), UInt8(number % 256)]))
    }
    #expect(given.count == 2000)
  }
}

import Base
internal import CPCIOracle
internal import Glibc
import TestSupport
import Testing

@testable import Inventory

/// Compares our reading of configuration spaces with libpci's, register by register.
@Suite struct LibpciTests {
  /// A folder laid out like `/sys/bus/pci`, removed in the end.
  private final class Folder {
    let path: String
    private var made: [String] = []

    init() throws {
      var template = Array("/tmp/tinybox-libpci-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw Failure(text: "mkdtemp: errno \(errno)") }
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      try folder("")
      try folder("/devices")
    }

    deinit { for entry in made.reversed() { remove(entry) } }

    func folder(_ name: String) throws {
      if !name.isEmpty, mkdir(path + name, 0o755) != 0 {
        throw Failure(text: "mkdir \(name): errno \(errno)")
      }
      made.append(path + name)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws {
      guard let file = fopen(path + name, "w") else {
        throw Failure(text: "fopen \(name): errno \(errno)")
      }
      made.append(path + name)
      _ = fwrite(bytes, 1, bytes.count, file)
      fclose(file)
    }

    /// One device with this configuration space.
    func device(_ name: String, _ config: [UInt8]) throws {
      try folder("/devices/\(name)")
      for (attribute, text) in [("vendor", "0x1002"), ("device", "0x744c"), ("class", "0x030000")] {
        try file("/devices/\(name)/\(attribute)", Array("\(text)\n".utf8))
      }
      try file("/devices/\(name)/config", config)
    }
  }

  private struct Failure: Error { var text: String }

  /// Asks libpci about many configuration spaces at once.
  private func ask(
    _ spaces: [[UInt8]], _ check: (Int, [UInt8], tbx_oracle_answer) throws -> Void
  ) throws {
    let folder = try Folder()
    for (index, space) in spaces.enumerated() {
      try folder.device(name(index), space)
    }
    var why = [CChar](repeating: 0, count: 256)
    guard let oracle = tbx_oracle_open(folder.path, &why, why.count) else {
      throw Failure(text: words(why))
    }
    defer { tbx_oracle_close(oracle) }
    for (index, space) in spaces.enumerated() {
      var answer = tbx_oracle_answer()
      let status = tbx_oracle_ask(
        oracle, 0x10000, Int32(index / 32), Int32(index % 32), &answer, &why, why.count)
      guard status == 0 else { throw Failure(text: words(why)) }
      try check(index, space, answer)
    }
  }

  /// In a domain of more than 16 bits, as behind a volume management device.
  private func name(_ index: Int) -> String {
    PCIAddress(
      domain: 0x10000, bus: UInt8(index / 32), device: UInt8(index % 32), function: 0
    ).description
  }

  private func words(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// libpci's lists. It follows a pointer into the header, where the kernel and we stop: what it
  /// found there and behind it does not count.
  private func lists(
    _ answer: tbx_oracle_answer
  ) -> (standard: [ConfigSpace.Capability], extended: [ConfigSpace.Capability]) {
    let all = withUnsafeBytes(of: answer.capabilities) { buffer in
      Array(buffer.bindMemory(to: tbx_oracle_capability.self).prefix(Int(answer.count)))
    }
    func list(isExtended: Bool, from lowest: UInt32) -> [ConfigSpace.Capability] {
      all.filter { ($0.is_extended != 0) == isExtended }.prefix { $0.offset >= lowest }
        .map { ConfigSpace.Capability(id: $0.id, offset: Int($0.offset)) }
    }
    return (list(isExtended: false, from: 0x40), list(isExtended: true, from: 0x100))
  }

  private func compare(_ index: Int, _ bytes: [UInt8], _ answer: tbx_oracle_answer) {
    let space = ConfigSpace(bytes)
    // The list pointer of a CardBus bridge lies elsewhere, which libpci does not look at.
    if bytes[0x0e] & 0x7f == 2 || space.isDead { return }
    let theirs = lists(answer)
    #expect(space.standard == theirs.standard, "device \(index)")
    // PCI Express found behind a pointer into the header opens the extended space to libpci only.
    if space.standardOffset(0x10) != nil {
      #expect(space.extended == theirs.extended, "device \(index)")
    }
    compareOffsets(index, space, answer)
    compareRegisters(index, space, answer)
  }

  private func compareOffsets(_ index: Int, _ space: ConfigSpace, _ answer: tbx_oracle_answer) {
    withUnsafeBytes(of: answer.standard) { buffer in
      for (id, offset) in buffer.bindMemory(to: UInt32.self).enumerated() where offset >= 0x40 {
        // One that libpci found behind the header is not in our list at all.
        guard let ours = space.standardOffset(UInt16(id)) else { continue }
        #expect(ours == Int(offset), "device \(index), capability \(id)")
      }
    }
    withUnsafeBytes(of: answer.extended) { buffer in
      for (id, offset) in buffer.bindMemory(to: UInt32.self).enumerated() where offset >= 0x100 {
        guard let ours = space.extendedOffset(UInt16(id)) else { continue }
        #expect(ours == Int(offset), "device \(index), extended capability \(id)")
      }
    }
  }

  private func compareRegisters(_ index: Int, _ space: ConfigSpace, _ answer: tbx_oracle_answer) {
    let where_ = Comment(rawValue: "device \(index)")
    if let express = value(space.express) {
      #expect(express.portType == .init(code: UInt16(answer.port_type)), where_)
      #expect(express.maxPayloadSupportedBytes == Int(answer.payload_supported), where_)
      #expect(express.maxPayloadBytes == Int(answer.payload), where_)
      #expect(express.maxReadRequestBytes == Int(answer.read_request), where_)
      #expect(express.relaxedOrdering == (answer.relaxed_ordering != 0), where_)
      #expect(express.extendedTag == (answer.extended_tag != 0), where_)
      if let training = express.linkTraining {
        #expect(training == (answer.training != 0), where_)
        #expect(express.bandwidthManagementStatus == (answer.bandwidth_management != 0), where_)
        #expect(express.autonomousBandwidthStatus == (answer.autonomous_bandwidth != 0), where_)
      }
      if let rate = express.linkStatus {
        #expect(rate.gigatransfersPerSecond == PCIeRate.speed(code: Int(answer.link_speed)), where_)
        #expect(rate.width == Int(answer.link_width), where_)
      }
      if let rate = express.linkCapability {
        #expect(rate.width == Int(answer.link_cap_width), where_)
        if answer.version >= 2, answer.speed_vector != 0, answer.link_cap_speed != 0 {
          let top = 32 - answer.speed_vector.leadingZeroBitCount
          #expect(
            rate.gigatransfersPerSecond
              == PCIeRate.speed(code: min(top, Int(answer.link_cap_speed))), where_)
        }
      }
      if answer.version >= 2 {
        #expect(express.atomicRouting == (answer.atomic_routing != 0), where_)
        #expect(express.atomicRequester == (answer.atomic_requester != 0), where_)
        #expect(express.atomicEgressBlocked == (answer.atomic_egress_blocked != 0), where_)
        if let disabled = express.hardwareAutonomousSpeedDisabled {
          #expect(disabled == (answer.autonomous_speed_disabled != 0), where_)
          #expect(
            express.targetGigatransfersPerSecond
              == PCIeRate.speed(code: Int(answer.target_speed)), where_)
        }
      }
    }
    if let vectors = value(space.vectors) {
      if let msi = vectors.msi { #expect(msi == Int(answer.msi_vectors), where_) }
      if let msix = vectors.msix { #expect(msix == Int(answer.msix_vectors), where_) }
    }
    if let acs = value(space.acs) {
      #expect(acs.capability == UInt16(answer.acs_capability), where_)
      #expect(acs.control == UInt16(answer.acs_control), where_)
    }
  }

  @Test func generatedSpacesAgree() throws {
    var spaces = [ConfigSpaceBuilder.rich().bytes, ConfigSpaceBuilder.rich(bridge: true).bytes]
    for type in [0, 1, 4, 5, 6, 7, 8, 9, 10] as [UInt16] {
      var space = ConfigSpaceBuilder(bridge: type == 4)
      space.express(type: type, capability: (5, 8), status: (4, 4), target: 3)
      spaces.append(space.bytes)
    }
    try ask(spaces) { index, bytes, answer in
      // These are whole and well-formed: not only must the two agree, both must find everything.
      #expect(value(ConfigSpace(bytes).express) != nil)
      #expect(answer.version == 2)
      compare(index, bytes, answer)
    }
  }

  @Test(.seeded) func scatteredListsAgree() throws {
    var random = SeededGenerator()
    let spaces = (0..<300).map { _ in
      var space = ConfigSpaceBuilder()
      // The PCI Express capability lies at 0x40 to 0x73; others anywhere behind it, in any order.
      space.express(at: 0x40, type: 5, capability: (3, 4), status: (2, 2))
      for slot in (0x1d..<0x3f).shuffled(using: &random).prefix(8) {
        space.standard(.random(in: 0...0xfe, using: &random), at: slot * 4)
      }
      space.extended(0x0001, at: 0x100)
      for slot in (0x41..<0x3ff).shuffled(using: &random).prefix(12) {
        space.extended(.random(in: 1...0x3f, using: &random), at: slot * 4)
      }
      return space.bytes
    }
    try ask(spaces) { index, bytes, answer in
      #expect(ConfigSpace(bytes).standard.count == 9 && ConfigSpace(bytes).extended.count == 13)
      compare(index, bytes, answer)
    }
  }

  @Test(.seeded) func mutatedSpacesAgree() throws {
    var random = SeededGenerator()
    let spaces = (0..<600).map { index in
      ConfigSpaceFuzzTests.mutate(
        ConfigSpaceBuilder.rich(bridge: index % 2 == 0).bytes, &random)
    }
    var found = 0
    try ask(spaces) { index, bytes, answer in
      compare(index, bytes, answer)
      if value(ConfigSpace(bytes).express) != nil { found += 1 }
    }
    // Enough of them still have something to compare.
    #expect(found > 200)
  }

  @Test(.seeded, arguments: [64, 256])
  func truncatedSpacesAgree(size: Int) throws {
    var random = SeededGenerator(round: size)
    let spaces = (0..<64).map { _ in
      Array(
        ConfigSpaceFuzzTests.mutate(ConfigSpaceBuilder.rich().bytes, &random).prefix(size))
    }
    try ask(spaces) { index, bytes, answer in
      let space = ConfigSpace(bytes)
      if bytes[0x0e] & 0x7f == 2 || space.isDead { return }
      #expect(space.standard == lists(answer).standard, "device \(index)")
    }
  }
}

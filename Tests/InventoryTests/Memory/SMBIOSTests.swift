@testable import Inventory
import KernelTree
import TestMachines
import TestSupport
import Testing

@Suite struct SMBIOSTests {
  private func modules(_ table: [UInt8], serials: Bool = true) -> [MemoryModule] {
    MemoryModuleReader.modules(SMBIOS.structures(table).structures, includeSerials: serials)
  }

  @Test func walksEveryStructure() throws {
    let (structures, isComplete) = SMBIOS.structures(SMBIOSBytes.table)
    #expect(isComplete)
    #expect(structures.map(\.type) == [1, 16, 17, 17, 127])
    #expect(structures.map(\.handle) == [1, 0x1000, 0x1100, 0x1101, 0xfeff])
    let system = try #require(structures.first)
    #expect(system.text(0x04) == "Maker")
    #expect(system.text(0x07) == "SN-1")
    #expect(system.text(0x06) == nil)
    #expect(system.text(0x60) == nil)
    #expect(structures[1].strings.isEmpty)
  }

  @Test func everyTruncationEndsTheWalkEarly() {
    let table = SMBIOSBytes.table
    let whole = SMBIOS.structures(table).structures
    for length in 0..<table.count {
      let (structures, isComplete) = SMBIOS.structures(Array(table[..<length]))
      #expect(structures == Array(whole.prefix(structures.count)))
      // Only a cut between two structures looks whole.
      if isComplete { #expect(length == 0 || structures.count < whole.count) }
    }
  }

  @Test(.seeded) func randomBytesNeverCrash() {
    var random = SeededGenerator()
    for _ in 0..<2000 {
      var table = SMBIOSBytes.table
      for _ in 0..<random.pick(1...8) {
        table[random.pick(table.indices)] = .random(in: 0...255, using: &random)
      }
      let redacted = SMBIOS.redactingSerials(table)
      #expect(redacted.count == table.count)
      let shape = SMBIOS.structures(table).structures.map { [Int($0.type), $0.strings.count] }
      #expect(
        SMBIOS.structures(redacted).structures.map { [Int($0.type), $0.strings.count] } == shape)
      _ = modules(table)
    }
  }

  @Test func readsAModuleAndAnEmptySocket() throws {
    let found = modules(SMBIOSBytes.table)
    try #require(found.count == 2)
    var expected = MemoryModule(isPopulated: true)
    expected.locator = "DIMMA1"
    expected.bank = "P0_Node0_Channel0"
    expected.sizeBytes = 64 << 30
    expected.type = "DDR4"
    expected.ratedMegatransfersPerSecond = 3200
    expected.configuredMegatransfersPerSecond = 2933
    expected.manufacturer = "Samsung"
    expected.partNumber = "M393A8G40"
    expected.serial = "H0KE0002"
    #expect(found[0] == expected)
    var empty = MemoryModule(isPopulated: false)
    empty.locator = "DIMMA2"
    empty.bank = "P0_Node0_Channel0"
    #expect(found[1] == empty)
  }

  @Test func serialsOnlyOnRequest() {
    #expect(modules(SMBIOSBytes.table, serials: false).allSatisfy { $0.serial == nil })
  }

  @Test(arguments: [
    (UInt16(0xffff), UInt32(5), nil), (0x4000, 0, 16 << 30), (0x8200, 0, 512 << 10),
    (0x7fff, 0x8001_0000, 64 << 30), (0x7fff, 0, nil),
  ])
  func sizeFields(size: UInt16, extended: UInt32, bytes: Int?) {
    let found = modules(SMBIOSBytes.memoryDevice(size: size, extendedSize: extended))
    #expect(found.first?.isPopulated == true)
    #expect(found.first?.sizeBytes == bytes)
  }

  @Test func speedFields() {
    let fast = modules(
      SMBIOSBytes.memoryDevice(
        type: 0x22, speed: 0xffff, configured: 0xffff, extendedSpeed: 70_000,
        extendedConfigured: 66_000)
    ).first
    #expect(fast?.type == "DDR5")
    #expect(fast?.ratedMegatransfersPerSecond == 70_000)
    #expect(fast?.configuredMegatransfersPerSecond == 66_000)
    let silent = modules(SMBIOSBytes.memoryDevice(type: 2, speed: 0, configured: 0xffff)).first
    #expect(silent?.type == nil)
    #expect(silent?.ratedMegatransfersPerSecond == nil)
    #expect(silent?.configuredMegatransfersPerSecond == nil)
  }

  @Test func anOldShortStructureLacksTheNewFields() {
    // SMBIOS 2.3 ends at 0x1b.
    let whole = SMBIOSBytes.memoryDevice(size: 1024)
    let old = SMBIOSBytes.structure(
      17, handle: 1, Array(whole[4..<0x1b]), ["A", "B", "C", "D", "E", "F"])
    let module = modules(old).first
    #expect(module?.sizeBytes == 1 << 30)
    #expect(module?.ratedMegatransfersPerSecond == 3200)
    #expect(module?.configuredMegatransfersPerSecond == nil)
    #expect(module?.partNumber == "F")
  }

  @Test func flashIsNoMemory() {
    let flash = SMBIOSBytes.structure(16, handle: 0x2000, [3, 5, 3, 0, 0, 0, 0, 0, 0, 1, 0], [])
    #expect(modules(flash + SMBIOSBytes.memoryDevice(array: 0x2000)).isEmpty)
    #expect(modules(flash + SMBIOSBytes.memoryDevice(array: 0x2001)).count == 1)
  }

  @Test func redactionKeepsEverythingElse() throws {
    let oem = SMBIOSBytes.structure(
      0xdd, handle: 0x99, [1, 0xaa, 0xbb, 0xcc], ["00:11:22:33:44:55"])
    let table = SMBIOSBytes.system + oem + SMBIOSBytes.memoryDevice() + SMBIOSBytes.end
    let redacted = SMBIOS.redactingSerials(table + [1, 2, 3])
    #expect(redacted.count == table.count + 3)
    #expect(redacted.suffix(3) == [0, 0, 0])
    let text = String(decoding: redacted, as: UTF8.self)
    for secret in ["SN-1", "H0KE0002", "AT1", "00:11"] { #expect(!text.contains(secret)) }
    for kept in ["Maker", "Box", "Samsung", "M393A8G40", "DIMMA1"] {
      #expect(text.contains(kept))
    }
    let structures = SMBIOS.structures(redacted).structures
    #expect(structures[0].number(0x08, width: 8) == 0)
    #expect(structures[1].formatted.dropFirst(4).allSatisfy { $0 == 0 })
    var expected = try #require(modules(table).first)
    expected.serial = nil
    #expect(modules(redacted) == [expected])
  }

  @Test func redactionLeavesPlaceholdersSoThatTheyStaySilent() {
    let redacted = SMBIOS.redactingSerials(SMBIOSBytes.emptySocket)
    #expect(redacted == SMBIOSBytes.emptySocket)
  }

  @Test func redactionCoversWhatLiesBehindDamage() {
    var table = SMBIOSBytes.system + SMBIOSBytes.memoryDevice()
    table[SMBIOSBytes.system.count + 1] = 3
    let redacted = SMBIOS.redactingSerials(table)
    #expect(redacted.dropFirst(SMBIOSBytes.system.count).allSatisfy { $0 == 0 })
  }

  @Test(arguments: [
    "To Be Filled By O.E.M.", "default string", "Not Specified", "System Product Name", "00000000",
    "XXXXXXXX", "--------", "Manufacturer00", "SerNum12", "NO DIMM", "Unknown",
  ])
  func placeholders(text: String) { #expect(SMBIOS.isPlaceholder(text)) }

  @Test(arguments: ["Samsung", "0", "M393A8G40", "B650D4U", "1.0", "Box2", "Manufacturer", "00x1"])
  func values(text: String) { #expect(!SMBIOS.isPlaceholder(text)) }
}

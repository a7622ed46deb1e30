import Testing

@testable import Inventory

@Suite struct SMARTLogTests {
  static func log() -> [UInt8] {
    var log = [UInt8](repeating: 0, count: 512)
    log[0] = 0x04
    log[1] = 0x43  // 0x0143 = 323 K
    log[2] = 0x01
    log[3] = 100
    log[4] = 10
    log[5] = 120
    log[32] = 2
    log[48] = 1
    log[48 + 8] = 1  // 2^64 + 1 units
    log[112] = 7
    log[128] = 0x10
    log[129] = 0x27  // 10,000 hours
    log[144] = 3
    log[160] = 1
    log[176] = 9
    return log
  }

  @Test func decodesEveryField() throws {
    let health = try #require(SMARTLog.health(Self.log()))
    #expect(health.criticalWarning == 4)
    #expect(health.temperatureCelsius == 50)
    #expect(health.availableSpare == 1)
    #expect(health.spareThreshold == 0.1)
    #expect(health.lifeUsed == 1.2)
    #expect(health.bytesRead == 1_024_000)
    #expect(health.bytesWritten == (0x1p64 + 1) * 512_000)
    #expect(health.powerCycles == 7)
    #expect(health.powerOnHours == 10_000)
    #expect(health.unsafeShutdowns == 3)
    #expect(health.mediaErrors == 1)
    #expect(health.errorLogEntries == 9)
  }

  @Test func noTemperatureIsNotAbsoluteZero() {
    var log = Self.log()
    log[1] = 0
    log[2] = 0
    #expect(SMARTLog.health(log)?.temperatureCelsius == nil)
    #expect(SMARTLog.health(log) != nil)
  }

  @Test(arguments: [
    [UInt8](repeating: 0xff, count: 512), [UInt8](repeating: 0, count: 512),
    Array(SMARTLogTests.log().prefix(511)), [],
  ])
  func logsWithoutContentAreNone(log: [UInt8]) { #expect(SMARTLog.health(log) == nil) }

  @Test func probeTextSurvivesARoundTrip() {
    #expect(SMARTLog.decode(SMARTLog.encode(Self.log())) == .log(Self.log()))
  }

  @Test(arguments: ["", "smart", "smart 0", "smart zz", "other 00", "refused 0x2"])
  func otherTextsAreNoLog(text: String) {
    guard case .none = SMARTLog.decode(Array(text.utf8)) else {
      Issue.record("'\(text)' was taken for a log")
      return
    }
  }

  @Test(
    arguments: [
      (0x0004_0013, 1 << 18), (0x0001_0213, 16 << 20), (0, 0), (0x0000_1700, nil),
      (0xffff_f613, 0xfffff << 36), (1 << 40, nil),
    ] as [(UInt64, Int?)])
  func decodesTheMemoryBufferRegister(register: UInt64, bytes: Int?) {
    #expect(NVMeNames.memoryBufferBytes(register: register) == bytes)
  }

  @Test(arguments: [
    ("nvme0n1", "nvme0n1"), ("nvme0c2n1", "nvme0n1"), ("nvme12n34", "nvme12n34"), ("nvme0", nil),
    ("nvme0n1p1", nil), ("ng0n1", nil), ("nvmen1", nil), ("nvme0cn1", nil), ("hwmon3", nil),
  ])
  func namesBlockDevices(entry: String, device: String?) {
    #expect(NVMeNames.blockDevice(entry) == device)
  }
}

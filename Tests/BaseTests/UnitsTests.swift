import Base
import Testing

@Suite struct UnitsTests {
  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1 KiB"), (24 << 30, "24 GiB"), (1536 << 20, "1.5 GiB"),
    (2_000_398_934_016, "1.82 TiB"), ((1 << 40) - 1, "1 TiB"), (503 << 30, "503 GiB"),
    (Int.max, "8 EiB"),
  ])
  func capacity(_ bytes: Int, _ text: String) { #expect(Units.capacity(bytes) == text) }

  @Test func partOfACapacity() {
    #expect(Units.capacity(1 << 30, of: 24 << 30) == "1/24 GiB")
    #expect(Units.capacity(0, of: 24 << 30) == "0/24 GiB")
  }

  @Test(arguments: [
    (31.5e9, "31.5 GB/s"), (984.6e6, "985 MB/s"), (999.9e6, "1 GB/s"), (0.0, "0 B/s"),
    (Double.nan, "unknown"),
  ])
  func rate(_ value: Double, _ text: String) { #expect(Units.rate(value) == text) }

  @Test(arguments: [
    (100_000_000_000, "100 Gb/s"), (2_500_000_000, "2.5 Gb/s"), (10_000_000, "10 Mb/s"),
  ])
  func bitRate(_ value: Int, _ text: String) {
    #expect(Units.bitRate(value) == text)
    #expect(Units.bitRate(Double(value)) == text)
  }

  @Test(
    arguments: [
      (0.0, "0 s"), (59.9, "59 s"), (754, "12 min 34 s"), (15_120, "4 h 12 min"),
      (273_600, "3 d 4 h"), (.nan, "unknown"), (-1, "unknown"), (.infinity, "unknown"),
    ] as [(Double, String)])
  func duration(_ value: Double, _ text: String) { #expect(Units.duration(value) == text) }

  @Test(
    arguments: [
      (0.0, "0 %"), (0.001, "<1 %"), (0.37, "37 %"), (0.996, ">99 %"), (1, "100 %"),
      (2.55, "255 %"),
      (.nan, "unknown"),
    ] as [(Double, String)])
  func percent(_ value: Double, _ text: String) { #expect(Units.percent(value) == text) }

  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-12345, "-12,345"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func count(_ value: Int, _ text: String) { #expect(Units.count(value) == text) }

  @Test func others() {
    #expect(Units.watts(285.4) == "285 W")
    #expect(Units.watts(4.25) == "4.3 W")
    #expect(Units.watts(.infinity) == "unknown")
    #expect(Units.celsius(54.4) == "54 °C")
    #expect(Units.celsius(-3, isASCII: true) == "-3 C")
    #expect(Units.gigatransfers(2.5) == "2.5 GT/s")
    #expect(Units.gigatransfers(16) == "16 GT/s")
    #expect(Units.hertz(2_482_000_000) == "2.48 GHz")
    #expect(Units.count(1, "socket") == "1 socket")
    #expect(Units.count(2, "socket") == "2 sockets")
    #expect(Units.decimal(-0.001, places: 1) == "0")
    #expect(Units.decimal(0.05, places: 2) == "0.05")
    #expect(Units.decimal(3, places: 2, keepZeros: true) == "3.00")
  }
}

import Base
import Testing

@testable import Benchmarks

/// What `ib_write_bw` of perftest is called with and prints.
struct PerftestTests {
  private func table(_ row: String, unit: String = "Gb/sec") -> [UInt8] {
    Array(
      """
      ---------------------------------------------------------------------------------------
                          RDMA_Write BW Test
       Dual-port       : OFF\t\tDevice         : rxe0
      ---------------------------------------------------------------------------------------
       local address: LID 0000 QPN 0x0011 PSN 0xf49ec2 RKey 0x000287 VAddr 0x007f4ec61da000
      ---------------------------------------------------------------------------------------
       #bytes     #iterations    BW peak[\(unit)]    BW average[\(unit)]   MsgRate[Mpps]
       \(row)
      ---------------------------------------------------------------------------------------
      """.utf8)
  }

  /// As perftest 25.01 measured Soft-RoCE in the virtual box.
  @Test func theAverageIsRead() throws {
    let report = try PerftestReport(
      output: table("65536      565              0.00               0.15   \t\t     0.000282"))
    #expect(report.bytesPerSecond == 0.15e9 / 8)
    #expect(report.messageBytes == 65536 && report.messages == 565)
  }

  @Test(arguments: [
    "", "65536 0 0.00 0.00 0.0", "65536 4242 0.00 nan 0.1", "65536 4242", "65536 4242 0.00 -1 0.1",
  ])
  func aRowWithoutARateIsAFailure(row: String) {
    #expect(throws: Failure.self) { try PerftestReport(output: table(row)) }
  }

  @Test func anotherUnitIsAFailure() {
    #expect(throws: Failure.self) {
      try PerftestReport(output: table("65536 4242 0.00 88.32 0.1", unit: "MiB/sec"))
    }
  }

  /// As perftest 25.01 failed over Soft-RoCE.
  @Test func aFailureHasItsWords() {
    let output = """
       Completion with error at client
       Failed status 5: wr_id 0 syndrom 0x0
      scnt=128, ccnt=0
       #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]
      """
    let failure = #expect(throws: Failure.self) { try PerftestReport(output: Array(output.utf8)) }
    #expect(failure?.reason == "Failed status 5: wr_id 0 syndrom 0x0")
  }

  @Test func aPeerWithoutAServerIsKnown() {
    let text = Array("Couldn't connect to 10.0.0.2:18515\nUnable to open file descriptor".utf8)
    #expect(PerftestReport.isUnanswered(output: [], errors: text))
    #expect(!PerftestReport.isUnanswered(output: table(""), errors: []))
  }

  @Test func theTimeIsMeasuredWithoutItsEnds() {
    let command = PerftestJob(peer: "10.0.0.2", device: "mlx5_0", seconds: 2).command
    #expect(command.first == "ib_write_bw" && command.last == "10.0.0.2")
    #expect(command.contains("--duration=4") && command.contains("--margin=1"))
    #expect(command.contains("--ib-dev=mlx5_0"))
  }
}

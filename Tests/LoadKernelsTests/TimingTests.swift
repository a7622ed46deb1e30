import CLoadKernels
import Glibc
import Testing

@testable import LoadKernels

@Suite struct TimingTests {
  static func timing(wall: Int64, cpu: Int64, switches: Int64) -> Timing {
    Timing(tbx_timing(start: 1000, wall: wall, cpu: cpu, switches: switches))
  }

  @Test func cleanIsUndisturbed() {
    // The CPU time spans the wall time, and is a little longer.
    #expect(Self.timing(wall: 10_000, cpu: 10_100, switches: 0).isClean)
    #expect(Self.timing(wall: 10_000, cpu: 9_801, switches: 0).isClean)
    #expect(!Self.timing(wall: 10_000, cpu: 9_800, switches: 0).isClean)
    #expect(!Self.timing(wall: 10_000, cpu: 10_100, switches: 1).isClean)
    let timing = Self.timing(wall: 10_000, cpu: 0, switches: 0)
    #expect(timing.start == 1000 && timing.end == 11_000 && timing.seconds == 1e-5)
  }

  @Test func aSleepIsNotClean() {
    // The clocks themselves: a thread that waits does not run.
    var count = 0
    var kernel = tbx_compute_kernels(&count)[0]
    kernel.run = { turns, _ in
      let end = tbx_now() + Int64(turns)
      var time = timespec(tv_sec: 0, tv_nsec: 1_000_000)
      while tbx_now() < end { nanosleep(&time, nil) }
    }
    var timing = tbx_timing()
    var results: [UInt64] = [0]
    tbx_time_compute(&kernel, 20_000_000, &results, &timing)
    #expect(timing.wall >= 20_000_000)
    #expect(timing.cpu < timing.wall / 2)
    #expect(!Timing(timing).isClean)
  }
}

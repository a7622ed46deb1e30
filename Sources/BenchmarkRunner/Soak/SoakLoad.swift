package import Base
package import Benchmarks
package import LoadKernels

/// One load of a soak: what it is called, which devices it loads, and how it runs.
package struct SoakLoad: Sendable {
  /// Its name in the report.
  package var name: String
  /// Devices whose leases it needs.
  package var devices: [PCIAddress]
  /// Why it cannot run here; nil when it can.
  package var obstacle: PlannedMeasurement.Obstacle?
  /// Runs it on the calling thread until its time is over or its flag is set: within 0.5 s then.
  package var run: @Sendable (SoakTime) throws(Failure) -> SoakWork

  /// A load that can run.
  package init(
    _ name: String, devices: [PCIAddress] = [],
    _ run: @escaping @Sendable (SoakTime) throws(Failure) -> SoakWork
  ) {
    self.name = name
    self.devices = devices
    self.run = run
  }

  /// A load that cannot run here.
  package init(
    _ name: String, devices: [PCIAddress] = [], obstacle: PlannedMeasurement.Obstacle
  ) {
    self.init(name, devices: devices) { _ throws(Failure) in SoakWork() }
    self.obstacle = obstacle
  }
}

/// How long a load runs.
package struct SoakTime: Sendable {
  /// Seconds of the soak.
  package let seconds: Double
  /// Set when it is to end at once.
  package let stop: StopFlag
}

/// What a load did.
package struct SoakWork: Sendable {
  /// Bytes that it moved; nil for a load that moves none.
  package var bytes: Double?
  /// Operations; nil for a load that counts none.
  package var operations: Double?
  /// Results that were compared with what they must be; nil for a load that compares none.
  package var checkedResults: Int?
  /// Results that were wrong.
  package var wrongResults = 0
  /// The compute rate of CPUs over time.
  package var clock: SoakClock?
  /// How it was done.
  package var details: [String: String] = [:]

  /// Nothing done.
  package init() {}
}

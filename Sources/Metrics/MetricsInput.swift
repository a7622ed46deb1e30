internal import Base
package import Benchmarks
package import Health
package import Inventory
package import Placement

/// What metrics are made of.
package struct MetricsInput: Sendable {
  /// Version of tinybox.
  package var version: String
  /// The facts.
  package var inventory: Inventory
  /// What the checks say; nil when they did not run.
  package var report: HealthReport?
  /// What the box should have.
  package var profile: Profile?
  /// What was placed; nil when nothing was, or it could not be determined.
  package var placement: PlacementStatus?
  /// What the history of benchmarks shows; nil where nobody asked tinyboxd, or it cannot be read.
  package var benchmarks: BenchmarkSummary?
  /// Seconds each collector took, by its name in `Inventory.collectors`. The caller measures them.
  package var collectorSeconds: [String: Double]
  private let functions: [PCIAddress: Int]

  /// Facts and what was made of them.
  package init(
    version: String, inventory: Inventory, report: HealthReport? = nil, profile: Profile? = nil,
    placement: PlacementStatus? = nil, benchmarks: BenchmarkSummary? = nil,
    collectorSeconds: [String: Double] = [:]
  ) {
    self.version = version
    self.inventory = inventory
    self.report = report
    self.profile = profile
    self.placement = placement
    self.benchmarks = benchmarks
    self.collectorSeconds = collectorSeconds
    functions = Dictionary(
      inventory.pci.enumerated().map { ($0.element.address, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  func function(_ address: PCIAddress?) -> PCIFunction? {
    address.flatMap { functions[$0] }.map { inventory.pci[$0] }
  }

  /// The label `device` of a drive: its PCI address; its name when it is not on PCI.
  static func device(_ drive: NVMeController) -> String {
    drive.address?.description ?? drive.name
  }

  /// The labels `device` and `port` of each interface, in the order of the inventory. `port` is the
  /// interface's number, or its name where a function has several that share a number.
  var interfaces: [(nic: NIC, device: String, port: String)] {
    let keys = inventory.nics.map { nic in
      (
        nic: nic, device: nic.address?.description ?? nic.name,
        port: nic.port.map { String($0) } ?? ""
      )
    }
    var uses: [String: Int] = [:]
    for key in keys { uses[key.device + " " + key.port, default: 0] += 1 }
    return keys.map { key in
      uses[key.device + " " + key.port] == 1 ? key : (key.nic, key.device, key.nic.name)
    }
  }
}

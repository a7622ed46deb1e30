package import Base
package import Inventory

/// What a suite plans from: the machine's facts, and what was asked for.
package struct BenchmarkBox: Sendable {
  /// The facts, by address.
  package let index: DeviceIndex
  /// What was asked for.
  package let options: BenchmarkOptions
  /// What may be written to drives this week; nil where it is not known what was written.
  package var writeBudget: WriteBudget?
  /// The interface that leads to `options.networkPeer`; nil where it is not known.
  package var peerInterface: String?
  /// The interface that leads to `options.nfsServer`; nil where it is not known.
  package var nfsInterface: String?
  /// The hosted runtimes; empty where none is, or a recording does not say.
  package var runtimes: [HostedRuntimeFacts] = []
  /// The jobs of this machine, with their GPUs.
  package var jobs: [HostedJobFacts] = []
  /// Why the hosted runtimes are not known; nil where they are.
  package var runtimesProblem: String?
  /// The environment with tinygrad, `tinygrad-0.13.0`; nil where it is not known.
  package var tinygrad: String?
  /// Why tinygrad cannot compute; nil where it can, or a recording does not say.
  package var tinygradProblem: String?

  /// A machine and a wish.
  package init(_ inventory: Inventory, _ options: BenchmarkOptions) {
    index = DeviceIndex(inventory)
    self.options = options
  }

  /// The facts.
  package var inventory: Inventory { index.inventory }

  /// Whether a device was asked for.
  package func wants(_ address: PCIAddress?) -> Bool {
    options.devices.isEmpty || options.devices.contains { index.isNamed($0, address) }
  }
}

extension DeviceIndex {
  /// Whether a name that a person gave is this device's.
  fileprivate func isNamed(_ name: String, _ address: PCIAddress?) -> Bool {
    guard let address else { return false }
    return DeviceSubject(name, in: inventory) == .function(address)
  }
}

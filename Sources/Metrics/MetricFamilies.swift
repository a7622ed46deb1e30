/// Every metric family there is, in the order of the output.
package enum MetricFamilies {
  /// All of them.
  package static let all: [MetricFamily] =
    ProgramMetrics.families + CheckMetrics.families + DeviceMetrics.families + LinkMetrics.families
    + GPUMetrics.families + NVMeMetrics.families + NICMetrics.families + InterruptMetrics.families
    + MemoryMetrics.families + SystemMetrics.families + PlacementMetrics.families
    + BenchmarkMetrics.families + RuntimeMetrics.families

  /// The label that names a device.
  static let device = MetricFamily.Label(
    "device", "PCI address; the name of this boot for what is not on PCI")
  /// The label that distinguishes interfaces of one function.
  static let port = MetricFamily.Label(
    "port", "number of the port; the interface's name where ports have no numbers of their own")
}

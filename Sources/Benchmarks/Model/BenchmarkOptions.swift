/// What a person asks of a run. It goes from the command line to the unit that measures as JSON.
public struct BenchmarkOptions: Codable, Hashable, Sendable {
  /// Suites to run, by name; empty for all that apply.
  public var suites: [String] = []
  /// A shorter run, no part of the history that is judged.
  public var isQuick = false
  /// Devices to keep to, by any name that `devices` takes; empty for all.
  public var devices: [String] = []
  /// An existing file, or a folder, on the drive to write to: writing is tried nowhere else.
  public var scratch: String?
  /// Serial numbers of drives that may be overwritten.
  public var consentSerials: [String] = []
  /// Address of an iperf3 server on the other end of the network.
  public var networkPeer: String?
  /// Local address to send from.
  public var networkLocal: String?
  /// Address and export of an NFS server: `10.0.0.2:/export`.
  public var nfsServer: String?
  /// Wait for devices that are in use, instead of leaving them out.
  public var waits = false
  /// Who started it.
  public var trigger = BenchmarkRun.Trigger.manual

  /// Every suite that applies, in full.
  package init() {}
}

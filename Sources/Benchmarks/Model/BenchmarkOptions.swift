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

  /// Options from JSON: what is left out is as in `init()`.
  public init(from decoder: any Decoder) throws {
    self.init()
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func take<Value: Decodable>(_ key: CodingKeys, _ path: WritableKeyPath<Self, Value>) throws {
      if let value = try values.decodeIfPresent(Value.self, forKey: key) {
        self[keyPath: path] = value
      }
    }
    try take(.suites, \.suites)
    try take(.isQuick, \.isQuick)
    try take(.devices, \.devices)
    try take(.consentSerials, \.consentSerials)
    try take(.waits, \.waits)
    try take(.trigger, \.trigger)
    scratch = try values.decodeIfPresent(String.self, forKey: .scratch)
    networkPeer = try values.decodeIfPresent(String.self, forKey: .networkPeer)
    networkLocal = try values.decodeIfPresent(String.self, forKey: .networkLocal)
    nfsServer = try values.decodeIfPresent(String.self, forKey: .nfsServer)
  }
}

/// `[daemon]`: how `tinyboxd` keeps watch.
public struct DaemonSettings: Hashable, Sendable {
  /// Seconds between two runs of all checks.
  public var checkSeconds = 1800
  /// Events that are remembered.
  public var eventCount = 20_000

  /// The defaults.
  package init() {}

  static let keys: [ConfigurationKey<DaemonSettings>] = [
    .init(
      "check-interval", .time(10...604_800, "from 10s to 7d"), \.checkSeconds, default: "\"30m\"",
      """
      Time between two runs of all checks; they also run when something changed. Values without \
      change notifications (wear, error counters, free space) are read this often.
      """),
    .init(
      "events", .number(100...1_000_000), \.eventCount, default: "20000",
      "Number of events that are kept; the oldest are deleted."),
  ]
}

/// `[gateway]`: what `tinybox-gateway` listens on.
public struct GatewaySettings: Hashable, Sendable {
  /// Addresses.
  public var listen = [Setting(ListenAddress(host: "127.0.0.1", port: 8686))]
  /// Path of a PEM file with the certificate chain.
  public var certificate: Setting<String>?
  /// Path of a PEM file with its key.
  public var key: Setting<String>?
  /// `[gateway.models]`.
  public var models = ModelSettings()
  /// `[gateway.aliases]`: other names of models.
  public var aliases: [String: Setting<String>] = [:]
  /// `[gateway.limits.NAME]`.
  public var limits: [CallerLimitSettings] = []

  /// The defaults.
  package init() {}

  static let keys: [ConfigurationKey<GatewaySettings>] = [
    .init(
      "listen", .list(of: .address, such: #"["127.0.0.1:8686", "[::1]:8686"]"#), \.listen,
      default: #"["127.0.0.1:8686"]"#,
      "Addresses and ports. On an address that is not loopback, every request needs a token."),
    .init(
      "tls-certificate", .absolutePath, \.certificate,
      "PEM file with the certificate chain, the gateway's own first."),
    .init("tls-key", .absolutePath, \.key, "PEM file with the key of the certificate."),
    .table(
      "models", \.models, ModelSettings.keys,
      "How the gateway answers for hosted models, below `/v1`."),
    .values(
      "aliases", by: "alias", .text, \.aliases,
      "Other names for models: the instance or model that a name stands for."),
    .tables(
      "limits", by: "caller", \.limits, CallerLimitSettings.keys,
      """
      What a caller may use: the name of a token, or the address of a client without one. Others are not \
      limited.
      """,
      make: { name, _ in CallerLimitSettings(name: name) }, check: { _, _, _ in }),
  ]

  static func check(_ decoder: inout TableDecoder, _ settings: GatewaySettings, _ path: String) {
    if decoder.isWhole, (settings.certificate == nil) != (settings.key == nil) {
      decoder.note(
        settings.certificate?.position ?? settings.key?.position, path,
        "'tls-certificate' and 'tls-key' go together")
    }
  }
}

/// `[benchmark]`: what benchmarks may do.
public struct BenchmarkSettings: Hashable, Sendable {
  /// Bytes that they may write to a drive in 7 days. A consumer drive of 2 TB that is rated for 1,200 TB in 5
  /// years may write 4,600 GB a week; this is a fortieth of it.
  public var driveWriteBytes = 100 << 30
  /// Address of a machine where `iperf3 -s` runs, for the runs at night.
  public var peer: Setting<String>?
  /// NFS server and export, as `mount` takes them, for the runs at night.
  public var nfs: Setting<String>?

  /// The defaults.
  package init() {}

  static let keys: [ConfigurationKey<BenchmarkSettings>] = [
    .init(
      "drive-writes", .size(0...(1 << 50), "from 0G to 1024T"), \.driveWriteBytes,
      default: "\"100G\"",
      """
      What they may write to one drive in 7 days, counted from the results of the last 7 days; a \
      measurement that would write more is skipped.
      """),
    .init(
      "peer", .text, \.peer,
      """
      Address or name of a machine where `iperf3 -s` runs: the runs at night measure the network to it. A run \
      by hand takes `--peer`.
      """),
    .init(
      "nfs", .text, \.nfs,
      """
      An NFS server and its export, such as `"10.0.0.2:/export"`: the runs at night write to it and read. A run \
      by hand takes `--nfs`.
      """),
  ]
}

/// The settings of the services.
public struct ServiceSettings: Hashable, Sendable {
  /// `[daemon]`.
  public var daemon = DaemonSettings()
  /// `[gateway]`.
  public var gateway = GatewaySettings()
  /// `[benchmark]`.
  public var benchmark = BenchmarkSettings()

  /// The defaults.
  package init() {}

  /// The tables of the services.
  package static let keys: [ConfigurationKey<ServiceSettings>] = [
    .table("daemon", \.daemon, DaemonSettings.keys, "How `tinyboxd` watches the machine."),
    .table(
      "gateway", \.gateway, GatewaySettings.keys, "What `tinybox-gateway` listens on.",
      check: GatewaySettings.check),
    .table("benchmark", \.benchmark, BenchmarkSettings.keys, "What benchmarks may do."),
  ]

  /// All tables that there are: those of other modules are decoded there, and passed over here.
  private static let root =
    keys + [
      ConfigurationKey(KeyReference(ConfigurationFiles.placementSection, .table([]), "")) {
        _, _, _, _ in
      }
    ]

  /// The settings of a machine.
  /// - Throws: everything that is wrong with the files but for `[placement]`, which only the
  ///   planner judges.
  package static func read(
    _ source: ConfigurationSource
  ) throws(ConfigurationFailure) -> ServiceSettings {
    decoded(try ConfigurationFiles.read(source))
  }

  /// The settings in one file, in place of those of the machine.
  /// - Throws: everything that is wrong with it but for `[placement]`.
  package static func read(
    file: String, _ source: ConfigurationSource
  ) throws(ConfigurationFailure) -> ServiceSettings {
    decoded(try ConfigurationFiles.read(file: file, source))
  }

  private static func decoded(_ table: TOMLTable) -> ServiceSettings {
    var settings = ServiceSettings()
    _ = TableDecoder.decode(table, root, into: &settings, isWhole: true)
    return settings
  }

  /// What is wrong in the tables of the services.
  static func problems(_ table: TOMLTable, isWhole: Bool) -> [ConfigurationProblem] {
    var settings = ServiceSettings()
    return TableDecoder.decode(table, root, into: &settings, isWhole: isWhole)
  }
}

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
  ]

  static func check(_ decoder: inout TableDecoder, _ settings: GatewaySettings, _ path: String) {
    if decoder.isWhole, (settings.certificate == nil) != (settings.key == nil) {
      decoder.note(
        settings.certificate?.position ?? settings.key?.position, path,
        "'tls-certificate' and 'tls-key' go together")
    }
  }
}

/// The settings of the services.
public struct ServiceSettings: Hashable, Sendable {
  /// `[daemon]`.
  public var daemon = DaemonSettings()
  /// `[gateway]`.
  public var gateway = GatewaySettings()

  /// The defaults.
  package init() {}

  /// The tables of the services.
  package static let keys: [ConfigurationKey<ServiceSettings>] = [
    .table("daemon", \.daemon, DaemonSettings.keys, "How `tinyboxd` watches the machine."),
    .table(
      "gateway", \.gateway, GatewaySettings.keys, "What `tinybox-gateway` listens on.",
      check: GatewaySettings.check),
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

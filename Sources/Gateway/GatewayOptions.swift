internal import Base
package import Configuration
internal import HTTPService
internal import Linux
internal import RuntimeCatalog
internal import Tokens

/// The options of the gateway's command line.
package struct GatewayOptions: Sendable {
  /// The daemon's socket.
  package var socket = "/run/tinybox/api.sock"
  /// A configuration in place of the machine's.
  package var configuration: String?
  /// The file of tokens.
  package var tokens = TokenStore.path
  /// The registry of hosted runtimes, which `tinyboxd` writes.
  package var runtimes = RuntimeRegistry.path
  /// The folder of the runtimes' sockets.
  package var runtimeSockets = RuntimeRegistry.sockets
  /// The folder that stands for `/` where accounts are looked up.
  package var root = ""
  /// Addresses in place of those of the configuration; empty for none.
  package var listen: [ListenAddress] = []
  /// What a machine uses.
  package init() {}

  /// What the gateway listens on, and how it answers for models.
  func plan(inherited: [Int32]) throws(Failure) -> ListenPlan {
    let settings: GatewaySettings
    do throws(ConfigurationFailure) {
      settings =
        if let configuration {
          try ServiceSettings.read(file: configuration, .live).gateway
        } else {
          try ServiceSettings.read(.live).gateway
        }
    } catch {
      throw Failure("use the configuration", error)
    }
    let models = DoorSettings(settings, isShared: isShared)
    var files: TLSFiles?
    if let certificate = settings.certificate, let key = settings.key {
      files = TLSFiles(certificate: certificate.value, key: key.value)
    }
    if !inherited.isEmpty {
      return ListenPlan(
        listeners: inherited.map { .inherited(descriptor: $0, tls: files) }, files: files,
        models: models)
    }
    let addresses = listen.isEmpty ? settings.listen.map(\.value) : listen
    return ListenPlan(
      listeners: addresses.map { .tcp(host: $0.host, port: $0.port, tls: files) }, files: files,
      models: models)
  }

  /// Whether several people have accounts on this machine; where that cannot be read, they have.
  private var isShared: Bool {
    do throws(Errno) {
      return try LoginAccounts.names(root: root).count > 1
    } catch {
      return true
    }
  }
}

/// What to listen on.
struct ListenPlan: Hashable {
  var listeners: [Listener]
  var files: TLSFiles?
  var models: DoorSettings
}

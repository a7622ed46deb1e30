internal import Base
package import Configuration
internal import HTTPService
internal import Tokens

/// The options of the gateway's command line.
package struct GatewayOptions: Sendable {
  /// The daemon's socket.
  package var socket = "/run/tinybox/api.sock"
  /// A configuration in place of the machine's.
  package var configuration: String?
  /// The file of tokens.
  package var tokens = TokenStore.path
  /// Addresses in place of those of the configuration; empty for none.
  package var listen: [ListenAddress] = []
  /// What a machine uses.
  package init() {}

  /// What the gateway listens on.
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
    var files: TLSFiles?
    if let certificate = settings.certificate, let key = settings.key {
      files = TLSFiles(certificate: certificate.value, key: key.value)
    }
    if !inherited.isEmpty {
      return ListenPlan(
        listeners: inherited.map { .inherited(descriptor: $0, tls: files) }, files: files)
    }
    let addresses = listen.isEmpty ? settings.listen.map(\.value) : listen
    return ListenPlan(
      listeners: addresses.map { .tcp(host: $0.host, port: $0.port, tls: files) }, files: files)
  }
}

/// What to listen on.
struct ListenPlan: Hashable {
  var listeners: [Listener]
  var files: TLSFiles?
}

internal import NIOSSL
internal import Synchronization
internal import Vendor

/// The certificates of a listener, replaceable while it serves.
final class TLSContext: Sendable {
  private let files: TLSFiles
  private let current: Mutex<NIOSSLContext>

  init(_ files: TLSFiles) throws(HTTPServerFailure) {
    self.files = files
    current = Mutex(try TLSContext.read(files))
  }

  /// What the next connection uses.
  var context: NIOSSLContext { current.withLock { $0 } }

  /// Reads the files again; those in use stay when that fails.
  func reload() throws(HTTPServerFailure) {
    let new = try TLSContext.read(files)
    current.withLock { $0 = new }
  }

  private static func read(_ files: TLSFiles) throws(HTTPServerFailure) -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let certificateText = try bytes(files.certificate, "read the certificate")
    let keyText = try bytes(files.key, "read the key")
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(certificateText)
    } catch {
      throw HTTPServerFailure(
        step: "read the certificate \(files.certificate)", cause: "it is no PEM certificate")
    }
    guard !chain.isEmpty else {
      throw HTTPServerFailure(
        step: "read the certificate \(files.certificate)", cause: "there is none in it")
    }
    do {
      key = try NIOSSLPrivateKey(bytes: keyText, format: .pem)
    } catch {
      throw HTTPServerFailure(
        step: "read the key \(files.key)", cause: "it is no PEM private key without passphrase")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw HTTPServerFailure(
        step: "use the key \(files.key)",
        cause: "it does not belong to the certificate \(files.certificate)")
    }
  }

  private static func bytes(_ path: String, _ step: String) throws(HTTPServerFailure) -> [UInt8] {
    do throws(CallFailure) {
      return try StampedFile.read(path, limit: 1 << 20).bytes
    } catch {
      throw HTTPServerFailure(step: "\(step) \(path)", cause: error.meaning)
    }
  }
}

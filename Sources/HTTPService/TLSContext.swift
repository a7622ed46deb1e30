internal import Base
internal import Linux
internal import NIOSSL
internal import Synchronization

/// What a listener encrypts with, replaceable while it serves.
final class TLSContext: Sendable {
  private let current: Mutex<NIOSSLContext?>

  /// - Parameter context: nil for a listener that does not encrypt.
  init(_ context: NIOSSLContext?) { current = Mutex(context) }

  /// What the next connection uses; nil when it is not encrypted.
  var context: NIOSSLContext? { current.withLock { $0 } }

  /// Changes what connections use from now on.
  func use(_ context: NIOSSLContext?) { current.withLock { $0 = context } }

  /// Reads certificate and key, and holds them against each other.
  static func read(_ files: TLSFiles) throws(Failure) -> NIOSSLContext {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let certificateText = try bytes(files.certificate, "read the certificate")
    let keyText = try bytes(files.key, "read the key")
    do {
      chain = try NIOSSLCertificate.fromPEMBytes(certificateText)
    } catch {
      throw Failure(
        "read the certificate \(files.certificate)", because: "it is no PEM certificate")
    }
    guard !chain.isEmpty else {
      throw Failure("read the certificate \(files.certificate)", because: "there is none in it")
    }
    do {
      key = try NIOSSLPrivateKey(bytes: keyText, format: .pem)
    } catch {
      throw Failure(
        "read the key \(files.key)", because: "it is no PEM private key without passphrase")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw Failure(
        "use the key \(files.key)",
        because: "it does not belong to the certificate \(files.certificate)")
    }
  }

  private static func bytes(_ path: String, _ step: String) throws(Failure) -> [UInt8] {
    do throws(Errno) {
      return try StampedFile.read(path, limit: 1 << 20).bytes
    } catch {
      throw Failure("\(step) \(path)", error)
    }
  }
}

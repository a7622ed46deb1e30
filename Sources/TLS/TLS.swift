package import Base
package import HTTPService
internal import Linux
internal import NIOCore
internal import NIOSSL

/// TLS 1.2 and later for `HTTPService`.
package struct TLS: Encryption {
  /// Encrypts as the files say.
  package init() {}

  /// Reads certificate and key, and checks that they belong together.
  package func session(_ files: TLSFiles) throws(Failure) -> any EncryptedSession {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey
    let certificateText = try TLS.bytes(files.certificate, "read the certificate")
    let keyText = try TLS.bytes(files.key, "read the key")
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
      return Session(context: try NIOSSLContext(configuration: configuration))
    } catch {
      throw Failure(
        "use the key \(files.key)",
        because: "it does not belong to the certificate \(files.certificate)")
    }
  }

  private struct Session: EncryptedSession {
    let context: NIOSSLContext

    func makeHandler() -> any ChannelHandler { NIOSSLServerHandler(context: context) }
  }

  private static func bytes(_ path: String, _ step: String) throws(Failure) -> [UInt8] {
    do throws(Errno) {
      return try StampedFile.read(path, limit: 1 << 20).bytes
    } catch {
      throw Failure("\(step) \(path)", error)
    }
  }
}

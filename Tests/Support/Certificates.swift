public import Foundation

/// A certificate for 127.0.0.1 that vouches for itself, and its key.
/// - Returns: the paths of two PEM files in the folder.
public func makeCertificate(
  _ folder: URL, _ name: String
) throws -> (certificate: String, key: String) {
  let files = (
    certificate: folder.appendingPathComponent("\(name).pem").path,
    key: folder.appendingPathComponent("\(name).key").path
  )
  let made = try run(
    URL(fileURLWithPath: "/usr/bin/openssl"),
    [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1",
      "-keyout", files.key, "-out", files.certificate,
    ])
  guard made.status == 0 else {
    throw CocoaError(.fileWriteUnknown, userInfo: ["openssl": made.errors])
  }
  return files
}

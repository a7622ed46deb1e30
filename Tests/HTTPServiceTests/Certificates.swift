import Foundation
import HTTPService
import TestSupport
import Testing

/// A certificate for 127.0.0.1 that vouches for itself, and its key.
func makeCertificate(_ folder: URL, _ name: String) throws -> TLSFiles {
  let files = TLSFiles(
    certificate: folder.appendingPathComponent("\(name).pem").path,
    key: folder.appendingPathComponent("\(name).key").path)
  let made = try run(
    URL(fileURLWithPath: "/usr/bin/openssl"),
    [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1",
      "-keyout", files.key, "-out", files.certificate,
    ])
  #expect(made.status == 0, "\(made.errors)")
  return files
}

/// What curl makes of `/who` on a port, trusting this certificate only.
func fetch(_ port: Int, _ trusted: String, _ more: [String] = []) async throws -> Finished {
  try await offPool {
    try run(
      URL(fileURLWithPath: "/usr/bin/curl"),
      ["-sS", "--max-time", "10", "--cacert", trusted] + more
        + ["https://127.0.0.1:\(port)/who"])
  }
}

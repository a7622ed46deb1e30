import Base
import Foundation
import HTTPService
import TestSupport
import Testing

@Suite(.serialized) struct TLSTests {
  @Test func `TLS from 1 2 on, and a new certificate without a restart`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try makeCertificate(folder, "one")
    let thread = EventThread()
    let server = HTTPServer(thread: thread, responder: TestResponder())
    let listener = Listener.tcp(host: "127.0.0.1", port: 0, tls: files)
    let number = try await server.start(on: [listener])[0].port ?? 0
    for version in ["1.2", "1.3"] {
      let got = try await fetch(
        number, files.certificate, ["--tlsv\(version)", "--tls-max", version])
      #expect(got.output.contains("isEncrypted: true"), "\(version): \(got.errors)")
    }
    let old = try await fetch(number, files.certificate, ["--tls-max", "1.1"])
    #expect(old.status != 0)
    // Clear text on that port gets no answer, and hurts nobody.
    let clear = try await offPool {
      let client = try RawClient(port: number)
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
      return try client.readToEnd()
    }
    #expect(!clear.contains("HTTP/1.1"))

    let other = try makeCertificate(folder, "two")
    try FileManager.default.removeItem(atPath: files.key)
    await #expect(throws: Failure.self) { try await server.listen(on: [listener]) }
    #expect(try await fetch(number, files.certificate).status == 0)
    try FileManager.default.removeItem(atPath: files.certificate)
    try FileManager.default.copyItem(atPath: other.certificate, toPath: files.certificate)
    try FileManager.default.copyItem(atPath: other.key, toPath: files.key)
    #expect(try await server.listen(on: [listener])[0].port == number)
    #expect(try await fetch(number, other.certificate).status == 0)
    await server.stop(seconds: 1)
    await thread.stop()
  }

  @Test func `files that cannot be used are named`() async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = try makeCertificate(folder, "one")
    let two = try makeCertificate(folder, "two")
    let noise = folder.appendingPathComponent("noise").path
    try Data("noise".utf8).write(to: URL(fileURLWithPath: noise))
    let thread = EventThread()
    let server = HTTPServer(thread: thread, responder: TestResponder())
    for (files, name) in [
      (TLSFiles(certificate: "/nonexistent.pem", key: one.key), "/nonexistent.pem"),
      (TLSFiles(certificate: one.certificate, key: "/nonexistent.key"), "/nonexistent.key"),
      (TLSFiles(certificate: noise, key: one.key), noise),
      (TLSFiles(certificate: one.certificate, key: noise), noise),
      (TLSFiles(certificate: one.certificate, key: two.key), two.key),
    ] {
      await #expect {
        try await server.start(on: [.tcp(host: "127.0.0.1", port: 0, tls: files)])
      } throws: {
        "\($0)".contains(name)
      }
    }
    await server.stop(seconds: 0)
    await thread.stop()
  }
}

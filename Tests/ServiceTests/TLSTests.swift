import Foundation
import TestSupport
import Testing

/// The gateway with a certificate, as it is installed. Without a daemon: what is asked for is a file of the
/// dashboard.
@Suite(
  .seeded,
  .enabled(
    if: Service.isWanted,
    "TINYBOX_SERVICE=1 starts the real services on this machine (make service-tests)"),
  .serialized)
struct TLSTests {
  /// A gateway that runs, with a configuration of its own.
  private final class Program {
    let process = Process()
    let output = Pipe()
    let configuration: URL
    private var said = ""

    init(_ folder: URL, _ files: (certificate: String, key: String)) throws {
      configuration = folder.appendingPathComponent("tinybox.toml")
      try configure(files)
      process.executableURL = Service.programs.appendingPathComponent("tinybox-gateway")
      // A port that was free a moment ago: 0 is none for the configuration.
      process.arguments = ["--config", configuration.path, "--socket", "/nonexistent"]
      process.standardError = output
      try process.run()
    }

    deinit { process.terminate() }

    func configure(_ files: (certificate: String, key: String)) throws {
      try Data(
        """
        [gateway]
        listen = ["127.0.0.1:\(TLSTests.port)"]
        tls-certificate = "\(files.certificate)"
        tls-key = "\(files.key)"
        """.utf8
      ).write(to: configuration)
    }

    /// Waits for a line that holds a text; what was said before counts.
    func says(_ text: String) -> Bool {
      while !said.contains(text) {
        let more = output.fileHandleForReading.availableData
        if more.isEmpty { return false }
        said += String(decoding: more, as: UTF8.self)
      }
      said = String(said[(said.range(of: text)?.upperBound ?? said.endIndex)...])
      return true
    }

    func reload() { kill(process.processIdentifier, SIGHUP) }
  }

  /// Of the range that the kernel gives to nobody by itself.
  private static let port: Int = {
    var random = SeededGenerator()
    return random.pick(20_000..<32_000)
  }()

  private func fetch(_ trusted: String, _ more: [String] = []) throws -> Finished {
    try run(
      URL(fileURLWithPath: "/usr/bin/curl"),
      ["-sS", "--max-time", "20", "--cacert", trusted, "-o", "/dev/null", "-w", "%{http_code}"]
        + more + ["https://127.0.0.1:\(TLSTests.port)/style.css"])
  }

  @Test func `TLS from 1 2 on, and a new certificate without a restart`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = try makeCertificate(folder, "one")
    let gateway = try Program(folder, one)
    #expect(gateway.says("listening on 127.0.0.1:\(TLSTests.port)"))
    for version in ["1.2", "1.3"] {
      let got = try fetch(one.certificate, ["--tlsv\(version)", "--tls-max", version])
      #expect(got.output == "200", "\(version): \(got.errors)")
    }
    #expect(try fetch(one.certificate, ["--tls-max", "1.1"]).status != 0)
    // Clear text on that port gets no answer, and hurts nobody.
    let clear = try run(
      URL(fileURLWithPath: "/usr/bin/curl"),
      ["-sS", "--max-time", "5", "http://127.0.0.1:\(TLSTests.port)/style.css"])
    #expect(clear.status != 0 && !clear.output.contains("color"))

    let two = try makeCertificate(folder, "two")
    try gateway.configure((two.certificate, "/nonexistent.key"))
    gateway.reload()
    #expect(gateway.says("/nonexistent.key"))
    #expect(try fetch(one.certificate).output == "200")
    try gateway.configure(two)
    gateway.reload()
    #expect(gateway.says("listening on"))
    #expect(try fetch(two.certificate).output == "200")
    #expect(try fetch(one.certificate).status != 0)
  }

  @Test func `files that cannot be used are named`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let one = try makeCertificate(folder, "one")
    let two = try makeCertificate(folder, "two")
    let noise = folder.appendingPathComponent("noise").path
    try Data("noise".utf8).write(to: URL(fileURLWithPath: noise))
    for (files, name) in [
      (("/nonexistent.pem", one.key), "/nonexistent.pem"),
      ((one.certificate, "/nonexistent.key"), "/nonexistent.key"),
      ((noise, one.key), noise), ((one.certificate, noise), noise),
      ((one.certificate, two.key), two.key),
    ] {
      let gateway = try Program(folder, files)
      #expect(gateway.says(name))
      gateway.process.waitUntilExit()
      #expect(gateway.process.terminationStatus == 1)
    }
  }
}

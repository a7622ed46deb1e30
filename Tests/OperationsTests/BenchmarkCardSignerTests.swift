import Base
import Benchmarks
import Foundation
import Operations
import TestMachines
import TestSupport
import Testing

/// Cards signed and verified with a key that is made for the test.
@Suite struct BenchmarkCardSignerTests {
  /// A folder with a card and a key without a passphrase; both are removed afterwards.
  private func withCard(
    passphrase: String = "", _ body: (_ card: String, _ key: String, _ folder: URL) throws -> Void
  ) throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    // A name that a shell would read as more than one word, and as a command.
    let card = folder.appendingPathComponent("-my card;$(touch x)'.json").path
    try BenchmarkCard(BenchmarkRuns.box()).text().write(
      toFile: card, atomically: true, encoding: .utf8)
    let key = folder.appendingPathComponent("key").path
    let made = try run(
      URL(fileURLWithPath: "/usr/bin/env"),
      ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "test", "-f", key])
    try #require(made.status == 0, "\(made.errors)")
    try body(card, key, folder)
  }

  private func change(_ path: String, _ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func `a signed card is verified, with its signer where one is allowed`() throws {
    try withCard { card, key, folder in
      #expect(try BenchmarkCardSigner.sign(file: card, key: key) == card + ".sig")
      // Again: the signature that is there is replaced, and nobody is asked.
      _ = try BenchmarkCardSigner.sign(file: card, key: key)
      let (read, signature) = try BenchmarkCardSigner.verify(file: card)
      #expect(read == BenchmarkCard(BenchmarkRuns.box()))
      #expect(signature.keyType == "ED25519")
      #expect(signature.fingerprint.hasPrefix("SHA256:"))
      #expect(signature.signer == nil)
      let allowed = folder.appendingPathComponent("allowed").path
      let publicKey = try String(contentsOfFile: key + ".pub", encoding: .utf8)
      try "box@example.net \(publicKey)".write(toFile: allowed, atomically: true, encoding: .utf8)
      let known = try BenchmarkCardSigner.verify(file: card, allowedSigners: allowed).signature
      #expect(known.signer == "box@example.net")
      #expect(known.fingerprint == signature.fingerprint)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 5)
    }
  }

  @Test func `a changed card, a signature of another card and a key that is not allowed fail`()
    throws
  {
    try withCard { card, key, folder in
      _ = try BenchmarkCardSigner.sign(file: card, key: key)
      let other = folder.appendingPathComponent("other.json").path
      try BenchmarkCard(BenchmarkRuns.empty()).text().write(
        toFile: other, atomically: true, encoding: .utf8)
      #expect(throws: Failure.self) {
        try BenchmarkCardSigner.verify(file: other, signature: card + ".sig")
      }
      let allowed = folder.appendingPathComponent("allowed").path
      try
        "x@example.net ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU0EGBpHJN9vc6xZVtbE1xdK6Yl0RGtRcqlQm5vX0Qh\n"
        .write(toFile: allowed, atomically: true, encoding: .utf8)
      let failure = #expect(throws: Failure.self) {
        try BenchmarkCardSigner.verify(file: card, allowedSigners: allowed)
      }
      #expect(failure?.reason.hasPrefix("it is not by a key in ") == true)
      // Still a card as tinyboxctl writes it: only the signature shows the change.
      try change(card, "25400000000", "26400000000")
      #expect(throws: Failure.self) { try BenchmarkCardSigner.verify(file: card) }
      try change(card, "26400000000", "25400000000")
      _ = try BenchmarkCardSigner.verify(file: card)
    }
  }

  @Test func `a signature for another purpose does not pass`() throws {
    try withCard { card, key, _ in
      let signed = try run(
        URL(fileURLWithPath: "/usr/bin/env"),
        ["ssh-keygen", "-Y", "sign", "-f", key, "-n", "file", card])
      try #require(signed.status == 0, "\(signed.errors)")
      #expect(throws: Failure.self) { try BenchmarkCardSigner.verify(file: card) }
    }
  }

  @Test func `a key with a passphrase fails and waits for nobody`() throws {
    try withCard(passphrase: "secret") { card, key, _ in
      let start = ContinuousClock.now
      let failure = #expect(throws: Failure.self) {
        try BenchmarkCardSigner.sign(file: card, key: key)
      }
      #expect(failure?.hint?.contains("ssh-agent") == true)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(!FileManager.default.fileExists(atPath: card + ".sig"))
    }
  }

  @Test func `what is no card is not signed`() throws {
    try withCard { card, key, folder in
      let text = folder.appendingPathComponent("text").path
      try "{}".write(toFile: text, atomically: true, encoding: .utf8)
      for path in [text, card + ".missing", folder.path] {
        #expect(throws: Failure.self) { try BenchmarkCardSigner.sign(file: path, key: key) }
        #expect(throws: Failure.self) { try BenchmarkCardSigner.verify(file: path) }
      }
      #expect(throws: Failure.self) { try BenchmarkCardSigner.verify(file: card) }
      #expect(throws: Failure.self) {
        try BenchmarkCardSigner.sign(file: card, key: key + ".missing")
      }
    }
  }
}

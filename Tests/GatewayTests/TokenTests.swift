import Base
import Foundation
import TestSupport
import Testing
import Tokens

@Suite struct TokenTests {
  private func withStore(_ body: (TokenStore) throws -> Void) throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(TokenStore(path: folder.appendingPathComponent("tokens").path))
  }

  /// Expects an error behind whatever steps.
  private func expect(_ expected: TokenError, _ body: () throws -> Any) {
    #expect {
      try body()
    } throws: { error in
      var cause = (error as? Failure)?.cause
      while let inner = cause as? Failure { cause = inner.cause }
      return cause as? TokenError == expected
    }
  }

  @Test func `a token is let in until it is revoked, and its secret is not in the file`() throws {
    try withStore { store in
      #expect(try store.list().isEmpty)
      let (token, text) = try store.create(name: "monitoring")
      #expect(text.hasPrefix("tbx_\(token.id)_") && text.utf8.count == 4 + 8 + 1 + 43)
      #expect(store.check(text) == token)
      let file = try String(contentsOfFile: store.path, encoding: .utf8)
      #expect(!file.contains(text.suffix(43)))
      #expect(file.split(separator: "\n").count == 1)
      let mode = try FileManager.default.attributesOfItem(atPath: store.path)[.posixPermissions]
      #expect(mode as? Int == 0o640)
      // Another process revokes it.
      try TokenStore(path: store.path).revoke(id: token.id)
      #expect(store.check(text) == nil)
      expect(.noSuchToken(token.id)) { try store.revoke(id: token.id) }
    }
  }

  @Test func `nobody gets in by a text that is none, or while the file cannot be read`() throws {
    try withStore { store in
      let (token, text) = try store.create(name: "a")
      let secret = String(text.suffix(43))
      for wrong in [
        "", "tbx_", text + "x", String(text.dropLast()), "tbx_\(token.id)_",
        text.uppercased(), "tbx_00000000_\(secret)", " " + text, token.sha256,
      ] {
        #expect(store.check(wrong) == nil, "\(wrong)")
      }
      #expect(store.check(text) != nil)
      let good = try Data(contentsOf: URL(fileURLWithPath: store.path))
      try (good + Data("{\"id\":1}\n".utf8)).write(to: URL(fileURLWithPath: store.path))
      #expect(store.check(text) == nil)
      expect(.malformed(line: 2)) { try store.list() }
      try FileManager.default.removeItem(atPath: store.path)
      #expect(store.check(text) == nil)
    }
  }

  @Test func `a token has scopes, and one of an older program reads`() throws {
    try withStore { store in
      let (old, text) = try store.create(name: "old")
      let (models, _) = try store.create(name: "models", for: [.models])
      // What reads is written as before there were scopes.
      let lines = try String(contentsOfFile: store.path, encoding: .utf8).split(separator: "\n")
      #expect(!lines[0].contains("scopes") && lines[1].contains("\"scopes\":[\"models\"]"))
      #expect(old.allows(.read) && !old.allows(.models))
      #expect(models.allows(.models) && !models.allows(.read))
      #expect(store.check(text)?.allows(.read) == true)
      // A scope of a newer program allows nothing here.
      let line = lines[1].replacing("models\"]", with: "other\"]")
      try Data("\(lines[0])\n\(line)\n".utf8).write(to: URL(fileURLWithPath: store.path))
      let other = try store.list()[1]
      #expect(TokenScope.allCases.allSatisfy { !other.allows($0) })
    }
  }

  @Test func `names are printable, short and unique`() throws {
    try withStore { store in
      _ = try store.create(name: "Prometheus im Büro")
      expect(.nameTaken("Prometheus im Büro")) {
        _ = try store.create(name: "Prometheus im Büro")
      }
      for name in [
        "", " ", " a", "a ", "a\nb", "a\u{0}", "\u{1b}[31m", "\u{202e}x",
        String(repeating: "x", count: 65),
      ] {
        expect(.badName) { try store.create(name: name) }
      }
      _ = try store.create(name: String(repeating: "x", count: 64))
      #expect(try store.list().count == 2)
    }
  }

  @Test func `sessions are bounded and die with their token`() throws {
    try withStore { store in
      let token = try store.create(name: "a").token
      let sessions = Sessions(store: store)
      let first = try sessions.begin(token)
      #expect(sessions.check(first) == token)
      #expect(sessions.check(first + "x") == nil)
      for _ in 0..<Sessions.capacity { _ = try sessions.begin(token) }
      #expect(sessions.check(first) == nil)
      let last = try sessions.begin(token)
      #expect(sessions.check(last) == token)
      try store.revoke(id: token.id)
      #expect(sessions.check(last) == nil)
    }
  }
}

import Base
import Commands
import Foundation
import TestSupport
import Testing

@Suite struct TokenCommandTests {
  @Test func `a token is made, listed and revoked, and shown once`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("tokens").path
    let command = TokenCommand(json: false, file: file)
    #expect(try command.list().contains("no tokens"))
    let text = try command.create("monitoring")
    #expect(text.hasPrefix("tbx_"))
    let token = String(text.prefix { $0 != "\n" })
    let id = String(token.dropFirst(4).prefix(8))
    let list = try command.list()
    #expect(list.hasPrefix(id) && list.hasSuffix("monitoring\n"))
    #expect(!list.contains(token))
    let json = try TokenCommand(json: true, file: file).list()
    #expect(json.contains("tinybox.tokens/1") && !json.contains("sha256"))
    #expect(try command.revoke(id).contains("monitoring"))
    #expect(try command.list().contains("no tokens"))
  }

  @Test func `what cannot be done says why and ends with its status`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let command = TokenCommand(json: false, file: folder.appendingPathComponent("t").path)
    _ = try command.create("a")
    let failures: [(code: Failure.Code, body: () throws -> String)] = [
      (.usage, { try command.create("") }), (.failed, { try command.create("a") }),
      (.failed, { try command.revoke("00000000") }),
      (.failed, { try TokenCommand(json: false, file: "/nonexistent/t").create("a") }),
    ]
    for (code, body) in failures {
      #expect {
        try body()
      } throws: { error in
        (error as? Failure)?.code == code
      }
    }
  }
}

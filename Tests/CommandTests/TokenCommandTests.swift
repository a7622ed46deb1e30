import ArgumentParser
import Base
import Foundation
import TestSupport
import Testing

@testable import Commands

@Suite struct TokenCommandTests {
  /// What a subcommand prints with a file of tokens.
  private func text(_ file: String, _ arguments: String...) throws -> String {
    let command = try Tinyboxctl.parseAsRoot(["token"] + arguments + ["--tokens", file])
    switch command {
    case let create as TokenCommand.Create: return try create.text()
    case let list as TokenCommand.List: return try list.text()
    case let revoke as TokenCommand.Revoke: return try revoke.text()
    default: throw Failure("run \(arguments)", because: "it is no command of tokens")
    }
  }

  @Test func `a token is made, listed and revoked, and shown once`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("tokens").path
    #expect(try text(file, "list").contains("no tokens"))
    let made = try text(file, "create", "monitoring")
    #expect(made.hasPrefix("tbx_"))
    let token = String(made.prefix { $0 != "\n" })
    let id = String(token.dropFirst(4).prefix(8))
    let list = try text(file, "list")
    #expect(list.hasPrefix(id) && list.hasSuffix("monitoring\n"))
    #expect(!list.contains(token))
    let json = try text(file, "list", "--json")
    #expect(json.contains("tinybox.tokens/1") && !json.contains("sha256"))
    #expect(try text(file, "revoke", id).contains("monitoring"))
    #expect(try text(file, "list").contains("no tokens"))
  }

  @Test func `what cannot be done says why and ends with its status`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("t").path
    _ = try text(file, "create", "a")
    let failures: [(code: Failure.Code, body: () throws -> String)] = [
      (.usage, { try text(file, "create", "") }), (.failed, { try text(file, "create", "a") }),
      (.failed, { try text(file, "revoke", "00000000") }),
      (.failed, { try text("/nonexistent/t", "create", "a") }),
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

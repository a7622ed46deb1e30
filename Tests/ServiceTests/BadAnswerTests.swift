import Foundation
import TestSupport
import Testing

/// What tinyboxctl does when what is at the socket is no tinyboxd, or none at all.
struct BadAnswerTests {
  /// Something that is wrong with an answer.
  struct Wrong: Sendable, CustomTestStringConvertible {
    var name: String
    var answer: FakeDaemon.Answer
    /// What the error says.
    var says: String
    var testDescription: String { name }
  }

  private static func http(_ body: String, _ head: String = "200 OK") -> FakeDaemon.Answer {
    .bytes("HTTP/1.1 \(head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  static let wrong = [
    Wrong(name: "closes", answer: .bytes(""), says: "it is empty"),
    Wrong(name: "no HTTP", answer: .bytes("SSH-2.0-x\r\n\r\n"), says: "it starts with 'SSH-2.0-x'"),
    Wrong(
      name: "half a head", answer: .bytes("HTTP/1.1 200 OK\r\nContent-"),
      says: "it ends within its headers"),
    Wrong(
      name: "half a body", answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
      says: "it ends after 2 of 9 bytes"),
    Wrong(
      name: "a length that is none",
      answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}"), says: "its length is"),
    Wrong(
      name: "a length beyond all measure",
      answer: .bytes("HTTP/1.1 200 OK\r\nContent-Length: 999999999999999\r\n\r\n"),
      says: "it has 999999999999999 bytes"),
    Wrong(
      name: "headers without end",
      answer: .bytes(String(repeating: "HTTP/1.1 200 OK\r\n", count: 9999)),
      says: "its headers do not end"),
    Wrong(name: "no JSON", answer: http("<html>"), says: "is not what this tinyboxctl knows"),
    Wrong(
      name: "another document", answer: http(#"{"schema":"tinybox.x/9"}"#),
      says: "is not what this tinyboxctl knows"),
    Wrong(
      name: "deep JSON", answer: http(String(repeating: "[", count: 100_000)),
      says: "is not what this tinyboxctl knows"),
    Wrong(
      name: "an error without words", answer: http("", "500 Oops"),
      says: "it answers with status 500"),
    Wrong(
      name: "a problem",
      answer: http(
        #"{"schema":"tinybox.problem/1","status":500,"step":"read it","cause":"it is gone"}"#,
        "500 Internal Server Error"), says: "cannot read it: it is gone"),
  ]

  @Test(arguments: wrong) func `a wrong answer is an error that says what is wrong`(wrong: Wrong)
    throws
  {
    let daemon = try FakeDaemon(wrong.answer)
    // In its place the machine would be read only where there is no daemon: two that disagree are
    // worse than an error.
    for source in ["auto", "daemon"] {
      for command in [["status"], ["devices", "--json"], ["placement", "status"]] {
        let finished = try run(
          Service.tinyboxctl, command + ["--from", source],
          environment: ["TINYBOX_SOCKET": daemon.path])
        #expect(finished.status == 1, "\(command) --from \(source)")
        #expect(finished.output == "")
        #expect(finished.errors.contains(wrong.says), "\(finished.errors)")
      }
    }
    for command in [["daemon"], ["events"], ["events", "--follow"]] {
      let finished = try run(
        Service.tinyboxctl, command, environment: ["TINYBOX_SOCKET": daemon.path])
      #expect(finished.status == 1, "\(command)")
      #expect(finished.errors.contains(wrong.says), "\(finished.errors)")
    }
  }

  @Test(.enabled(if: Project.isNightly, "make nightly waits for half a minute"))
  func `no answer is an error after a while`() throws {
    let daemon = try FakeDaemon(.silence)
    let finished = try run(
      Service.tinyboxctl, ["status"], environment: ["TINYBOX_SOCKET": daemon.path])
    #expect(finished.status == 1)
    #expect(finished.errors.contains("no answer within 30.0 s"), "\(finished.errors)")
    #expect(finished.errors.contains("'--from machine'"))
  }

  @Test func `without a daemon the machine is read, unless the daemon is asked for`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let none = folder.appendingPathComponent("none.sock").path
    let left = try FakeDaemon.left()
    for (path, why) in [
      (none, "there is no \(none)"), (left.path, "nobody listens at \(left.path)"),
    ] {
      let environment = ["TINYBOX_SOCKET": path]
      let read = try run(Service.tinyboxctl, ["devices", "--verbose"], environment: environment)
      #expect(read.status == 0)
      #expect(read.errors.contains("without tinyboxd: \(why)"), "\(read.errors)")
      let asked = try run(
        Service.tinyboxctl, ["devices", "--from", "daemon"], environment: environment)
      #expect(asked.status == 1)
      #expect(asked.errors.contains(why), "\(asked.errors)")
      #expect(asked.errors.contains("systemctl status tinyboxd"))
      // For 'check' 1 would mean a warning.
      let checked = try run(
        Service.tinyboxctl, ["check", "--from", "daemon"], environment: environment)
      #expect(checked.status == 3)
      let events = try run(Service.tinyboxctl, ["events"], environment: environment)
      #expect(events.status == 1)
      #expect(events.errors.contains(why), "\(events.errors)")
    }
  }

  @Test(.enabled(if: geteuid() == 0, "SKIPPED: only root can ask as other users"))
  func `who may not use the socket reads the machine`() throws {
    let daemon = try FakeDaemon(.silence)
    chmod(daemon.path, 0o600)
    let program = try Project.tinyboxctlForAll()
    defer { try? FileManager.default.removeItem(at: program.deletingLastPathComponent()) }
    let finished = try run(
      URL(fileURLWithPath: "/usr/bin/setpriv"),
      [
        "--reuid", "61803", "--regid", "61803", "--clear-groups", program.path,
        "devices", "--verbose",
      ], environment: ["TINYBOX_SOCKET": daemon.path])
    #expect(finished.status == 0)
    #expect(
      finished.errors.contains("without tinyboxd: no permission to use \(daemon.path)"),
      "\(finished.errors)")
  }
}

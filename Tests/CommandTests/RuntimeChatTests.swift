import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import Commands

/// `tinyboxctl runtime chat` and a stand-in for the gateway.
@Suite struct RuntimeChatTests {
  @Test func `an answer is put together from pieces of any size`() throws {
    let stream = """
      : queued, position 2 of 3
      data: {"choices":[{"delta":{"role":"assistant"},"finish_reason":null}]}

      data: {"choices":[{"delta":{"content":"Grüß"},"finish_reason":null}]}

      data: {"choices":[{"delta":{"content":" Gott"},"finish_reason":"stop"}]}

      data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":5}}

      data: [DONE]


      """
    for size in [1, 2, 3, 7, 1000] {
      var answer = ChatAnswer()
      var parts: [ChatAnswer.Part] = []
      let bytes = Array(stream.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        parts += answer.feed(Array(bytes[start..<min(start + size, bytes.count)]))
      }
      #expect(parts == [.note("queued, position 2 of 3"), .text("Grüß"), .text(" Gott")])
      #expect(answer.tokens == 2 && answer.finish == "stop" && answer.isDone)
      #expect(answer.text == "Grüß Gott")
      #expect(
        ChatTalk.figures(answer, first: 0.84, rest: 0.5, false)
          == "2 tokens, 2.0 tokens/s, first after 0.8 s")
    }
  }

  @Test func `options out of range are refused`() {
    for wrong in [
      ["--max-tokens", "0"], ["--temperature", "2.1"], ["--gateway", "192.0.2.1:80"],
      ["--gateway", "localhost:8686"],
    ] {
      #expect(throws: (any Error).self) {
        try Tinyboxctl.parseAsRoot(["runtime", "chat", "a"] + wrong)
      }
    }
  }

  /// Answers one request as it is told, and prints what was asked.
  private static let door = """
    import socket, sys
    s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(1)
    print(s.getsockname()[1], flush=True)
    c = s.accept()[0]
    data = b""
    while b"\\r\\n\\r\\n" not in data: data += c.recv(65536)
    head, body = data.split(b"\\r\\n\\r\\n", 1)
    length = [int(l.split(b":")[1]) for l in head.split(b"\\r\\n") if l.lower().startswith(b"content-length")][0]
    while len(body) < length: body += c.recv(65536)
    c.sendall(open(sys.argv[1], "rb").read()); c.close()
    print(head.decode(), body.decode(), flush=True)
    """

  /// What `chat` does with an answer, and what it asked.
  private func chat(
    _ answer: String, _ arguments: [String] = []
  ) throws -> (finished: Finished, asked: String) {
    let root = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: root) }
    let file = root.appendingPathComponent("answer")
    try Data(answer.utf8).write(to: file)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", RuntimeChatTests.door, file.path]
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    let port = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let command =
      "printf Hi | \"$0\" runtime chat a --gateway 127.0.0.1:\(port) \"$@\""
    let finished = try run(
      URL(fileURLWithPath: "/bin/sh"), ["-c", command, Project.tinyboxctl.path] + arguments,
      environment: ["TINYBOX_TOKEN": "secret"])
    process.waitUntilExit()
    let asked = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return (finished, asked)
  }

  private func stream(_ events: [String]) -> String {
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
      + events.map { "data: \($0)\n\n" }.joined()
  }

  private func refusal(_ status: String, _ code: String, _ message: String = "Why.") -> String {
    "HTTP/1.1 \(status)\r\nConnection: close\r\n\r\n"
      + #"{"error":{"message":"\#(message)","type":"t","param":null,"code":"\#(code)"}}"#
  }

  private static let paris = #"{"choices":[{"delta":{"content":"Paris."},"finish_reason":"stop"}]}"#

  @Test func `a pipe gets the answer and nothing else`() throws {
    let (finished, asked) = try chat(
      stream([RuntimeChatTests.paris, "[DONE]"]),
      ["--system", "Be short.", "--max-tokens", "9", "--temperature", "0"])
    #expect(finished.status == 0 && finished.output == "Paris.\n" && finished.errors.isEmpty)
    #expect(asked.contains("POST /v1/chat/completions HTTP/1.0"))
    #expect(asked.contains("Authorization: Bearer secret"))
    #expect(
      asked.contains(
        #""messages":[{"content":"Be short.","role":"system"},{"content":"Hi","role":"user"}]"#))
    #expect(asked.contains(#""max_tokens":9"#) && asked.contains(#""stream":true"#))
  }

  @Test func `what fails has a status and says what is next`() throws {
    let cases: [(answer: String, status: Int32, says: String)] = [
      (refusal("401 Unauthorized", "invalid_api_key"), 77, "token create"),
      (refusal("503 Service Unavailable", "runtime_starting"), 1, "runtime list"),
      (refusal("503 Service Unavailable", "runtime_stopped"), 1, "runtime start RUNTIME"),
      (
        refusal(
          "503 Service Unavailable", "runtime_stopped", "The owner stopped the runtime 'llama'."),
        1, "'sudo tinyboxctl runtime start llama'"
      ),
      (
        refusal("502 Bad Gateway", "runtime_failed", #"The runtime 'b' said\nso.\ntinyboxctl: x"#),
        1, "The runtime 'b' said so. tinyboxctl: x\n  'tinyboxctl runtime logs b' shows why\n"
      ),
      (refusal("503 Service Unavailable", "model_damaged"), 1, "model verify"),
      (stream([RuntimeChatTests.paris]), 1, "before the answer was complete"),
      (
        stream([
          RuntimeChatTests.paris,
          #"{"error":{"message":"It died.","type":"server_error","param":null,"code":"runtime_failed"}}"#,
          "[DONE]",
        ]), 1, "It died."
      ),
    ]
    for expected in cases {
      let finished = try chat(expected.answer).finished
      #expect(finished.status == expected.status)
      #expect(finished.errors.contains(expected.says), "\(finished.errors)")
    }
    // No message: nothing is asked.
    #expect(try run(Project.tinyboxctl, ["runtime", "chat", "a"]).status == 64)
  }
}

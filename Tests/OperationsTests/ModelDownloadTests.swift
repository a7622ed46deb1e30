import Apply
import Base
import Foundation
import Linux
import RuntimeCatalog
import Runtimes
import TestSupport
import Testing

@testable import Operations

/// Downloads by the real curl from a server of this machine that ends connections, changes its file, or knows no
/// ranges.
@Suite(.serialized) struct ModelDownloadTests {
  private let root: URL

  init() throws { root = try Project.temporaryFolder() }

  /// Python's own server of HTTP, with what a test wants to be wrong.
  private static let server = """
    import http.server, os, sys, time
    folder, log, mode = sys.argv[1:4]
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *rest): pass
        def do_HEAD(self): self.answer(False)
        def do_GET(self): self.answer(True)
        def answer(self, body):
            with open(log, "a") as f: f.write(self.command + " " + self.headers.get("Range", "-") + "\\n")
            path = folder + self.path
            if not os.path.exists(path): return self.send_error(404)
            data = open(path, "rb").read()
            tag = '"%d-%d"' % (len(data), sum(data) % 65521)
            start, wanted = 0, self.headers.get("Range")
            if wanted and mode != "whole" and self.headers.get("If-Range", tag) == tag:
                start = int(wanted[6:].split("-")[0])
                self.send_response(206)
                self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data)))
            else: self.send_response(200)
            if mode != "untagged": self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            if not body: return
            part = data[start:]
            gets = open(log).read().count("GET")
            if mode in ("cut", "whole") and gets == 1: part = part[:len(part) // 2]
            if mode == "changing" and gets == 1:
                part = part[:len(part) // 2]
                open(path, "wb").write(data[:-1] + bytes([data[-1] ^ 1]))
            if mode == "slow":
                for at in range(0, len(part), 1 << 20):
                    self.wfile.write(part[at:at + (1 << 20)])
                    time.sleep(0.1)
                return
            self.wfile.write(part)
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
    """

  /// Runs `body` with the address of the folder.
  private func serving(
    _ mode: String, _ body: (String, () throws -> [String]) throws -> Void
  ) throws {
    let log = root.appendingPathComponent("log-\(mode)")
    try Data().write(to: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", ModelDownloadTests.server, root.path, log.path, mode]
    let pipe = Pipe()
    process.standardOutput = pipe
    // A test that dies must not leave a server that keeps its output open.
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    defer {
      // Not SIGTERM: a runner of tests that ignores it hands that on.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let line = String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(Int(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    try body("http://127.0.0.1:\(port)") {
      try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }

  private func add(_ source: String, _ name: String, pauses: [Double] = [0, 0]) throws
    -> ModelRecord
  {
    let models = ModelOperations(
      root: root.path, program: try Project.tinyboxctlForAll().path, pauses: pauses)
    return try models.add(
      ModelOperations.Request(try ModelSource(source), name: name, backend: Backend.all[0]))
  }

  @Test func `a download is resumed where its connection ended`() throws {
    let bytes = GGUFWriter.llama.file
    try Data(bytes).write(to: root.appendingPathComponent("a.gguf"))
    try serving("cut") { address, log in
      let record = try add(address + "/a.gguf", "resumed")
      #expect(record.facts == (try ModelFacts.read(bytes, fileBytes: bytes.count)))
      #expect(try log() == ["HEAD -", "GET -", "GET bytes=\(bytes.count / 2)-"])
    }
  }

  @Test func `another try goes on from what the first has left, unless the file changed`() throws {
    var bytes = GGUFWriter.llama.file
    let path = root.appendingPathComponent("a.gguf")
    try Data(bytes).write(to: path)
    for changes in [false, true] {
      let name = changes ? "changed" : "same"
      try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
      try serving("cut") { address, log in
        #expect {
          try add(address + "/a.gguf", name, pauses: [])
        } throws: { error in
          let hint = (error as? Failure)?.hint ?? ""
          return hint.contains("that came are kept: the same command goes on from there")
            && hint.contains("'tinyboxctl model remove \(name)'")
        }
        if changes {
          bytes[bytes.count - 1] ^= 1
          try Data(bytes).write(to: path)
        }
        let record = try add(address + "/a.gguf", name, pauses: [])
        let hash = SHA256.hexadecimal(SHA256.hash(bytes))
        #expect(record.files.map(\.sha256) == [hash])
        #expect(try log().last == (changes ? "GET -" : "GET bytes=\(bytes.count / 2)-"))
      }
    }
  }

  @Test func `a server that knows no ranges sends the file again`() throws {
    let bytes = GGUFWriter.llama.file
    try Data(bytes).write(to: root.appendingPathComponent("a.gguf"))
    try serving("whole") { address, _ in
      let record = try add(address + "/a.gguf", "again")
      #expect(record.files.map(\.sha256) == [SHA256.hexadecimal(SHA256.hash(bytes))])
    }
  }

  @Test func `a file that changes between two tries is fetched again`() throws {
    var bytes = GGUFWriter.llama.file
    try Data(bytes).write(to: root.appendingPathComponent("a.gguf"))
    try serving("changing") { address, log in
      let record = try add(address + "/a.gguf", "changing")
      bytes[bytes.count - 1] ^= 1
      #expect(record.files.map(\.sha256) == [SHA256.hexadecimal(SHA256.hash(bytes))])
      #expect(
        try log() == ["HEAD -", "GET -", "GET bytes=\(bytes.count / 2)-", "GET -"])
    }
  }

  @Test func `a download that is no model is ended while it comes`() throws {
    let bytes = [UInt8](repeating: 1, count: 64 << 20)
    try Data(bytes).write(to: root.appendingPathComponent("a.gguf"))
    try serving("slow") { address, _ in
      #expect {
        try add(address + "/a.gguf", "slow")
      } throws: { error in (error as? Failure)?.description.contains("GGUF") == true }
      let path = root.path + "/var/lib/tinybox/models/.slow.partial/model.gguf"
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(try #require(size) < bytes.count)
    }
  }

  @Test func `what is not there is said at once`() throws {
    try serving("plain") { address, log in
      #expect {
        try add(address + "/none.gguf", "none")
      } throws: { error in (error as? Failure)?.description.contains("404") == true }
      let asked = try log()
      #expect(asked == ["HEAD -"])
      let left = try FileManager.default.contentsOfDirectory(
        atPath: root.path + "/var/lib/tinybox/models")
      #expect(left == [".lock"])
    }
  }
}

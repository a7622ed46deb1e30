import Apply
import Base
import Foundation
import Linux
import RuntimeCatalog
import Runtimes
import TestSupport
import Testing

@testable import Operations

/// Models in a folder of their own, with the real process that reads headers.
@Suite(.serialized) struct ModelStoreTests {
  private let root: URL
  private let models: ModelOperations

  init() throws {
    root = try Project.temporaryFolder()
    models = ModelOperations(
      root: root.path, program: try Project.tinyboxctlForAll().path, pauses: [0, 0])
  }

  private func file(_ bytes: [UInt8], _ name: String = "Tiny.gguf") throws -> String {
    let path = root.appendingPathComponent(name)
    try Data(bytes).write(to: path)
    return path.path
  }

  private func add(
    _ source: String, name: String? = nil, sha256: String? = nil
  ) throws(Failure) -> ModelRecord {
    try models.add(
      ModelOperations.Request(
        try ModelSource(source), name: name, sha256: sha256, backend: Backend.all[0]))
  }

  private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  @Test func `files of the store are no models to remove`() throws {
    _ = try add(try file(GGUFWriter.llama.file))
    for name in [".lock", "..", ".tiny.partial", "tiny/model.json", ""] {
      #expect {
        try models.remove(name, isForced: true)
      } throws: { error in (error as? Failure)?.code == .usage }
    }
    #expect(FileManager.default.fileExists(atPath: models.store.folder + "/.lock"))
    #expect(try models.store.names() == ["tiny"])
  }

  @Test func `a model that a runtime of the same root folder names stays`() throws {
    _ = try add(try file(GGUFWriter.llama.file))
    let folder = root.appendingPathComponent("etc/tinybox/runtimes")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("model = \"tiny\"\n".utf8).write(to: folder.appendingPathComponent("a.toml"))
    #expect {
      try models.remove("tiny", isForced: false)
    } throws: { error in (error as? Failure)?.code == .conflict }
    // A file with a mistake names it all the same; one that names another model does not.
    for (text, isRefused) in [
      ("model = \"tiny\"\ngpus = \"x\"\n", true), ("model = \"other\"\nx = [", false),
    ] {
      try Data(text.utf8).write(to: folder.appendingPathComponent("a.toml"))
      if !isRefused { continue }
      #expect {
        try models.remove("tiny", isForced: false)
      } throws: { error in
        let failure = error as? Failure
        return failure?.code == .conflict && failure?.reason.contains("a.toml may name it") == true
      }
      #expect(try models.store.names() == ["tiny"])
    }
    try models.remove("tiny", isForced: false)
    _ = try add(try file(GGUFWriter.llama.file))
    try models.remove("tiny", isForced: true)
    #expect(try models.store.names().isEmpty)
  }

  @Test func `a file without an end is refused`() throws {
    // A regular file of 0 bytes by its status, which has hundreds of gigabytes to read.
    #expect(throws: Failure.self) {
      try add("/proc/self/pagemap", name: "endless", sha256: String(repeating: "0", count: 64))
    }
    let copy = models.store.partial("endless") + "/model.gguf"
    let size = try? FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int
    #expect((size ?? 0) <= 1)
  }

  @Test func `a refused file is not copied`() throws {
    #expect(throws: Failure.self) {
      try add(try file([UInt8](repeating: 1, count: 1 << 20)), name: "refused")
    }
    let copy = models.store.partial("refused") + "/model.gguf"
    #expect(!FileManager.default.fileExists(atPath: copy))
  }

  @Test func `the umask of who asks does not matter`() throws {
    umask(0o077)
    defer { umask(0o022) }
    try models.store.locked {}
    #expect(try mode(models.store.folder) == 0o755)
  }

  @Test func `a file becomes a model that nobody may write`() throws {
    let bytes = GGUFWriter.llama.file
    let record = try add(try file(bytes))
    #expect(record.name == "tiny")
    #expect(record.facts == (try ModelFacts.read(bytes, fileBytes: bytes.count)))
    #expect(record.files.map(\.bytes) == [bytes.count])
    let folder = models.store.folder("tiny")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
        "model.gguf", "model.json",
      ])
    #expect(try mode(folder) == 0o755)
    #expect(try mode(folder + "/model.gguf") == 0o444)
    #expect(try mode(folder + "/model.json") == 0o444)
    #expect(try models.store.record("tiny") == record)
    #expect(try models.store.names() == ["tiny"])
    #expect(try models.verify("tiny").allSatisfy { $0.problem == nil })
    #expect(try models.states() == ["tiny": .usable(record)])
  }

  @Test func `a name that is taken, a wrong hash and a wrong file add nothing`() throws {
    let good = try file(GGUFWriter.llama.file)
    let hash = try add(good).files[0].sha256
    let failures: [(Failure.Code, () throws(Failure) -> ModelRecord)] = [
      (.conflict, { () throws(Failure) in try add(good) }),
      (.usage, { () throws(Failure) in try add(good, name: "a/b") }),
      (.usage, { () throws(Failure) in try add(good, name: "other", sha256: "12") }),
      (
        .conflict,
        { () throws(Failure) in
          try add(good, name: "other", sha256: String(repeating: "0", count: 64))
        }
      ),
      (.failed, { () throws(Failure) in try add("/nonexistent/x.gguf", name: "other") }),
      (.failed, { () throws(Failure) in try add(root.path, name: "other") }),
    ]
    for (code, body) in failures {
      #expect {
        try body()
      } throws: { error in (error as? Failure)?.code == code }
    }
    #expect(try models.store.names() == ["tiny"])
    // Nothing came that a next try could go on from: nothing is left.
    let left = try FileManager.default.contentsOfDirectory(atPath: models.store.folder).sorted()
    #expect(left == [".lock", "tiny"])
    #expect(try add(good, name: "other", sha256: hash.uppercased()).files[0].sha256 == hash)
  }

  @Test func `what a header says decides before the model is there`() throws {
    var smol = GGUFWriter.llama
    smol.remove("tokenizer.ggml.pre")
    smol.text("tokenizer.ggml.pre", "smollm")
    let cases: [([UInt8], String)] = [
      (smol.file, "no tokenizer 'smollm'"), (Array("hello".utf8), "does not begin with GGUF"),
      (Array(GGUFWriter.llama.file.dropLast(100)), "not complete"), ([], "ends within its header"),
    ]
    for (bytes, reason) in cases {
      let path = try file(bytes, "bad.gguf")
      #expect {
        try add(path)
      } throws: { error in (error as? Failure)?.reason.contains(reason) == true }
    }
    #expect(try models.store.names().isEmpty)
    // Another runtime may load what tinygrad does not.
    let llama = try #require(Backend.named("llama.cpp"))
    _ = try models.add(
      ModelOperations.Request(try ModelSource(try file(smol.file, "smol.gguf")), backend: llama))
    #expect(try models.store.names() == ["smol"])
  }

  @Test func `a changed, shortened and missing file is found`() throws {
    _ = try add(try file(GGUFWriter.llama.file))
    let path = models.store.folder("tiny") + "/model.gguf"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    bytes[bytes.count - 1] ^= 1
    func put(_ bytes: [UInt8]) throws {
      try FileManager.default.removeItem(atPath: path)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try setMode(0o444)
    }
    func setMode(_ mode: Int) throws {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    // The clock of file systems has ticks of milliseconds: what is written within one has the same time.
    func setAge(_ seconds: Double, _ path: String) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: path)
    }
    try setAge(60, models.store.recordPath("tiny"))
    try put(bytes)
    #expect(try models.verify("tiny")[0].problem?.contains("SHA-256") == true)
    // Its size is right, and its time says that it was written.
    func damage() throws -> String? { models.damage(try models.store.record("tiny")) }
    #expect(try damage()?.contains("was written after the model was added") == true)
    // The same bytes again: whoever compares them as root takes it back.
    bytes[bytes.count - 1] ^= 1
    try put(bytes)
    #expect(try damage() != nil)
    #expect(try models.verify("tiny").allSatisfy { $0.problem == nil })
    #expect(try (damage() == nil) == (getuid() == 0))
    try put(Array(bytes.dropLast()))
    #expect(try models.verify("tiny")[0].problem?.contains("bytes, not") == true)
    #expect(models.damage(try models.store.record("tiny")) != nil)
    try put(bytes)
    try setAge(120, path)
    #expect(models.damage(try models.store.record("tiny")) == nil)
    // Root, who runs these tests in part, could read it all the same.
    try setMode(0o440)
    #expect(models.damage(try models.store.record("tiny"))?.contains("has mode 0440") == true)
    #expect(try models.verify("tiny")[0].problem?.contains("has mode 0440") == true)
    try FileManager.default.removeItem(atPath: path)
    guard case .damaged? = try models.states()["tiny"] else {
      Issue.record("a model without its file is usable")
      return
    }
  }

  @Test func `stopped at any step, a model is there whole or not at all`() throws {
    let bytes = GGUFWriter.llama.file
    let record = try add(try file(bytes))
    try models.store.remove("tiny")
    var steps = 0
    while true {
      try models.store.stage("tiny")
      let origin = ModelOrigin(source: "x", tag: nil, bytes: bytes.count)
      let opened = try models.store.open("tiny", "model.gguf", origin)
      try opened.copy(try RegularFile(reading: root.path + "/Tiny.gguf"), bytes: bytes.count) { _ in
      }
      var left = steps
      do throws(Failure) {
        try models.store.commit(record) { () throws(Failure) in
          left -= 1
          if left < 0 { throw Failure("stop", because: "of the test") }
        }
        break
      } catch {
        try #require(error.step == "stop", "\(error)")
        #expect(try models.store.names().isEmpty)
        steps += 1
      }
    }
    #expect(steps == 4)
    #expect(try models.store.record("tiny") == record)
    #expect(try models.verify("tiny").allSatisfy { $0.problem == nil })
  }

  @Test func `two programs do not change the models at once`() throws {
    #expect {
      try models.store.locked { () throws(Failure) in
        try ModelStore(root: root.path).locked { () throws(Failure) in }
      }
    } throws: { error in (error as? Failure)?.code == .busy }
  }

  @Test func `a model and what an interrupted addition has left are removed`() throws {
    _ = try add(try file(GGUFWriter.llama.file))
    try models.remove("tiny", isForced: false)
    #expect(try models.store.names().isEmpty)
    // What a program has left that was ended.
    try models.store.stage("half")
    _ = try models.store.open("half", "model.gguf", ModelOrigin(source: "x", tag: nil, bytes: 1))
    #expect(FileManager.default.fileExists(atPath: models.store.partial("half")))
    try models.remove("half", isForced: false)
    #expect(!FileManager.default.fileExists(atPath: models.store.partial("half")))
    #expect {
      try models.remove("half", isForced: false)
    } throws: { error in (error as? Failure)?.code == .notFound }
  }

  @Test func `the parts of a split model are found by the name of the first`() throws {
    let parts = try ModelOperations.parts(of: ModelSource("hf:a/b/c-00001-of-00003.gguf"))
    #expect(parts.map(\.fileName) == (1...3).map { "c-0000\($0)-of-00003.gguf" })
    for name in ["c.gguf", "c-00002-of-00003.gguf", "c-00001-of-00001.gguf", "-of-.gguf"] {
      #expect(try ModelOperations.parts(of: ModelSource("/\(name)")).count == 1)
    }
    var all: [[UInt8]] = []
    for index in 0..<2 {
      var part = GGUFWriter.llama
      part.number("split.no", UInt32(index))
      part.number("split.count", 2)
      all.append(part.file)
    }
    let first = try file(all[0], "big-00001-of-00002.gguf")
    _ = try file(all[1], "big-00002-of-00002.gguf")
    let record = try add(first)
    #expect(record.name == "big")
    #expect(record.files.map(\.name) == ["model-00001-of-00002.gguf", "model-00002-of-00002.gguf"])
    #expect(record.bytes == all[0].count + all[1].count)
  }
}

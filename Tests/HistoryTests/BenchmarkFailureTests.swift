import Base
import Benchmarks
import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import History

@Suite(.seeded) struct BenchmarkFailureTests {
  private let now = "2026-11-24T10:00:00.000Z"

  @Test func `kill -9 loses no result that was stored`() async throws {
    for round in 0..<4 {
      var generator = SeededGenerator(round: round)
      let folder = try Folder()
      let path = folder.database
      let microseconds = UInt32.random(in: 1_000...60_000, using: &generator)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, pause = microseconds as UInt32] in
        let store = try BenchmarkStore.open(path, program: "0.1.0", time: "T").store
        try store.begin(MadeUpRuns.weekly(0))
        let log = open(path + ".stored", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        Thread.detachNewThread {
          usleep(pause)
          kill(getpid(), SIGKILL)
        }
        for index in 0..<1_000_000 {
          try store.append(
            MadeUpRuns.measured(index, Double(index)), to: "weekly-0",
            time: "2026-11-24T10:00:00.000Z")
          _ = write(log, "x", 1)
        }
      }
      let stored = (try? Data(contentsOf: URL(fileURLWithPath: path + ".stored")).count) ?? 0
      let store = try folder.open()
      guard let run = try store.run("weekly-0") else {
        #expect(stored == 0)
        continue
      }
      // One more may be on the disk than could be noted.
      #expect(stored...(stored + 1) ~= run.results.count)
      #expect(run.results.compactMap(\.value) == run.results.indices.map(Double.init))
      #expect(run.state == .running)
      #expect(try store.markAborted(boot: "boot") { _ in false } == ["weekly-0"])
    }
  }

  @Test func `a full disk refuses a result, and the next one is stored when there is room`()
    async throws
  {
    let folder = try Folder()
    let path = folder.database
    await #expect(processExitsWith: .success) { [path = path as String] in
      let store = try BenchmarkStore.open(path, program: "0.1.0", time: "T").store
      try store.begin(MadeUpRuns.weekly(0))
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let before = limit.rlim_cur
      limit.rlim_cur = 600_000
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      var failure: Failure?
      var stored = 0
      while failure == nil, stored < 100_000 {
        var result = MadeUpRuns.measured(stored, Double(stored))
        result.samples = (0..<50).map { Double($0) + 0.123 }
        do throws(Failure) {
          try store.append(result, to: "weekly-0", time: "2026-11-24T10:00:00.000Z")
          stored += 1
        } catch {
          failure = error
        }
      }
      limit.rlim_cur = before
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #expect(failure?.isDamage == false, "\(String(describing: failure))")
      #expect(failure?.step.contains(path) == true)
      #expect(stored > 5)
      #expect(try store.run("weekly-0")?.results.count == stored)
      try store.append(
        MadeUpRuns.measured(stored, 1), to: "weekly-0", time: "2026-11-24T10:00:00.000Z")
      #expect(try store.run("weekly-0")?.results.count == stored + 1)
    }
    #expect(try folder.open().run("weekly-0")?.results.isEmpty == false)
  }

  @Test(arguments: [0, 100, 4096]) func `a damaged database is put aside and a new one begun`(
    offset: Int
  ) throws {
    let folder = try Folder()
    do {
      let store = try folder.open()
      var made = MadeUpRuns(generator: SeededGenerator(round: offset))
      for index in 0..<20 { _ = try store.insert(made.run(index)) }
    }
    let url = URL(fileURLWithPath: folder.database)
    var bytes = try Data(contentsOf: url)
    bytes.replaceSubrange(offset..<(offset + 4000), with: Data(repeating: 0xa5, count: 4000))
    try bytes.write(to: url)
    let opened = try BenchmarkStore.open(folder.database, program: "0.1.0", time: "T")
    let putAside = try #require(opened.putAside)
    #expect(putAside.failure.isDamage)
    #expect(putAside.path == folder.database + ".damaged-T")
    #expect(try Data(contentsOf: URL(fileURLWithPath: putAside.path)) == bytes)
    #expect(try opened.store.runIDs() == [])
    try opened.store.begin(MadeUpRuns.weekly(0))
  }

  @Test func `of many that find it damaged one puts it aside, and all have the new one`() throws {
    let folder = try Folder()
    let path = folder.database
    try Data(repeating: 0xa5, count: 8192).write(to: URL(fileURLWithPath: path))
    let asides = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      do {
        let opened = try BenchmarkStore.open(path, program: "0.1.0", time: "T\(index)")
        if let aside = opened.putAside { asides.withLock { $0.append(aside.path) } }
        var run = MadeUpRuns.weekly(index)
        run.state = .done
        #expect(try opened.store.insert(run))
      } catch {
        Issue.record(error)
      }
    }
    #expect(asides.withLock { $0.count } == 1)
    #expect(try folder.open().runIDs().count == 8)
  }

  @Test func `a database of a newer program stays as it is`() throws {
    let folder = try Folder()
    try folder.open().begin(MadeUpRuns.weekly(0))
    do {
      let database = try Database.open(folder.database)
      try database.run(
        """
        CREATE TABLE format (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        INSERT INTO format VALUES ('oldestProgram', '3.0.0');
        """, "make it newer")
    }
    let failure = #expect(throws: Failure.self) { try folder.open(program: "2.9.9") }
    #expect(failure?.oldestProgram == "3.0.0")
    #expect(failure?.reason.contains("newer") == true)
    #expect(try folder.open(program: "3.0.0").runIDs() == ["weekly-0"])
  }

  @Test func `a form with more tables and words than this program knows is read`() throws {
    let folder = try Folder()
    let store = try folder.open()
    var run = MadeUpRuns.weekly(0)
    run.results = [MadeUpRuns.measured(0, 1), MadeUpRuns.measured(1, 1)]
    run.results[0].flags = [.fewSamples]
    try store.begin(run)
    try store.read { (database) throws(Failure) in
      try database.run(
        """
        ALTER TABLE result ADD COLUMN later TEXT; CREATE TABLE later (x); PRAGMA user_version = 9;
        UPDATE result SET flags = 'later ' || flags WHERE flags IS NOT NULL;
        UPDATE result SET verdict = 'later' WHERE flags IS NULL;
        """, "make it newer")
    }
    run.results.removeLast()
    #expect(try folder.open().run("weekly-0") == run)
  }

  @Test func `what cannot be opened says which file and why`() throws {
    // In procfs nobody makes a file, not even root.
    for path in ["/nonexistent/benchmarks.db", "/proc/benchmarks.db"] {
      let failure = #expect(throws: Failure.self) {
        try BenchmarkStore.open(path, program: "0.1.0", time: "T")
      }
      #expect(failure?.description.contains(path) == true, "\(String(describing: failure))")
      #expect(failure?.isDamage == false)
    }
  }

  @Test func `a folder that is read-only is a failure, and the database stays`() async throws {
    let folder = try Folder()
    try folder.open().begin(MadeUpRuns.weekly(0))
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.database))
    for path in [folder.database, folder.path.path] {
      chmod(path, path == folder.database ? 0o444 : 0o555)
    }
    defer { chmod(folder.path.path, 0o755) }
    let path = folder.database
    await #expect(processExitsWith: .success) { [path = path as String] in
      // Root writes anywhere.
      if getuid() == 0 { setuid(65534) }
      let failure = #expect(throws: Failure.self) {
        try BenchmarkStore.open(path, program: "0.1.0", time: "T")
      }
      #expect(failure?.isDamage == false)
      #expect(failure?.description.contains(path) == true, "\(String(describing: failure))")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.database)) == before)
  }
}

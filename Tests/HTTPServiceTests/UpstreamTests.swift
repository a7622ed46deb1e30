import Foundation
import HTTPService
import TestSupport
import Testing

@Suite(.serialized) struct UpstreamTests {
  /// Runs a body with a service on a Unix socket and a client of it.
  private func withUpstream(
    _ limits: UnixUpstream.Limits = UnixUpstream.Limits(),
    _ body: (UnixUpstream, TestResponder) async throws -> Void
  ) async throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appendingPathComponent("s").path
    let thread = EventThread()
    let responder = TestResponder()
    let server = HTTPServer(thread: thread, responder: responder)
    try await server.start(on: [.unixSocket(path: path, mode: 0o600)])
    let upstream = UnixUpstream(path: path, thread: thread, limits: limits)
    do { try await body(upstream, responder) } catch {
      await server.stop(seconds: 0)
      await thread.stop()
      throw error
    }
    await server.stop(seconds: 0)
    await thread.stop()
  }

  @Test func `documents arrive whole, many at once`() async throws {
    try await withUpstream { upstream, _ in
      #expect(try await upstream.get("/fine").body == Array("fine".utf8))
      #expect(try await upstream.get("/large").body.count == 8 << 20)
      #expect(try await upstream.get("/three").body == Array("onetwothree".utf8))
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<300 { group.addTask { try await upstream.get("/fine").status } }
        for try await status in group { #expect(status == 200) }
      }
    }
  }

  @Test func `a service that does not run is told from one that is slow or breaks off`()
    async throws
  {
    let thread = EventThread()
    let nobody = UnixUpstream(path: "/nonexistent/socket", thread: thread)
    await #expect {
      _ = try await nobody.get("/")
    } throws: {
      if case UpstreamFailure.notRunning = $0 { true } else { false }
    }
    await thread.stop()
    var limits = UnixUpstream.Limits()
    limits.seconds = 0.2
    try await withUpstream(limits) { upstream, responder in
      defer { responder.gate.add() }
      await #expect {
        _ = try await upstream.get("/gated")
      } throws: {
        if case UpstreamFailure.tooSlow = $0 { true } else { false }
      }
    }
    limits = UnixUpstream.Limits()
    limits.bodyBytes = 1000
    try await withUpstream(limits) { upstream, _ in
      await #expect {
        _ = try await upstream.get("/large")
      } throws: {
        if case UpstreamFailure.broken = $0 { true } else { false }
      }
    }
  }

  @Test func `who stops reading a stream ends it at the service`() async throws {
    // However much waits to be read: that would end a stream too.
    var limits = UnixUpstream.Limits()
    limits.pieces = .max
    try await withUpstream(limits) { upstream, responder in
      let reader = Task {
        let answer = try await upstream.stream("/stream")
        #expect(answer.status == 200)
        var count = 0
        for await piece in answer.pieces where !piece.isEmpty {
          count += 1
          if count == 3 { break }
        }
        return count
      }
      #expect(try await reader.value == 3)
      #expect(await responder.stopped.reaches(1))
      let opened = try await upstream.stream("/stream")
      let other = Task { for await _ in opened.pieces {} }
      other.cancel()
      #expect(await responder.stopped.reaches(2))
    }
  }

  /// Whether a stream can be opened at last: the place of one that has ended is free when its
  /// connection is closed.
  private func hasPlace(_ upstream: UnixUpstream) async -> Bool {
    await eventuallyAsync { (try? await upstream.stream("/three"))?.status == 200 }
  }

  @Test(.timeLimit(.minutes(1))) func `a stream too many is refused before the service is asked`()
    async throws
  {
    var limits = UnixUpstream.Limits()
    limits.streams = 2
    try await withUpstream(limits) { upstream, responder in
      // Those that are being opened count as well: no head comes before the others are refused.
      let refused = Counter()
      let opened = await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<6 {
          group.addTask {
            do throws(UpstreamFailure) {
              for await _ in try await upstream.stream("/gated").pieces {}
              return true
            } catch {
              #expect(error == .tooManyStreams(2))
              refused.add()
              return false
            }
          }
        }
        #expect(await refused.reaches(4))
        responder.gate.add()
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(opened == 2 && responder.asked.value == 2)
      #expect(await hasPlace(upstream))
      do {
        // Documents do not count.
        let both = [try await upstream.stream("/stream"), try await upstream.stream("/stream")]
        #expect(try await upstream.get("/fine").status == 200)
        await #expect(throws: UpstreamFailure.tooManyStreams(2)) {
          _ = try await upstream.stream("/stream")
        }
        withExtendedLifetime(both) {}
      }
      #expect(await responder.stopped.reaches(2))
      #expect(await hasPlace(upstream))
    }
    // One that could not be opened leaves its place.
    let thread = EventThread()
    let nobody = UnixUpstream(path: "/nonexistent/socket", thread: thread, limits: limits)
    for _ in 0..<5 {
      await #expect {
        _ = try await nobody.stream("/")
      } throws: {
        if case UpstreamFailure.notRunning = $0 { true } else { false }
      }
    }
    await thread.stop()
  }
}

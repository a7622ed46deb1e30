import Base
import Configuration
import Documents
import Events
import HTTPService
import History
import KernelTree
import Linux
import Synchronization
import Testing

@testable import Daemon

/// The loop, with sources and controllers that are made for it.
@Suite struct EventLoopTests {
  /// A source that is told what to do.
  private final class Source: EventSource {
    let event: WakeEvent
    var name: String? { "made" }
    var reopenSeconds: (lost: Double, refused: Double)? { (0.01, 0.02) }
    var openings = 0
    var closings = 0
    /// Why the next so many openings fail.
    var refusals = 0
    var failure: Failure?
    private var isOpen = false

    init() throws { event = try WakeEvent() }

    var descriptor: Int32? { isOpen ? event.descriptor : nil }

    func open() throws -> String {
      openings += 1
      if refusals > 0 {
        refusals -= 1
        throw Failure("open", because: "not yet")
      }
      isOpen = true
      return "made for a test"
    }

    func read(_ tell: (Notification) -> Void) throws {
      event.drain()
      if let failure {
        self.failure = nil
        throw failure
      }
      tell(.machineChanged)
    }

    func close() {
      closings += 1
      isOpen = false
    }
  }

  /// A controller that writes down what it hears, and ends the loop at last.
  private final class Recorder: Controller {
    let context: Context
    let own: Source?
    var heard: [String] = []
    var due: Double?
    /// Called with the number of times it was due.
    var whenDue: (Int) -> Void = { _ in }
    private var runs = 0

    init(_ context: Context, _ source: Source? = nil) {
      self.context = context
      own = source
      due = Clock.seconds() + 0.005
    }

    var sources: [any EventSource] { own.map { [$0] } ?? [] }
    var status: [String] { ["heard \(heard.count)"] }

    func handle(_ notification: Notification) { heard.append("\(notification)") }

    func run(at now: Double) {
      runs += 1
      due = now + 0.005
      whenDue(runs)
    }
  }

  private func context() throws -> Context {
    let counters = Counters()
    let tree = MemoryTreeBuilder().tree()
    let reader = BoxReader(tree, counters: counters, thread: EventThread()) { _ in }
    return Context(
      tree: tree,
      log: EventLog(limit: 100, journal: { _ in }, now: { "2026-11-24T10:00:00.000Z" }) { _ in
        OpenedStore()
      },
      published: PublishedState(), counters: counters, reader: reader, queue: try MainQueue(),
      settings: ServiceSettings())
  }

  @Test func `what a source reads goes to every controller, in their order`() throws {
    let context = try context()
    let source = try Source()
    let first = Recorder(context, source)
    let second = Recorder(context)
    second.due = nil
    first.whenDue = { runs in
      if runs == 1 { source.event.signal() }
      if !second.heard.isEmpty { context.isStopping = true }
    }
    var statuses: [String] = []
    let loop = EventLoop(context, Controllers([first, second])) { statuses.append($0) }
    loop.open()
    loop.run()
    #expect(first.heard == ["machineChanged"] && second.heard == ["machineChanged"])
    #expect(statuses.first == "heard 0, heard 0" && statuses.last == "heard 1, heard 1")
    #expect(context.published.current.watches.map(\.name) == ["made"])
  }

  @Test func `a source that is lost is closed, reported once and opened again`() throws {
    let context = try context()
    let source = try Source()
    source.refusals = 2
    let recorder = Recorder(context, source)
    var wasFailed = false
    recorder.whenDue = { _ in
      if source.openings == 3, !wasFailed {
        wasFailed = true
        source.failure = Failure("read", because: "the other end is gone")
        source.event.signal()
      }
      if source.openings == 4 {
        source.event.signal()
        if recorder.heard.count >= 4 { context.isStopping = true }
      }
    }
    let loop = EventLoop(context, Controllers([recorder])) { _ in }
    loop.open()
    #expect(context.published.current.watches.first?.isActive == false)
    loop.run()
    #expect(source.openings == 4 && source.closings == 3)
    // What was missed is unknown, when it is lost and when it is open again; then there is what it tells.
    #expect(recorder.heard == Array(repeating: "machineChanged", count: 4))
    #expect(context.published.current.watches.first?.isActive == true)
    let lost = try context.log.events(.init(kind: .watchLost))
    // Refused twice is told once; lost after it worked is told again.
    #expect(lost.count == 2 && lost.last?.message.contains("the other end is gone") == true)
  }

  @Test func `what another thread hands over is done on this one, by the controller it names`()
    async throws
  {
    let context = try context()
    let handOver = MainQueueController(context)
    let recorder = Recorder(context)
    recorder.due = nil
    let controllers = Controllers([handOver, recorder])
    handOver.controllers = controllers
    let queue = context.queue
    let answer = Mutex(0)
    let caller = WorkerPool.task {
      let count = try? await queue.perform(on: Recorder.self) { recorder in
        recorder.heard.append("asked")
        return recorder.heard.count
      }
      await #expect(throws: Failure.self) {
        try await queue.perform(on: Recorder.self) { recorder -> Int in
          recorder.context.isStopping = true
          throw Failure("do it", because: "it cannot be done")
        }
      }
      answer.withLock { $0 = count ?? -1 }
    }
    let loop = EventLoop(context, controllers) { _ in }
    loop.open()
    loop.run()
    await caller.value
    #expect(answer.withLock { $0 } == 1)
  }
}

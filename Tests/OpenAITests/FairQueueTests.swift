import OpenAI
import TestSupport
import Testing

@Suite(.seeded) struct FairQueueTests {
  /// Clients that ask again as soon as they are answered, over runtimes with slots. Time is counted in
  /// tokens.
  private struct Simulation {
    var queue = FairQueue<Int>(.init(total: 1000, perCaller: 100, seconds: 1e9))
    var callerOf: [Int: String] = [:]
    var tokens: [String: Int] = [:]
    var order: [(id: Int, caller: String)] = []
    var next = 0
    var now = 0.0
    var running: [(id: Int, end: Double, length: Int)] = []

    mutating func ask(_ caller: String) throws {
      next += 1
      callerOf[next] = caller
      try queue.enter(next, caller: caller, now: now)
    }

    mutating func run(slots: Int, requests: Int, length: (String) -> Int) throws {
      for _ in 0..<requests {
        while running.count < slots, let id = queue.next({ _ in true }) {
          let caller = callerOf[id] ?? ""
          order.append((id, caller))
          let count = length(caller)
          running.append((id, now + Double(count), count))
        }
        guard let first = running.min(by: { $0.end < $1.end }) else { return }
        running.removeAll { $0.id == first.id }
        now = first.end
        queue.produced(first.length, for: first.id)
        queue.finish(first.id)
        let caller = callerOf[first.id] ?? ""
        tokens[caller, default: 0] += first.length
        try ask(caller)
      }
    }
  }

  /// Jain's index of fairness: 1 where all got the same, 1/n where one got everything.
  private func jain(_ shares: some Collection<Int>) -> Double {
    let sum = Double(shares.reduce(0, +))
    return sum * sum / (Double(shares.count) * shares.reduce(0.0) { $0 + Double($1) * Double($1) })
  }

  @Test(arguments: [1, 2, 8]) func `callers get the same tokens, whatever they ask for`(slots: Int)
    throws
  {
    var random = SeededGenerator(round: slots)
    var simulation = Simulation()
    // One has one client, one has long answers, one has twenty clients.
    for (caller, clients) in [("a", 8), ("b", 8), ("c", 20), ("d", 4)] {
      for _ in 0..<clients { try simulation.ask(caller) }
    }
    try simulation.run(slots: slots, requests: 4000) { caller in
      Int.random(in: caller == "b" ? 200...400 : 10...100, using: &random)
    }
    #expect(simulation.tokens.count == 4)
    let index = jain(simulation.tokens.values)
    #expect(index >= 0.99, "\(index) \(simulation.tokens)")
  }

  @Test func `four callers of eight clients, and a newcomer waits for one request of each`() throws
  {
    var random = SeededGenerator()
    for _ in 0..<50 {
      var simulation = Simulation()
      for caller in ["a", "b", "c", "d"] { for _ in 0..<8 { try simulation.ask(caller) } }
      try simulation.run(slots: 1, requests: Int.random(in: 40...200, using: &random)) { _ in
        Int.random(in: 1...64, using: &random)
      }
      #expect(jain(simulation.tokens.values) >= 0.95)
      let before = simulation.order.count
      try simulation.ask("new")
      try simulation.run(slots: 1, requests: 12) { _ in Int.random(in: 1...64, using: &random) }
      let since = simulation.order[before...].prefix { $0.caller != "new" }.map(\.caller)
      #expect(since.count <= 4 && Set(since).count == since.count, "\(since)")
    }
  }

  @Test func `who comes back has saved nothing up`() throws {
    var simulation = Simulation()
    try simulation.ask("idle")
    try simulation.run(slots: 1, requests: 1) { _ in 10 }
    // It stops asking; another works for a long time.
    simulation.queue.leave(simulation.next)
    for _ in 0..<4 { try simulation.ask("busy") }
    try simulation.run(slots: 1, requests: 500) { _ in 10 }
    let (before, served) = (simulation.tokens, simulation.order.count)
    for _ in 0..<4 { try simulation.ask("idle") }
    try simulation.run(slots: 1, requests: 100) { _ in 10 }
    let gained = ["idle", "busy"].map { (simulation.tokens[$0] ?? 0) - (before[$0] ?? 0) }
    #expect(jain(gained) >= 0.99 && simulation.order.count == served + 100)
  }

  @Test func `the number of those that wait is bounded, and each knows its place`() throws {
    var queue = FairQueue<Int>(.init(total: 5, perCaller: 3, seconds: 10))
    for id in 1...3 { try queue.enter(id, caller: "a", now: 0) }
    #expect(throws: FairQueue<Int>.Refusal.callerFull(3)) {
      try queue.enter(9, caller: "a", now: 0)
    }
    try queue.enter(4, caller: "b", now: 1)
    try queue.enter(5, caller: "b", now: 1)
    #expect(throws: FairQueue<Int>.Refusal.full(5)) { try queue.enter(9, caller: "c", now: 1) }
    #expect((1...5).map { queue.position(of: $0)?.number } == [1, 3, 5, 2, 4])
    #expect(queue.position(of: 1)?.count == 5 && queue.position(of: 9) == nil)
    // The places are those in which they are served.
    var served: [Int] = []
    while let id = queue.next({ _ in true }) {
      served.append(id)
      queue.produced(5, for: id)
      queue.finish(id)
    }
    #expect(served == [1, 4, 2, 5, 3])
  }

  @Test func `those that leave, wait too long or are sent away are gone`() throws {
    var queue = FairQueue<Int>(.init(total: 9, perCaller: 9, seconds: 10))
    for id in 1...4 { try queue.enter(id, caller: "a\(id % 2)", now: Double(id)) }
    queue.leave(3)
    #expect(queue.expire(now: 10.9).isEmpty && queue.expire(now: 12).sorted() == [1, 2])
    #expect(queue.count == 1 && queue.drain() == [4] && queue.count == 0)
    #expect(queue.next { _ in true } == nil)
    queue.leave(4)
    queue.finish(4)
  }

  @Test func `a request for a busy runtime does not hold up one for a free runtime`() throws {
    var queue = FairQueue<Int>()
    try queue.enter(1, caller: "a", now: 0)
    try queue.enter(2, caller: "a", now: 0)
    #expect(queue.next { $0 == 2 } == 2)
    #expect(queue.next { $0 == 2 } == nil && queue.inProgress("a") == 2)
  }

  @Test func `replicas are taken by how busy they are, then by what they have read`() {
    var chooser = ReplicaChooser()
    chooser.set("x", slots: 2)
    chooser.set("y", slots: 1)
    let long = PromptPrefix([String(repeating: "a", count: 1000)])
    let other = PromptPrefix([String(repeating: "b", count: 1000)])
    #expect(long.shared(with: long) == 768 && long.shared(with: other) == 0)
    #expect(chooser.take(among: ["x", "y"], for: long) == "x")
    // Half busy against idle.
    #expect(chooser.take(among: ["x", "y"], for: other) == "y")
    #expect(chooser.take(among: ["x", "y"], for: other) == "x")
    #expect(chooser.take(among: ["x", "y"], for: other) == nil)
    for name in ["x", "x", "y"] { chooser.give(name) }
    #expect(chooser.running("x") == 0 && chooser.running("y") == 0)
    #expect(chooser.take(among: ["y", "x"], for: long) == "x")
    #expect(chooser.take(among: ["z"], for: long) == nil)
  }

  @Test func `callers are held to their requests at once and tokens a minute`() throws {
    var usage = CallerUsage()
    let limits = CallerLimits(atOnce: 2, tokensPerMinute: 600)
    try usage.begin("a", limits, now: 0)
    try usage.begin("a", limits, now: 0)
    let busy = #expect(throws: APIError.self) { try usage.begin("a", limits, now: 0) }
    #expect(busy?.status == 429 && busy?.code == "rate_limit_exceeded" && busy?.retrySeconds == 1)
    try usage.begin("b", limits, now: 0)
    usage.produced(700, "a")
    usage.end("a")
    let used = #expect(throws: APIError.self) { try usage.begin("a", limits, now: 0) }
    // 101 tokens short, 10 a second.
    #expect(used?.retrySeconds == 11 && used?.shouldRetry == true)
    #expect(throws: APIError.self) { try usage.begin("a", limits, now: 9.9) }
    try usage.begin("a", limits, now: 10.1)
    for _ in 0..<100 { try usage.begin("free", CallerLimits(), now: 0) }
  }
}

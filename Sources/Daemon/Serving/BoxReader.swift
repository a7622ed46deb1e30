internal import Accelerators
internal import Base
internal import Benchmarks
internal import Operations
internal import HTTPService
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import Metrics
internal import Placement
internal import Version

/// Reads the machine on request, and no more often than every second: a request within that time
/// gets the same reading. Without requests nothing is read.
actor BoxReader {
  /// The machine at one moment.
  struct Snapshot: Sendable {
    var inventory: Inventory
    var report: HealthReport
    var profile: Profile?
    /// Why there is no profile although one is in force.
    var profileFailure: Failure?
    /// What the history of benchmarks shows, or why it cannot be read.
    var benchmarks: Result<BenchmarkSummary, Failure>?
    /// Seconds each collector took.
    var collectorSeconds: [String: Double]
    /// When: UTC, RFC 3339.
    var time: String
    /// When it was begun and done: monotonic seconds.
    var begun: Double
    var at: Double
  }

  /// Seconds for which a reading is current.
  static let freshness = 1.0
  /// Seconds between requests within which NVIDIA's cards are kept ready from one reading to the
  /// next: Prometheus by default asks every minute.
  static let holdSeconds = 90.0

  private let tree: KernelTree
  private let benchmarks: BenchmarkAccess?
  private let counters: Counters
  private let finished: @Sendable (Snapshot) -> Void
  private let thread: EventThread
  private var lastFull: Snapshot?
  private var lastQuick: Snapshot?
  private var times: ProcessorTimes?
  private var placing: (inventory: Inventory, at: Double)?
  private var texts: [Exposition: (at: Double, text: String)] = [:]
  private var documents: [String: (at: Double, bytes: [UInt8])] = [:]
  private var placed: (status: PlacementStatus, at: Double)?

  private var hold: NVMLHold?
  private var lastAsked = -Double.infinity

  /// - Parameters:
  ///   - benchmarks: their history; nil for none, as in tests.
  ///   - thread: keeps the time.
  ///   - told: gets each reading with all checks.
  init(
    _ tree: KernelTree, benchmarks: BenchmarkAccess? = nil, counters: Counters, thread: EventThread,
    finished: @escaping @Sendable (Snapshot) -> Void
  ) {
    self.tree = tree
    self.benchmarks = benchmarks
    self.thread = thread
    self.counters = counters
    self.finished = finished
  }

  /// Everything, with all checks.
  func full() -> Snapshot {
    if let lastFull, fresh(lastFull.at) { return lastFull }
    keepCardsReady()
    var seconds: [String: Double] = [:]
    let begun = Clock.seconds()
    var last = begun
    counters.readings.add(1)
    let options = CollectionOptions(pciNames: .ofThisMachine)
    var inventory = InventoryReader.read(tree, options: options) { name in
      let now = Clock.seconds()
      seconds[name] = now - last
      last = now
    }
    let (profile, failure) = profile()
    inventory.numberGPUs(by: profile)
    let history = history()
    let report = HealthReport(
      Box(inventory, profile: profile, benchmarks: history?.map(\.document)))
    let reading = Snapshot(
      inventory: inventory, report: report, profile: profile, profileFailure: failure,
      benchmarks: history, collectorSeconds: seconds,
      time: WallClock.now(), begun: begun, at: Clock.seconds())
    lastFull = reading
    counters.checkRuns.add(1)
    finished(reading)
    return reading
  }

  /// A profile that cannot be used does not keep facts from being reported.
  private func profile() -> (Profile?, Failure?) {
    do throws(Failure) {
      return (try ProfileStore(tree).inForce(), nil)
    } catch {
      return (nil, error)
    }
  }

  private func history() -> Result<BenchmarkSummary, Failure>? {
    guard let benchmarks else { return nil }
    do throws(Failure) {
      return try benchmarks.summary().map { .success($0) }
    } catch {
      return .failure(error)
    }
  }

  /// What a screen shows: quick facts and the checks on them. What the others said when they last
  /// ran stands.
  func quick() -> Snapshot {
    if let lastQuick, fresh(lastQuick.at) { return lastQuick }
    // All checks run once before a verdict is given.
    let (profile, failure) = profile()
    let earlier: Snapshot
    if let lastFull, lastFull.profile == profile,
      (lastFull.profileFailure == nil) == (failure == nil)
    {
      earlier = lastFull
      keepCardsReady()
    } else {
      // What the checks said about another profile, or one that was fixed since, is out of date.
      lastFull = nil
      earlier = full()
    }
    let begun = Clock.seconds()
    counters.readings.add(1)
    let parts = CollectionOptions.Parts.status
    var inventory = InventoryReader.read(
      tree, options: CollectionOptions(pciNames: .ofThisMachine, parts: parts))
    inventory.numberGPUs(by: earlier.profile)
    if let now = ProcessorTimes(tree) {
      if let times { inventory.processors.busyShare = now.busyShare(since: times) }
      times = now
    }
    let history = history()
    let report = HealthReport(
      Box(inventory, profile: earlier.profile, benchmarks: history?.map(\.document)), parts: parts
    )
    .completed(by: earlier.report)
    let reading = Snapshot(
      inventory: inventory, report: report, profile: earlier.profile,
      profileFailure: earlier.profileFailure, benchmarks: history, collectorSeconds: [:],
      time: WallClock.now(), begun: begun, at: Clock.seconds())
    lastQuick = reading
    return reading
  }

  /// Holds a session with NVML for as long as somebody asks again and again.
  private func keepCardsReady() {
    let now = Clock.seconds()
    let isRegular = now - lastAsked < BoxReader.holdSeconds
    lastAsked = now
    guard isRegular, hold == nil,
      lastFull?.inventory.gpus.contains(where: { $0.driver == "nvidia" }) == true
    else { return }
    // A card that fell off the bus may keep the library from ever answering.
    hold = Deadline.run(seconds: BoxReader.holdTimeout) { try? NVMLHold() } ?? nil
    guard hold != nil else { return }
    WorkerPool.task { [weak self, thread] in
      repeat {
        await thread.sleep(seconds: BoxReader.holdSeconds)
      } while await self?.isStillHolding() == true
    }
  }

  private static let holdTimeout = 15

  private func isStillHolding() -> Bool {
    if Clock.seconds() - lastAsked < BoxReader.holdSeconds { return true }
    if let hold { _ = Deadline.run(seconds: BoxReader.holdTimeout) { hold.end() } }
    hold = nil
    return false
  }

  /// What a plan rests on.
  func placement() throws -> Inventory {
    if let placing, fresh(placing.at) { return placing.inventory }
    counters.readings.add(1)
    let inventory = try PlacementOperations().inventory(tree)
    placing = (inventory, Clock.seconds())
    return inventory
  }

  /// What was placed and what of it holds; worked out once for all who ask within a second.
  func placementStatus() throws -> PlacementStatus {
    if let placed, fresh(placed.at) { return placed.status }
    let operations = PlacementOperations()
    let status = try operations.status(
      try operations.plan(tree, try placement()), trials())
    placed = (status, Clock.seconds())
    return status
  }

  /// The trials of placement; nil where no history is kept.
  private func trials() -> TrialHistory? {
    guard let benchmarks else { return nil }
    do throws(Failure) {
      return TrialHistory(try benchmarks.trials(onlyLast: true))
    } catch {
      return .unknown("the history cannot be read: \(error.reason)")
    }
  }

  /// A document of everything; made once for all who ask within a second.
  /// - Parameter name: which one.
  func document(
    _ name: String, _ make: @Sendable (Snapshot) throws -> [UInt8]
  ) throws -> [UInt8] {
    let reading = full()
    if let known = documents[name], known.at == reading.at { return known.bytes }
    let bytes = try make(reading)
    documents[name] = (reading.at, bytes)
    return bytes
  }

  /// Metrics as text; made once for all who ask within a second.
  func metrics(_ format: Exposition, placement: PlacementSnapshot) -> String {
    let reading = full()
    if let text = texts[format], text.at == reading.at { return text.text }
    let text = format.text(
      MetricsInput(
        version: Version.number, inventory: reading.inventory, report: reading.report,
        profile: reading.profile, placement: placement.status,
        benchmarks: try? reading.benchmarks?.get(), collectorSeconds: reading.collectorSeconds))
    texts[format] = (reading.at, text)
    return text
  }

  /// Forgets what was read: something has changed.
  func invalidate() {
    lastQuick = nil
    placing = nil
    placed = nil
    lastFull = lastFull.map { reading in
      var old = reading
      old.at = -1
      return old
    }
  }

  private func fresh(_ at: Double) -> Bool {
    at >= 0 && Clock.seconds() - at < BoxReader.freshness
  }
}

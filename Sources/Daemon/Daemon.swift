internal import API
public import Base
internal import Operations
internal import Configuration
internal import Events
internal import Glibc
internal import HTTPService
internal import History
internal import KernelTree
internal import Linux
internal import Systemd
internal import Version

/// `tinyboxd`: watches the box, keeps placed what is placed, checks, remembers, answers.
///
/// One thread decides and changes (this one); it sleeps in poll(2) until a descriptor or a moment
/// of its agenda wakes it. HTTP has a thread of its own, and readings that requests ask for run
/// beside both.
public struct Daemon {
  /// What the command line says.
  public struct Options: Sendable {
    /// Path of the socket, when systemd passes none.
    public var socket: String
    /// Folder of the state.
    public var stateFolder: String
    /// Number of the group that may read, in place of group `tinybox` of this machine.
    public var readerGroup: UInt32?
    /// Number of the group that may change, in place of group `tinybox-admin`.
    public var administratorGroup: UInt32?

    /// Options.
    public init(socket: String, stateFolder: String) {
      self.socket = socket
      self.stateFolder = stateFolder
    }
  }

  /// Prints why the daemon could not start.
  public static func tell(_ failure: Failure) {
    try? Terminal.write(failure.lines(of: "tinyboxd").joined(separator: "\n") + "\n", to: 2)
  }

  private let options: Options
  private let manager = ServiceManager()

  /// The daemon.
  public init(_ options: Options) { self.options = options }

  /// Runs until a signal ends it.
  public func run() throws(Failure) {
    do {
      try start()
    } catch {
      throw Failure("start", error)
    }
  }

  private func start() throws {
    // Before any thread is made, so that all have the signals blocked.
    let signals = try SignalReader()
    _ = try? DescriptorLimit.raise()
    let settings: ServiceSettings
    var problem: String?
    do throws(ConfigurationFailure) {
      settings = try ServiceSettings.read(.live)
    } catch {
      // A box with a mistake in its configuration is watched all the same.
      settings = ServiceSettings()
      problem = error.description
    }
    let (store, storeNote) = openStore(limit: settings.daemon.eventCount)
    let log = EventLog(store, journal: JournalWriter.write, now: WallClock.now)
    let published = Published()
    let counters = Counters()
    let jobs = try Jobs()
    let thread = EventThread()
    let reader = BoxReader(.live, counters: counters, thread: thread) { reading in
      let problem = reading.profileFailure.map { "\($0.step): \($0.cause)" }
      jobs.post { core in core.checked(reading.report, problem: problem) }
    }
    let core = Core(
      tree: .live, log: log, published: published, counters: counters, reader: reader,
      keeper: PlacementKeeper(LiveMachine()), jobs: jobs, settings: settings)
    recordBefore(log, storeNote, problem)

    let server = HTTPServer(
      thread: thread,
      responder: Responder(
        authorization: Authorization(
          readerGroup: options.readerGroup ?? UserDatabase.groupID(named: Authorization.readers),
          administratorGroup: options.administratorGroup
            ?? UserDatabase.groupID(named: Authorization.administrators)),
        service: Service(
          reader: reader, log: log, published: published, counters: counters, jobs: jobs,
          identity: DaemonIdentity(pid: Int(getpid()), started: WallClock.now()), thread: thread)))
    let inherited = try manager.listenDescriptors()
    let listeners: [Listener] =
      inherited.isEmpty
      ? [.unixSocket(path: options.socket, mode: 0o660)]
      : inherited.map { .inherited(descriptor: $0.descriptor) }
    _ = try Wait.until { try await server.start(on: listeners) }

    let watches = Watches()
    watches.open(core)
    core.collectWrites = { [unowned watches, unowned core] in watches.readWrites(core) }
    log.setState("running", WallClock.now())
    log.record([EventDraft(.daemonStarted, "tinyboxd \(Version.number) watches this machine")])
    // What happened before the watches were open is in the first reading.
    core.readAgain()
    core.scheduleChecks()
    core.startChecks(isReading: false)
    notify(ServiceManager.ready(status: core.statusText))
    loop(core, watches, jobs, signals, server)

    notify(ServiceManager.stopping)
    log.record([EventDraft(.daemonStopped, "tinyboxd stopped")])
    log.setState("running", "")
    log.close()
    try Wait.until { await server.stop(seconds: 3) }
  }

  // MARK: the loop

  private func loop(
    _ core: Core, _ watches: Watches, _ jobs: Jobs, _ signals: SignalReader, _ server: HTTPServer
  ) {
    var poller = Poller()
    var shown = ""
    if let limit = manager.watchdogSeconds {
      core.agenda.set(.watchdog, at: Clock.seconds() + limit / 2)
    }
    while !core.isStopping {
      if core.watchedPathsChanged {
        core.watchedPathsChanged = false
        watches.watch(core.keeper.watchedPaths, irqbalance: core.irqbalance)
      }
      let status = core.statusText
      if status != shown { notify(ServiceManager.status(status)) }
      shown = status

      var seconds = core.agenda.next.map { max(0, $0 - Clock.seconds()) }
      if let bus = watches.seconds { seconds = min(seconds ?? bus, bus) }
      let interests = [(signals.descriptor, false), (jobs.descriptor, false)] + watches.interests
      guard let ready = try? poller.wait(interests, seconds: seconds) else {
        Clock.sleep(seconds: 1)
        continue
      }
      core.counters.wakeups.add(1)
      if ready[0] { handle(signals, core) }
      if ready[1] { for job in jobs.take() { job(core) } }
      watches.handle(Array(ready.dropFirst(2)), core)
      for item in core.agenda.due(at: Clock.seconds()) {
        switch item {
        case .writes: core.lookAtWrites()
        case .changes: core.readAgain()
        case .recheck: core.recheck()
        case .checks:
          core.scheduleChecks()
          core.startChecks(isReading: true)
        case .release: core.release()
        case .bus: watches.connect(core)
        case .watchdog: beat(core, server)
        }
      }
    }
  }

  private func handle(_ signals: SignalReader, _ core: Core) {
    while let signal = signals.next() {
      if signal == SIGHUP {
        notify(ServiceManager.reloading())
        core.reload()
        notify(ServiceManager.ready(status: core.statusText))
      } else {
        core.stop()
      }
    }
  }

  /// Tells systemd that we live: the main thread by being here, HTTP by answering itself.
  private func beat(_ core: Core, _ server: HTTPServer) {
    guard let limit = manager.watchdogSeconds else { return }
    core.agenda.set(.watchdog, at: Clock.seconds() + limit / 2)
    let manager = manager
    Workers.task {
      if await server.isAlive(within: limit / 4) { try? manager.notify(ServiceManager.alive) }
    }
  }

  private func notify(_ assignments: [String]) { try? manager.notify(assignments) }

  // MARK: the state

  /// Opens the store; one that is damaged is put aside, not away.
  private func openStore(limit: Int) -> (EventStore?, note: String?) {
    let path = options.stateFolder + "/events.db"
    do throws(Failure) {
      return (try EventStore.open(path, limit: limit), nil)
    } catch {
      guard error.isDamage else { return (nil, "cannot \(error)") }
      do throws(Failure) {
        let (store, aside) = try EventStore.replaceDamaged(
          path, limit: limit, time: WallClock.now())
        return (store, "cannot \(error); it was put aside as \(aside)")
      } catch let second {
        return (nil, "cannot \(error); and cannot \(second)")
      }
    }
  }

  /// What was found at the start, whatever becomes of it.
  private func recordBefore(_ log: EventLog, _ storeNote: String?, _ problem: String?) {
    if let previous = log.state("running"), !previous.isEmpty {
      log.record([
        EventDraft(
          .daemonRecovered, "the tinyboxd that started at \(previous) did not end in order")
      ])
      log.setState("running", "")
    }
    if let storeNote { log.record([EventDraft(.eventsUnstored, storeNote)]) }
    if let problem { log.record([EventDraft(.configurationInvalid, problem)]) }
  }
}

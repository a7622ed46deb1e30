internal import API
package import Base
internal import Configuration
internal import Events
internal import Glibc
internal import HTTPService
internal import KernelTree
internal import Linux
internal import Systemd
internal import Version

/// `tinyboxd`: watches the box, keeps placed what is placed, checks, remembers, answers.
///
/// One thread decides and changes (this one, in `EventLoop`). HTTP has a thread of its own, and
/// readings that requests ask for run beside both.
package struct Daemon {
  /// What the command line says.
  package struct Options: Sendable {
    /// Path of the socket, when systemd passes none.
    package var socket: String
    package var stateFolder: String
    /// Number of the group that may read, in place of group `tinybox` of this machine.
    package var readerGroup: UInt32?
    /// Number of the group that may change, in place of group `tinybox-admin`.
    package var administratorGroup: UInt32?

    /// Options with this socket and folder.
    package init(socket: String, stateFolder: String) {
      self.socket = socket
      self.stateFolder = stateFolder
    }
  }

  /// Prints why the daemon could not start.
  package static func tell(_ failure: Failure) {
    try? Terminal.write(failure.lines(of: "tinyboxd").joined(separator: "\n") + "\n", to: 2)
  }

  private let options: Options
  private let manager = ServiceManager()

  /// A daemon with these options.
  package init(_ options: Options) { self.options = options }

  /// Runs until a signal ends it.
  package func run() throws(Failure) {
    do {
      try StateFolder(options.stateFolder).locked(start)
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
    let folder = StateFolder(options.stateFolder)
    let endedInOrder = folder.hasEnd
    let log = EventLog(
      limit: settings.daemon.eventCount, journal: JournalWriter.write, now: WallClock.now
    ) { folder.openStore(limit: $0, endedInOrder: endedInOrder) }
    let queue = try MainQueue()
    let counters = Counters()
    let thread = EventThread()
    let benchmarks = BenchmarkAccess(folder: options.stateFolder) { log.record($0) }
    let context = Context(
      tree: .live, log: log, published: PublishedState(), counters: counters,
      reader: BoxReader(
        .live, benchmarks: benchmarks, counters: counters, thread: thread
      ) { reading in
        let problem = reading.profileFailure.map { "cannot \($0)" }
        queue.post { $0.the(CheckController.self).took(reading.report, problem: problem) }
      }, queue: queue, settings: settings)
    log.open()
    if let problem { log.record([EventDraft(.configurationInvalid, problem)]) }
    // What it publishes is to be there when the first request comes.
    let placement = PlacementController(context, PlacementReconciler(LiveMachine()))
    let server = try serve(context, benchmarks, thread)
    let configuration = ConfigurationController(context, placement, manager)
    let handOver = MainQueueController(context)
    let controllers = Controllers([
      SignalController(context, signals),
      handOver,
      configuration,
      placement,
      MachineController(context),
      RuntimeController(context, RuntimeSupervisor(LiveRuntimes(manager))),
      CheckController(context),
      WatchdogController(server, manager),
    ])
    handOver.controllers = controllers
    let loop = EventLoop(context, controllers) { notify(ServiceManager.status($0)) }
    configuration.statusText = { [unowned loop] in loop.statusText }
    run(loop, context, controllers)
    try Wait.until { await server.stop(seconds: 3) }
  }

  private func run(_ loop: EventLoop, _ context: Context, _ controllers: Controllers) {
    loop.open()
    let folder = StateFolder(options.stateFolder)
    folder.forgetEnd()
    context.log.setState("running", WallClock.now())
    context.log.record([
      EventDraft(.daemonStarted, "tinyboxd \(Version.number) watches this machine")
    ])
    // What happened before the sources were open is in the first reading.
    context.send(.machineStale)
    controllers.the(CheckController.self).start(isReading: false)
    notify(ServiceManager.ready(status: loop.statusText))
    loop.run()

    notify(ServiceManager.stopping)
    context.log.record([EventDraft(.daemonStopped, "tinyboxd stopped")])
    context.log.setState("running", "")
    folder.noteEnd()
    context.log.close()
  }

  private func serve(
    _ context: Context, _ benchmarks: BenchmarkAccess, _ thread: EventThread
  ) throws -> HTTPServer {
    let service = Service(
      reader: context.reader, log: context.log,
      benchmarks: benchmarks, published: context.published,
      counters: context.counters, queue: context.queue,
      identity: DaemonIdentity(pid: Int(getpid()), started: WallClock.now()), thread: thread)
    let authorization = Authorization(
      readerGroup: options.readerGroup ?? UserDatabase.groupID(named: Authorization.readers),
      administratorGroup: options.administratorGroup
        ?? UserDatabase.groupID(named: Authorization.administrators))
    let server = HTTPServer(
      thread: thread, responder: Responder(authorization: authorization, service: service))
    let inherited = try manager.listenDescriptors()
      .filter { DeviceLease.device(keptAs: $0.name) == nil }
    let listeners: [Listener] =
      inherited.isEmpty
      ? [.unixSocket(path: options.socket, mode: 0o660)]
      : inherited.map { .inherited(descriptor: $0.descriptor) }
    _ = try Wait.until { try await server.start(on: listeners) }
    return server
  }

  private func notify(_ assignments: [String]) { try? manager.notify(assignments) }
}

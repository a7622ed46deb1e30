internal import Documents
internal import Events
internal import Linux

/// The one thread that decides and changes: it sleeps in poll(2) until a source has something to read
/// or a controller is due.
final class EventLoop {
  /// Notifications of one source that are taken at once.
  static let turn = 256

  /// A source, and whether it is open.
  private final class Opened {
    let source: any EventSource
    var isOpen = false
    /// When it is opened again, monotonic seconds.
    var reopen: Double?

    init(_ source: any EventSource) { self.source = source }
  }

  private let context: Context
  private let controllers: Controllers
  private let sources: [Opened]
  /// Gets the one line for `systemctl status` when it has changed.
  private let tellStatus: (String) -> Void

  init(
    _ context: Context, _ controllers: Controllers, tellStatus: @escaping (String) -> Void
  ) {
    self.context = context
    self.controllers = controllers
    self.tellStatus = tellStatus
    sources = controllers.all.flatMap(\.sources).map(Opened.init)
    context.send = { [unowned controllers] notification in
      for controller in controllers.all { controller.handle(notification) }
    }
  }

  func open() { for opened in sources { open(opened) } }

  /// Runs until the context is asked to end.
  func run() {
    var poller = Poller()
    var shown = ""
    while !context.isStopping {
      for controller in controllers.all { controller.prepareToWait() }
      let status = statusText
      if status != shown { tellStatus(status) }
      shown = status

      let open = sources.filter(\.isOpen)
      let interests = open.map {
        (descriptor: $0.source.descriptor ?? -1, write: $0.source.wantsWriting)
      }
      guard let ready = try? poller.wait(interests, seconds: seconds(open)) else {
        Clock.sleep(seconds: 1)
        continue
      }
      context.counters.wakeups.add(1)
      for (opened, isReady) in zip(open, ready) where isReady || opened.source.isReadAlways {
        read(opened)
      }
      let now = Clock.seconds()
      for opened in sources where opened.reopen.map({ $0 <= now }) ?? false { self.open(opened) }
      for controller in controllers.all where controller.due.map({ $0 <= now }) ?? false {
        controller.run(at: now)
      }
    }
  }

  /// Until when it may sleep; nil for as long as nothing comes.
  private func seconds(_ open: [Opened]) -> Double? {
    let now = Clock.seconds()
    let moments = controllers.all.compactMap(\.due) + sources.compactMap(\.reopen)
    let waits = moments.map { max(0, $0 - now) } + open.compactMap(\.source.seconds)
    return waits.min()
  }

  // MARK: sources

  private func open(_ opened: Opened) {
    let wasLost = opened.reopen != nil
    opened.reopen = nil
    do {
      let note = try opened.source.open()
      opened.isOpen = true
      publish(opened.source, isActive: true, note)
      if wasLost { context.send(.machineChanged) }
    } catch {
      lose(opened, error, again: opened.source.reopenSeconds?.refused)
    }
  }

  private func read(_ opened: Opened) {
    do {
      try opened.source.read { context.send($0) }
    } catch {
      lose(opened, error, again: opened.source.reopenSeconds?.lost)
      // What it would still have reported, and what happens until it is open again.
      if opened.source.name != nil { context.send(.machineChanged) }
    }
  }

  private func lose(_ opened: Opened, _ error: any Error, again seconds: Double?) {
    opened.source.close()
    opened.isOpen = false
    opened.reopen = seconds.map { Clock.seconds() + $0 }
    publish(opened.source, isActive: false, "\(error)")
  }

  private func publish(_ source: any EventSource, isActive: Bool, _ note: String) {
    guard let name = source.name else { return }
    let watch = DaemonDocument.Watch(name: name, isActive: isActive, note: note)
    var wasActive: Bool?
    context.published.update { state in
      if let index = state.watches.firstIndex(where: { $0.name == name }) {
        wasActive = state.watches[index].isActive
        state.watches[index] = watch
      } else {
        state.watches.append(watch)
      }
    }
    if !isActive, wasActive != false {
      context.log.record([
        EventDraft(.watchLost, subject: name, "cannot watch \(name): \(note)")
      ])
    }
  }

  // MARK: status

  /// One line for `systemctl status`.
  var statusText: String {
    if let problem = context.published.current.configurationProblem {
      return "configuration: " + (problem.split(separator: "\n").first.map(String.init) ?? "")
    }
    return controllers.all.flatMap(\.status).joined(separator: ", ")
  }
}

internal import Base
internal import Configuration
internal import Events
internal import HTTPService
internal import Linux
internal import RuntimeCatalog

/// Hosts runtimes: makes their units when the machine or a file has changed, watches them, asks those that start
/// whether they answer, and writes the registry for the gateway.
final class RuntimeController: Controller {
  private enum Item: Hashable, CaseIterable {
    /// Make the plan again.
    case plan
    /// Look at the units.
    case look
  }

  /// Seconds after which what failed is tried again.
  private static let againSeconds = 10.0
  /// Seconds that an answer may take before the question is asked again.
  private static let answerSeconds = 5.0

  private let context: Context
  private let supervisor: RuntimeSupervisor
  private var timers = Timers<Item>()
  private var watched: [String] = []
  /// Why runtimes cannot be hosted; nil when they can.
  private var problem: String?

  init(_ context: Context, _ supervisor: RuntimeSupervisor) {
    self.context = context
    self.supervisor = supervisor
  }

  let sources: [any EventSource] = [RuntimeSource()]

  var due: Double? { [timers.next, supervisor.due].compactMap { $0 }.min() }

  func handle(_ notification: Notification) {
    switch notification {
    case .machineRead: plan(at: Clock.seconds())
    case .configured:
      timers.set(.plan, at: Clock.seconds())
    case .runtimeFilesChanged:
      timers.debounce(.plan, at: Clock.seconds(), quiet: 0.15, limit: 0.8)
    case .runtimeProgress:
      supervisor.progress(
        firstTokenSeconds: context.settings.gateway.models.firstTokenSeconds, at: Clock.seconds())
    case .runtimeUnitsChanged:
      timers.debounce(.look, at: Clock.seconds(), quiet: 0.02, limit: 0.2)
    default: break
    }
  }

  func run(at now: Double) {
    let items = timers.due(at: now)
    let mustPlan = supervisor.planDue.map { $0 <= now } ?? false
    if items.contains(.plan) || mustPlan {
      plan(at: now)
    } else if items.contains(.look) {
      attempt(at: now) { () throws(Failure) in try supervisor.look(at: now) }
    }
    attempt(at: now, isWhole: false) { () throws(Failure) in try supervisor.retry(at: now) }
    attempt(at: now, isWhole: false) { () throws(Failure) in try supervisor.followJobs(at: now) }
    for probe in supervisor.probes(at: now) { ask(probe) }
    for (probe, seconds) in supervisor.questions(at: now) { question(probe, seconds) }
  }

  /// Makes the plan again, now.
  func plan(at now: Double) {
    guard let inventory = context.inventory else { return }
    attempt(at: now) { () throws(Failure) in try supervisor.plan(inventory, at: now) }
    let units = supervisor.unitNames
    if units != watched {
      watched = units
      context.send(.watchUnits(units))
      // What happened before they were watched.
      timers.debounce(.look, at: now, quiet: 0.02, limit: 0.2)
    }
  }

  /// - Parameter isWhole: whether success means that nothing is wrong.
  private func attempt(
    at now: Double, isWhole: Bool = true, _ body: () throws(Failure) -> [EventDraft]
  ) {
    do throws(Failure) {
      let events = try body()
      if !events.isEmpty {
        context.log.record(events)
        context.send(.checksStale)
      }
      if isWhole { problem = nil }
      let registry = supervisor.registry ?? RuntimeRegistry(written: WallClock.now(), instances: [])
      context.published.update { $0.runtimes = registry }
    } catch {
      let text = Context.text(error)
      if text != problem { context.log.record([EventDraft(.runtimeFailed, text)]) }
      problem = text
      timers.set(.plan, at: now + RuntimeController.againSeconds)
    }
  }

  /// Asks on another thread whether a runtime answers: one that loads takes connections and answers none.
  private func ask(_ probe: RuntimeSupervisor.Probe) {
    let queue = context.queue
    let answer = { @Sendable (isAnswer: Bool) in
      queue.post { $0.the(RuntimeController.self).probed(probe, isAnswer) }
    }
    WorkerPool.task { answer(RuntimeController.isAnswered(probe)) }
  }

  /// Asks on a thread of its own, which waits for minutes, whether a runtime with requests still answers.
  private func question(_ probe: RuntimeSupervisor.Probe, _ seconds: Double) {
    let queue = context.queue
    let answer = { @Sendable (isAnswer: Bool) in
      queue.post { $0.the(RuntimeController.self).questioned(probe, isAnswer) }
    }
    do throws(Failure) {
      _ = try OwnThread { answer(RuntimeController.isAnswered(probe, within: seconds)) }
    } catch {
      answer(false)
    }
  }

  private func questioned(_ probe: RuntimeSupervisor.Probe, _ isAnswer: Bool) {
    let now = Clock.seconds()
    attempt(at: now, isWhole: false) { () throws(Failure) in
      try supervisor.questioned(probe, answered: isAnswer, at: now)
    }
  }

  /// Any answer of the program itself will do: not every runtime has this path, and llama.cpp's server says 503
  /// while it loads.
  private static func isAnswered(
    _ probe: RuntimeSupervisor.Probe, within seconds: Double = answerSeconds
  ) -> Bool {
    let response = try? UnixClient.request(
      socket: probe.socket, path: "/v1/models", timeoutSeconds: seconds)
    return response.map { $0.status < 500 } ?? false
  }

  private func probed(_ probe: RuntimeSupervisor.Probe, _ isAnswer: Bool) {
    let now = Clock.seconds()
    attempt(at: now, isWhole: false) { () throws(Failure) in
      try supervisor.probed(probe, answered: isAnswer, at: now)
    }
  }

  var status: [String] {
    if problem != nil { return ["runtimes: failed"] }
    let instances = supervisor.instances
    if instances.isEmpty { return [] }
    let ready = instances.count { $0.state == .ready || $0.state == .idle }
    return ["\(ready) of \(Units.count(instances.count, "runtime")) ready"]
  }
}

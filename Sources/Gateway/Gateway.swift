package import Base
package import HTTPService
internal import RuntimeCatalog
internal import Synchronization
internal import Tokens

/// The gateway: the only program of tinybox on the network. It has no rights of its own beyond
/// those of group `tinybox` on the daemon's socket.
package final class Gateway: Sendable {
  private let options: GatewayOptions
  private let thread = EventThread()
  private let server: HTTPServer
  private let tokens: TokenStore
  private let door: ModelDoor
  /// Its end, once that has begun.
  private let ending = Mutex<Task<Void, Never>?>(nil)

  /// A gateway that does not listen yet.
  /// - Parameter encryption: for addresses with a certificate; nil refuses those.
  package init(_ options: GatewayOptions, encryption: (any Encryption)? = nil) {
    self.options = options
    tokens = TokenStore(path: options.tokens)
    door = ModelDoor(
      thread: thread,
      registry: RegistryReader(path: options.runtimes, sockets: options.runtimeSockets),
      progress: RuntimeProgress.path)
    let service = GatewayService(
      authenticator: Authenticator(tokens: tokens, sessions: Sessions(store: tokens)),
      daemon: DaemonForwarder(
        upstream: UnixUpstream(path: options.socket, thread: thread, limits: .gateway)),
      door: door)
    server = HTTPServer(
      limits: .gateway, thread: thread, encryption: encryption, responder: service)
  }

  /// Listens where options and configuration say, and only there. Called again it reads both anew,
  /// and the certificates too: addresses that stay are not interrupted.
  /// - Parameter inherited: sockets from systemd, which are used in place of addresses.
  /// - Returns: where it listens, and what its owner should know.
  package func listen(
    inherited: [Int32] = []
  ) async throws(Failure) -> (bound: [BoundListener], warnings: [String]) {
    let plan = try options.plan(inherited: inherited)
    let bound = try await server.listen(on: plan.listeners)
    door.settings = plan.models
    return (bound, warnings(bound, isEncrypted: plan.files != nil))
  }

  /// Seconds of those of an end that answers of models which are cut off get for their last words.
  private static let lastWords = 0.5

  /// Ends, giving requests so many seconds. Requests for models that wait are sent away at once; those that
  /// are answered then go on for as long. Called again it waits for the same end: its thread takes no more work.
  package func stop(seconds: Double) async {
    let task = ending.withLock { ending in
      if let ending { return ending }
      let task = WorkerPool.task { [self] in await end(seconds: seconds) }
      ending = task
      return task
    }
    await task.value
  }

  private func end(seconds: Double) async {
    door.drain()
    let cut = thread.after(max(0, seconds - Gateway.lastWords)) { [door] in door.cut() }
    await server.stop(seconds: seconds)
    cut.cancel()
    await thread.stop()
  }

  /// Whether it still serves.
  package func isAlive(within seconds: Double) async -> Bool {
    await server.isAlive(within: seconds)
  }

  /// Waits so many seconds.
  func sleep(seconds: Double) async { await thread.sleep(seconds: seconds) }

  private func warnings(_ bound: [BoundListener], isEncrypted: Bool) -> [String] {
    var warnings = bound.filter(\.isAwaited).map { place in
      "\(place): this machine did not have the address. It is served as soon as the machine has it."
    }
    let open = bound.filter { !$0.isLoopback }
    guard !open.isEmpty else { return warnings }
    let places = open.map(\.description).joined(separator: ", ")
    if !isEncrypted {
      warnings.append(
        "\(places): WITHOUT TLS. Tokens and all other data are sent unencrypted, and anyone who sees a "
          + "token can use it. Set tls-certificate and tls-key.")
    }
    do throws(Failure) {
      if try tokens.list().isEmpty {
        warnings.append(
          "\(places): there are no tokens, so every request is refused. 'tinyboxctl token create NAME' "
            + "makes one.")
      }
    } catch {
      warnings.append("\(places): every request is refused: cannot \(error)")
    }
    return warnings
  }
}

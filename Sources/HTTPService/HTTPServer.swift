package import Base
internal import Linux
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// HTTP/1.1 on sockets, with a limit on everything a client can use up.
package final class HTTPServer: Sendable {
  private let limits: Limits
  private let encryption: (any Encryption)?
  private let thread: EventThread
  private let table: NIOLoopBoundBox<ConnectionTable>
  private let current = Mutex<[OpenListener]>([])

  /// Connections that wait to be taken.
  private static let backlog: Int32 = 4096
  /// Files and sockets that a process needs beside connections.
  private static let reserve = 128

  /// A server that does not listen yet.
  /// - Parameters:
  ///   - thread: the thread it runs on; it ends with `EventThread.stop`, not with the server.
  ///   - encryption: for listeners that have TLS files; nil for a server without any.
  package init(
    limits: Limits = Limits(), thread: EventThread = EventThread(),
    encryption: (any Encryption)? = nil, responder: any HTTPResponder
  ) {
    self.limits = limits
    self.encryption = encryption
    self.thread = thread
    // Where the kernel does not say, what systemd starts services with.
    let files = Int(clamping: (try? DescriptorLimit.raise()) ?? 1024)
    let capacity = min(
      limits.connections, max(16, files - ConnectionTable.refusals - HTTPServer.reserve))
    table = NIOLoopBoundBox.makeBoxSendingValue(
      ConnectionTable(limits: limits, responder: responder, capacity: capacity),
      eventLoop: thread.loop)
  }

  /// Listens on all of these, or on none.
  /// - Returns: where it listens, in their order.
  @discardableResult
  package func start(on listeners: [Listener]) async throws(Failure) -> [BoundListener] {
    try await listen(on: listeners)
  }

  /// Listens on these and on nothing else, and reads their certificates and keys anew. Those it
  /// listens on already are not interrupted: other certificates count for connections that come
  /// later. Not to be called twice at once.
  /// - Throws: for the first that cannot be. All is as it was before then, but for the listeners
  ///   that the failure calls lost.
  /// - Returns: where it listens, in their order.
  package func listen(on listeners: [Listener]) async throws(Failure) -> [BoundListener] {
    // What can fail without touching a socket comes first.
    var sessions: [(any EncryptedSession)?] = []
    for listener in listeners { sessions.append(try session(listener)) }
    var leaving = current.withLock { $0 }
    var open: [Int: OpenListener] = [:]
    for (index, listener) in listeners.enumerated() {
      if let place = leaving.firstIndex(where: { $0.listener.isAtPlace(of: listener) }) {
        open[index] = leaving.remove(at: place)
        open[index]?.listener = listener
      }
    }
    let kept = open
    // A descriptor that was passed is used once, so it waits until the others are open.
    let new = listeners.indices.filter { kept[$0] == nil }
      .sorted { !listeners[$0].isInherited && listeners[$1].isInherited }
    let isBlocking = leaving.map { old in new.contains { old.blocks(listeners[$0]) } }
    let blocking = zip(leaving, isBlocking).filter(\.1).map(\.0)
    await close(blocking)
    do throws(Failure) {
      for index in new {
        open[index] = try await self.open(listeners[index], ListenerEncryption(sessions[index]))
      }
    } catch {
      await close(new.compactMap { open[$0] })
      throw await reopen(blocking, after: error)
    }
    // From here on nothing fails.
    for (index, listener) in kept { listener.security.use(sessions[index]) }
    let result = listeners.indices.compactMap { open[$0] }
    current.withLock { $0 = result }
    await close(zip(leaving, isBlocking).filter { !$0.1 }.map(\.0))
    return result.map(\.bound)
  }

  /// Ends: accepts nothing more, lets requests be answered, ends streams, and after so many seconds
  /// closes what is left. A responder that does not heed its cancellation is not waited for longer
  /// than two seconds more.
  package func stop(seconds: Double) async {
    await close(current.withLock { $0 })
    let table = table
    let emptied = thread.loop.makePromise(of: Void.self)
    thread.loop.execute { table.value.stop(emptied) }
    let end = NIODeadline.now() + .nanoseconds(Int64(seconds * 1e9))
    let closing = thread.loop.scheduleTask(deadline: end) { table.value.closeAll() }
    let leaving = thread.loop.scheduleTask(deadline: end + .seconds(2)) { emptied.succeed() }
    try? await emptied.futureResult.get()
    closing.cancel()
    leaving.cancel()
  }

  /// Whether its thread gets round to new work within so many seconds: for a watchdog.
  package func isAlive(within seconds: Double) async -> Bool {
    await thread.isAlive(within: seconds)
  }

  private func session(_ listener: Listener) throws(Failure) -> (any EncryptedSession)? {
    guard let files = listener.tls else { return nil }
    guard let encryption else {
      throw Failure("encrypt \(listener.name)", because: "this program has no TLS")
    }
    return try encryption.session(files)
  }

  private func close(_ leaving: [OpenListener]) async {
    for old in leaving {
      current.withLock { $0.removeAll { $0.channel === old.channel } }
      if case .unixSocket(let path, _) = old.listener, let file = old.file {
        UnixListener.remove(path, file)
      }
      try? await old.channel.close()
    }
  }

  /// Opens what had to make room for others that then could not be opened.
  /// - Returns: the failure of those, with what could not be opened again.
  private func reopen(
    _ closed: [OpenListener], after failure: Failure
  ) async -> Failure {
    var lost: [String] = []
    for old in closed {
      do throws(Failure) {
        var new = try await open(old.again, old.security)
        new.listener = old.listener
        current.withLock { $0.append(new) }
      } catch {
        lost.append(old.again.name)
      }
    }
    if lost.isEmpty { return failure }
    return Failure(failure.step, LostListeners(cause: failure.cause, names: lost))
  }

  private func open(
    _ listener: Listener, _ security: ListenerEncryption
  ) async throws(Failure) -> OpenListener {
    let channel: any Channel
    var isAwaited = false
    var file: FileStamp?
    // What was left there is replaced, what somebody serves is not.
    if case .unixSocket(let path, _) = listener, UnixClient.isServed(path) {
      throw Failure(
        "listen on \(path)", because: "another program listens there",
        hint: "'ss -xlp' names it; end it, or give this one another path")
    }
    do {
      let bootstrap = bootstrap(security)
      switch listener {
      case .inherited(let descriptor, _):
        channel = try await bootstrap.withBoundSocket(descriptor).get()
      case .unixSocket(let path, let mode):
        // Not bound by NIO: that removes whatever lies at the path when it closes.
        let bound = try UnixListener.bind(path, mode: mode)
        file = bound.file
        channel = try await bootstrap.withBoundSocket(bound.descriptor).get()
        try UnixListener.listen(bound.descriptor, backlog: HTTPServer.backlog)
      case .tcp(let host, let port, _):
        do {
          channel = try await HTTPServer.bind(bootstrap, host, port, isFree: false)
        } catch let error as IOError where Errno(error.errnoCode) == .EADDRNOTAVAIL {
          // An address that comes later, as by DHCP: waiting for it would leave the others
          // unserved, and so would failing. Asked for only now, so that it can be reported.
          channel = try await HTTPServer.bind(bootstrap, host, port, isFree: true)
          isAwaited = true
        }
      }
    } catch {
      throw Failure("listen on \(listener.name)", HTTPServer.cause(error))
    }
    let address = channel.localAddress
    return OpenListener(
      listener: listener, channel: channel, security: security, file: file,
      bound: BoundListener(
        address: address?.ipAddress ?? address?.pathname ?? listener.name, port: address?.port,
        isLoopback: address.map(ConnectionAcceptor.isLoopback) ?? false, isAwaited: isAwaited))
  }

  /// - Parameter isFree: also when this machine does not have the address (IP_FREEBIND of ip(7)).
  private static func bind(
    _ bootstrap: ServerBootstrap, _ host: String, _ port: Int, isFree: Bool
  ) async throws -> any Channel {
    typealias Option = ChannelOptions.Types.SocketOption
    let isV6 = host.contains(":")
    var bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    if isV6 {
      // What it says, and not IPv4 besides.
      bootstrap = bootstrap.serverChannelOption(Option(level: .ipv6, name: .ipv6_v6only), value: 1)
    }
    if isFree {
      // IP_FREEBIND of linux/in.h, IPV6_FREEBIND of linux/in6.h.
      let option =
        isV6
        ? Option(level: .ipv6, name: .init(rawValue: 78))
        : Option(level: .ip, name: .init(rawValue: 15))
      bootstrap = bootstrap.serverChannelOption(option, value: 1)
    }
    return try await bootstrap.bind(host: host, port: port).get()
  }

  private func bootstrap(_ security: ListenerEncryption) -> ServerBootstrap {
    let table = table
    return ServerBootstrap(group: thread.group)
      .serverChannelOption(.backlog, value: HTTPServer.backlog)
      .serverChannelOption(.maxMessagesPerRead, value: 16)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try ConnectionAcceptor.accept(channel, security, table.value)
        }
      }
  }

  /// What the system call behind an error of NIO's left.
  private static func cause(_ error: any Error) -> any Error {
    (error as? IOError).map { Errno($0.errnoCode) } ?? error
  }
}

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization
internal import Vendor

/// HTTP/1.1 on sockets, with a limit on everything a client can use up.
public final class HTTPServer: Sendable {
  private let limits: Limits
  private let thread: EventThread
  private let table: NIOLoopBoundBox<ConnectionTable>
  private let open = Mutex<[Open]>([])

  private struct Open {
    var listener: Listener
    var channel: any Channel
    var context: TLSContext?
    var bound: BoundListener
  }

  /// Files and sockets that a process needs beside connections.
  private static let reserve = 128

  /// A server that does not listen yet.
  /// - Parameter thread: the thread it runs on; it ends with `EventThread.stop`, not with the
  ///   server.
  public init(
    limits: Limits = Limits(), thread: EventThread = EventThread(), responder: any HTTPResponder
  ) {
    self.limits = limits
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
  public func start(on listeners: [Listener]) async throws(HTTPServerFailure) -> [BoundListener] {
    do throws(HTTPServerFailure) {
      return try await listen(on: listeners)
    } catch {
      await close(open.withLock { Array($0) })
      throw error
    }
  }

  /// Listens on these and on nothing else. Those it listens on already are not interrupted. Not to
  /// be called twice at once.
  /// - Throws: for the first that cannot be; what it listened on before then stays open.
  public func listen(on listeners: [Listener]) async throws(HTTPServerFailure) -> [BoundListener] {
    var opened: [Open] = []
    var bound: [BoundListener] = []
    // The same address with other certificates can only be opened when the old one is closed.
    let leaving = open.withLock { $0.filter { !listeners.contains($0.listener) } }
    let isMoved = leaving.filter { old in listeners.contains { $0.name == old.listener.name } }
    for old in isMoved {
      // Read before anything is given up.
      for new in listeners where new.name == old.listener.name {
        if let files = new.tls { _ = try TLSContext(files) }
      }
    }
    await close(isMoved)
    do throws(HTTPServerFailure) {
      for listener in listeners {
        if let known = open.withLock({ $0.first { $0.listener == listener } }) {
          bound.append(known.bound)
          continue
        }
        let new = try await start(listener)
        opened.append(new)
        bound.append(new.bound)
      }
    } catch {
      await close(opened)
      throw error
    }
    open.withLock { $0 += opened }
    await close(leaving)
    return bound
  }

  /// Ends: accepts nothing more, lets requests be answered, ends streams, and after so many seconds
  /// closes what is left. A responder that does not heed its cancellation is not waited for longer
  /// than two seconds more.
  public func stop(seconds: Double) async {
    await close(open.withLock { Array($0) })
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

  /// Reads certificates and keys again, for new connections. Those in use stay when that fails.
  public func reloadCertificates() throws(HTTPServerFailure) {
    for context in open.withLock({ $0.compactMap(\.context) }) { try context.reload() }
  }

  /// Whether its thread gets round to new work within so many seconds: for a watchdog.
  public func isAlive(within seconds: Double) async -> Bool {
    await thread.isAlive(within: seconds)
  }

  private func close(_ leaving: [Open]) async {
    for old in leaving {
      open.withLock { $0.removeAll { $0.listener == old.listener } }
      try? await old.channel.close()
      if case .unixSocket(let path, _) = old.listener { try? DurableFile.remove(path) }
    }
  }

  private func start(_ listener: Listener) async throws(HTTPServerFailure) -> Open {
    var context: TLSContext?
    if let files = listener.tls { context = try TLSContext(files) }
    let channel: any Channel
    do {
      let bootstrap = bootstrap(context)
      switch listener {
      case .inherited(let descriptor, _):
        channel = try await bootstrap.withBoundSocket(descriptor).get()
      case .unixSocket(let path, let mode):
        channel = try await bootstrap.bind(
          unixDomainSocketPath: path, cleanupExistingSocketFile: true
        ).get()
        try FileMode.set(mode, of: path)
      case .tcp(let host, let port, _):
        var bootstrap = bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        if host.contains(":") {
          // What it says, and not IPv4 besides.
          bootstrap = bootstrap.serverChannelOption(
            ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only), value: 1)
        }
        channel = try await bootstrap.bind(host: host, port: port).get()
      }
    } catch {
      throw HTTPServerFailure(step: "listen on \(listener.name)", cause: HTTPServer.cause(error))
    }
    let address = channel.localAddress
    return Open(
      listener: listener, channel: channel, context: context,
      bound: BoundListener(
        address: address?.ipAddress ?? address?.pathname ?? listener.name, port: address?.port,
        isLoopback: address.map(HTTPServer.isLoopback) ?? false))
  }

  private func bootstrap(_ context: TLSContext?) -> ServerBootstrap {
    let table = table
    return ServerBootstrap(group: thread.group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.maxMessagesPerRead, value: 16)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try HTTPServer.accept(channel, context, table.value)
        }
      }
  }

  private struct Refused: Error {}

  private static func accept(
    _ channel: any Channel, _ context: TLSContext?, _ table: ConnectionTable
  ) throws {
    let connection = Connection(channel, try peer(channel, isEncrypted: context != nil), table)
    // Whatever becomes of it, it leaves the table.
    channel.closeFuture.assumeIsolated().whenComplete { _ in connection.close() }
    let pipeline = channel.pipeline.syncOperations
    switch table.admit(connection) {
    case .serve: break
    case .refuse where context == nil:
      return try pipeline.addHandlers([ByteWatch(connection), Refusal(connection)])
    case .refuse, .drop: throw Refused()
    }
    if let context {
      try pipeline.addHandler(NIOSSLServerHandler(context: context.context))
    }
    var limit = NIOHTTPDecoderLimitConfiguration()
    limit.maxHeaderFieldSize = max(table.limits.headerBytes, table.limits.targetBytes)
    limit.maxHeaderListSize = table.limits.headerBytes
    limit.maxHeaderFieldCount = table.limits.headerCount
    let decoder = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
      limitConfiguration: limit)
    try pipeline.addHandlers([
      ByteWatch(connection), ByteToMessageHandler(decoder), connection,
    ])
  }

  private static func peer(_ channel: any Channel, isEncrypted: Bool) throws -> Peer {
    guard let local = channel.localAddress else { throw Refused() }
    if case .unixDomainSocket = local {
      let credentials = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
        of: NIOBSDSocket.Handle.self
      ) { descriptor in try PeerCredentials.of(descriptor) }
      guard let credentials else { throw Refused() }
      return .local(
        pid: credentials.pid, user: credentials.user, groups: credentials.groups)
    }
    guard let remote = channel.remoteAddress, let address = remote.ipAddress else {
      throw Refused()
    }
    // The address it came to is not enough: a socket on every address is reached by these too.
    let listening = channel.parent?.localAddress.map(isLoopback) ?? false
    return .network(
      address: address, isLoopback: listening && isLoopback(remote), isEncrypted: isEncrypted)
  }

  private static func isLoopback(_ address: SocketAddress) -> Bool {
    switch address {
    case .v4: address.ipAddress?.hasPrefix("127.") ?? false
    case .v6: address.ipAddress == "::1"
    case .unixDomainSocket: true
    }
  }

  private static func cause(_ error: any Error) -> String {
    if let error = error as? IOError { return CallFailure(errno: error.errnoCode).meaning }
    if let error = error as? CallFailure { return error.meaning }
    return "\(error)"
  }
}

/// A connection beyond the limit: it is told so.
private final class Refusal: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  private let connection: Connection
  init(_ connection: Connection) { self.connection = connection }
  func channelActive(context: ChannelHandlerContext) { connection.refuse() }
  func channelInactive(context: ChannelHandlerContext) { connection.close() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.close() }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
  func channelReadComplete(context: ChannelHandlerContext) { connection.readMore() }
}

internal import Linux
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// What is done with a connection that has just come.
enum ConnectionAcceptor {
  private struct Refused: Error {}

  /// Takes it in or refuses it for lack of room.
  /// - Throws: when it is to be closed without an answer.
  static func accept(
    _ channel: any Channel, _ security: ListenerEncryption, _ table: ConnectionTable
  ) throws {
    let session = security.session
    let connection = Connection(channel, try peer(channel, isEncrypted: session != nil), table)
    // Whatever becomes of it, it leaves the table.
    channel.closeFuture.assumeIsolated().whenComplete { _ in connection.close() }
    let pipeline = channel.pipeline.syncOperations
    switch table.admit(connection) {
    case .serve: break
    case .refuse where session == nil:
      return try pipeline.addHandlers([ReadTracker(connection), Refusal(connection)])
    case .refuse, .drop: throw Refused()
    }
    if let session { try pipeline.addHandler(session.makeHandler()) }
    var limit = NIOHTTPDecoderLimitConfiguration()
    limit.maxHeaderFieldSize = max(table.limits.headerBytes, table.limits.targetBytes)
    limit.maxHeaderListSize = table.limits.headerBytes
    limit.maxHeaderFieldCount = table.limits.headerCount
    let decoder = HTTPRequestDecoder(
      leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
      limitConfiguration: limit)
    try pipeline.addHandlers([
      ReadTracker(connection), ByteToMessageHandler(decoder), connection,
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

  /// Whether only this machine reaches it.
  static func isLoopback(_ address: SocketAddress) -> Bool {
    switch address {
    case .v4: address.ipAddress?.hasPrefix("127.") ?? false
    case .v6: address.ipAddress == "::1"
    case .unixDomainSocket: true
    }
  }
}

/// A connection beyond the limit: it gets a refusal.
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

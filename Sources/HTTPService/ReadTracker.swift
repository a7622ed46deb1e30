internal import NIOCore

/// Reports bytes to the connection before the parser has read them: time limits start with the
/// first byte, and what is thrown away is counted.
final class ReadTracker: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if connection.takes(unwrapInboundIn(data)) {
      context.fireChannelRead(data)
    }
  }
}

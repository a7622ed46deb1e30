import Foundation
import HTTPService
import TestSupport
import Testing
import Tokens

@testable import Gateway

@Suite(.serialized) struct SessionTests {
  @Test(.timeLimit(.minutes(1))) func `a stream ends with the session it began with`() async throws
  {
    try await withBox { box in
      let token = try box.tokens.create(name: "one").token
      let sessions = Sessions(store: box.tokens)
      let id = try sessions.begin(token)
      let thread = EventThread()
      let service = GatewayService(
        authenticator: Authenticator(tokens: box.tokens, sessions: sessions),
        daemon: DaemonForwarder(
          upstream: UnixUpstream(
            path: box.folder.appendingPathComponent("api.sock").path, thread: thread)),
        door: ModelDoor(
          thread: thread, registry: RegistryReader(path: "/nonexistent", sockets: "/nonexistent")))
      let target = try #require(RequestTarget("/api/v1/status/stream"))
      let response = await service.respond(
        to: HTTPRequest(
          method: "GET", target: target, headers: ["Cookie": "\(Authenticator.cookie)=\(id)"],
          peer: .network(address: "192.0.2.1", isLoopback: false, isEncrypted: true)))
      guard case .stream(let pieces) = response.body else {
        Issue.record("no stream: \(response)")
        return
      }
      var count = 0
      for await piece in pieces where !piece.isEmpty {
        count += 1
        // The token stays good: it is the session that is over.
        if count == 3 { sessions.end(id) }
      }
      #expect(count >= 3 && box.tokens.isValid(token))
      #expect(await box.daemon.stops(1))
      await thread.stop()
    }
  }

  @Test(arguments: [
    ("2001:db8::a:b:c:d", "2001:db8:0:0"), ("fe80::1:2:3:4", "fe80:0:0:0"), ("::1", "0:0:0:0"),
    ("::", "0:0:0:0"), ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2"), ("2001:db8:1:2::", "2001:db8:1:2"),
    ("2001:db8:1:2::d", "2001:db8:1:2"), ("2001:db8:1::d", "2001:db8:1:0"),
    ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("192.0.2.7", "192.0.2.7"),
  ])
  func `wrong tokens are counted by network of IPv6, by address of IPv4`(
    address: String, key: String
  ) {
    #expect(FailureLimiter.key(address) == key)
  }
}

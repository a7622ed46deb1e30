import API
import Testing

@testable import Daemon

@Suite struct ResponderTests {
  @Test(arguments: [
    (["v1", "status"], "GET, HEAD"), (["v1", "daemon", "reload"], "POST"),
    (["v1", "placement", "apply"], "POST"), (["v1", "events", "stream"], "GET, HEAD"),
  ])
  func `Allow lists HEAD wherever GET works`(segments: [String], allowed: String) {
    guard case .wrongMethod(let methods) = Endpoints.all.match(method: "PUT", segments: segments)
    else {
      Issue.record("\(segments) takes PUT")
      return
    }
    #expect(Responder.allowed(methods) == allowed)
  }
}

import API
import Testing

@testable import Daemon

/// Who may read and who may change.
@Suite struct AuthorizationTests {
  private let groups = Authorization(readerGroup: 990, administratorGroup: 991)

  /// `r` for reading, `w` for changing.
  private func may(
    _ authorization: Authorization, _ user: UInt32, _ groups: Set<UInt32>
  ) -> String {
    let caller = Caller(user: user, groups: groups)
    let read = authorization.allows(caller, .read)
    let change = authorization.allows(caller, .change)
    return (read ? "r" : "-") + (change ? "w" : "-")
  }

  @Test func `root may do everything, whatever its groups`() {
    #expect(may(groups, 0, []) == "rw")
    #expect(may(Authorization(readerGroup: nil, administratorGroup: nil), 0, []) == "rw")
  }

  @Test func `an administrator may do everything`() {
    #expect(may(groups, 1000, [100, 991]) == "rw")
  }

  @Test func `a reader may read`() {
    #expect(may(groups, 1000, [990, 100]) == "r-")
    #expect(may(groups, 1000, [990, 991]) == "rw")
  }

  @Test func `each endpoint lets in whom its access names`() {
    for endpoint in Endpoints.all {
      let reader = groups.allows(Caller(user: 1000, groups: [990]), endpoint.access)
      #expect(reader == (endpoint.method == .get), "\(endpoint.name)")
      #expect(groups.allows(Caller(user: 1000, groups: [991]), endpoint.access))
      #expect(!groups.allows(Caller(user: 1000, groups: [100]), endpoint.access))
    }
  }

  @Test func `others may nothing, and group 0 is not root`() {
    #expect(may(groups, 1000, []) == "--")
    #expect(may(groups, 1000, [100, 989, 992]) == "--")
    #expect(may(groups, 1000, [0]) == "--")
  }

  @Test func `a group that the machine lacks lets nobody in`() {
    let none = Authorization(readerGroup: nil, administratorGroup: nil)
    #expect(may(none, 1000, [0, 990, 991]) == "--")
    let noReaders = Authorization(readerGroup: nil, administratorGroup: 991)
    #expect(may(noReaders, 1000, [990]) == "--")
    #expect(may(noReaders, 1000, [991]) == "rw")
    let noAdministrators = Authorization(readerGroup: 990, administratorGroup: nil)
    #expect(may(noAdministrators, 1000, [990, 991]) == "r-")
  }
}

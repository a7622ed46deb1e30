import Base
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Linux

private let hasPython = geteuid() == 0 && (try? shell("python3 -c 'import os, socket'")) != nil

@Suite struct PeerCredentialsTests {
  @Test func `the other end of a pair is this process`() throws {
    var pair: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer { for descriptor in pair { close(descriptor) } }
    let peer = try PeerCredentials.of(pair[0])
    #expect(peer.pid == getpid())
    #expect(peer.user == geteuid())
    var groups = [gid_t](repeating: 0, count: 65_536)
    let count = getgroups(65_536, &groups)
    #expect(peer.groups == Set(groups.prefix(Int(count))).union([getegid()]))
  }

  @Test(.enabled(if: hasPython, "needs root and python3"))
  func `another user's many groups are all told`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    let path = folder + "/socket"
    let listener = try BoundSocket(path, stream: true)
    // The connection outlives the process in the queue; who it was is kept with it.
    let pid = try shell(
      """
      exec python3 -c "
      import os, socket
      s = socket.socket(socket.AF_UNIX); os.setgroups(range(5000, 5300)); os.setgid(4321)
      s.connect('\(path)')"
      """)
    let peer = accept(listener.descriptor, nil, nil)
    try #require(peer >= 0)
    defer { close(peer) }
    let who = try PeerCredentials.of(peer)
    #expect(who.pid == pid)
    #expect(who.groups == Set(5000..<5300).union([4321]))
  }

  @Test func `what is no connection has nobody at its end`() throws {
    #expect(throws: Errno(EBADF)) { _ = try PeerCredentials.of(-1) }
    let file = open("/dev/null", O_RDONLY)
    defer { close(file) }
    #expect(throws: Errno(ENOTSOCK)) { _ = try PeerCredentials.of(file) }
    let unconnected = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(unconnected) }
    #expect(throws: Errno.ENOTCONN) { _ = try PeerCredentials.of(unconnected) }
  }

  @Test func `users and groups have names and numbers`() {
    #expect(UserDatabase.groupID(named: "root") == 0)
    #expect(UserDatabase.userID(named: "root") == 0)
    #expect(UserDatabase.groupID(named: "no such group") == nil)
    #expect(UserDatabase.userID(named: "no such user") == nil)
  }
}

@Suite struct LoginAccountsTests {
  @Test func `people are users in their range with a shell`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    #expect(throws: Errno.ENOENT) { try LoginAccounts.names(root: folder) }
    try shell(
      """
      mkdir '\(folder)/etc'
      cat > '\(folder)/etc/passwd' <<'END'
      root:x:0:0:root:/root:/bin/bash
      daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
      sync:x:4:65534:sync:/bin:/bin/sync
      system:x:999:999::/:/bin/sh
      alice:x:1000:1000:Alice,,,:/home/alice:/bin/bash
      bob:x:59999:1000::/home/bob:
      job:x:1002:1002::/home/job:/usr/sbin/nologin
      off:x:1003:1003::/home/off:/bin/false
      home:x:60000:60000::/home:/bin/sh
      nobody:x:65534:65534:nobody:/nonexistent:/bin/sh
      short:x:1004:1004
      +@ldap::::::
      carol:x:1005:1005:C:/home/carol:/usr/bin/zsh
      END
      """)
    #expect(try LoginAccounts.names(root: folder) == ["alice", "bob", "carol"])
  }
}

@Suite struct ProcessNamesTests {
  @Test func `a process is told with its unit, one that has ended without`() throws {
    let folder = try temporaryPath()
    defer { removeFolder(folder) }
    try shell(
      """
      mkdir '\(folder)/812' '\(folder)/7'
      echo irqbalance > '\(folder)/812/comm'
      echo 0::/system.slice/irqbalance.service > '\(folder)/812/cgroup'
      printf 'e\\033[2J\\n' > '\(folder)/7/comm'; echo 0::/ > '\(folder)/7/cgroup'
      """)
    #expect(
      ProcessNames.describe(812, in: folder) == "irqbalance (process 812, irqbalance.service)")
    #expect(ProcessNames.describe(7, in: folder) == "e?[2J (process 7)")
    #expect(ProcessNames.describe(8, in: folder) == "process 8, which has ended")
    let ended = try shell("true")
    #expect(ProcessNames.describe(ended) == "process \(ended), which has ended")
    #expect(ProcessNames.name(getpid()) != nil)
  }

  @Test(arguments: [
    ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service/sub", "a.service"),
    ("0::/user.slice/user-0.slice/session-3.scope", "session-3.scope"),
    ("0::/system.slice/docker-0123.scope", "docker-0123.scope"), ("0::/", nil), ("", nil),
    ("12:cpu:/\n1:name=systemd:/system.slice/a.service\n0::/", "a.service"),
    ("0::/system.slice/_cpu.service", "cpu.service"), ("0::/machine.slice", nil),
  ])
  func `the unit is the innermost service, else scope`(text: String, unit: String?) {
    #expect(ProcessNames.unit(inControlGroups: text) == unit)
  }
}

@Suite struct ClockTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
    (951_782_400_007, "2000-02-29T00:00:00.007Z"), (1_795_514_462_345, "2026-11-24T10:01:02.345Z"),
    (Int64.max, "9999-12-31T23:59:59.999Z"), (Int64.min, "0000-01-01T00:00:00.000Z"),
  ])
  func `times are written as RFC 3339 has them`(milliseconds: Int64, text: String) {
    #expect(WallClock.text(milliseconds: milliseconds) == text)
  }

  @Test func `now is now`() {
    // Within an hour: the clock may be set, and the test be held up, between the two.
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let hour: Int64 = 3_600_000
    #expect((now - hour...now + hour).contains(WallClock.milliseconds()))
    #expect(WallClock.text(milliseconds: now - hour) <= WallClock.now())
    #expect(WallClock.now() <= WallClock.text(milliseconds: now + hour))
  }

  @Test func `random bytes are as many as asked for and not the same`() throws {
    #expect(try RandomBytes.make(0) == [])
    let first = try RandomBytes.make(100_000)
    #expect(first.count == 100_000)
    #expect(Set(first).count == 256)
    #expect(try RandomBytes.make(32) != RandomBytes.make(32))
  }
}

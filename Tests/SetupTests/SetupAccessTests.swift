import Base
import Configuration
import Testing

@testable import Setup

@Suite struct SetupAccessTests {
  private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv0mkVq0nFqS2m4J4bQ0kXl8nV3cF1"
  private let nobody = SetupAccess(passwordAccounts: [], hasServer: true, takesRootKeys: true)

  private func refusal(_ access: SetupAccess, _ rootKeys: Int, asked: Bool = true) -> String? {
    do {
      _ = try access.notes(rootKeys: rootKeys, isAsked: asked, consoleOnly: false)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func `somebody must be able to log in, or it must be known to nobody`() throws {
    #expect(refusal(nobody, 0)?.contains("no account has a password") == true)
    #expect(refusal(nobody, 1) == nil)
    #expect(
      try nobody.notes(rootKeys: 1, isAsked: true, consoleOnly: false) == [
        "who can log in: root by key"
      ])
    #expect(
      try nobody.notes(rootKeys: 0, isAsked: false, consoleOnly: true) == [
        "who can log in: nobody, as console-only allows"
      ])
    // A server that is not there, or that refuses root, takes no keys.
    var without = nobody
    without.hasServer = false
    #expect(refusal(without, 1) != nil)
    var refuses = nobody
    refuses.takesRootKeys = false
    #expect(refusal(refuses, 1) != nil)
    refuses.keyAccounts = ["ada"]
    #expect(refusal(refuses, 1) == nil)
    // What is not known is no refusal.
    var unknown = nobody
    unknown.takesRootKeys = nil
    #expect(refusal(unknown, 1) == nil)
    #expect(refusal(unknown, 0) != nil)
    #expect(refusal(SetupAccess(passwordAccounts: nil), 0) == nil)
  }

  @Test func `a file that sshd would not read is a failure where keys are asked for`() {
    var access = nobody
    access.passwordAccounts = ["ada"]
    access.fileProblem = "others may write /root/.ssh"
    #expect(refusal(access, 1)?.contains("others may write /root/.ssh") == true)
    #expect(refusal(access, 1, asked: false) == nil)
  }

  @Test func `accounts with a shell, and whether they have a password`() {
    let passwd = """
      root:x:0:0:root:/root:/bin/bash
      daemon:x:1:1::/usr/sbin:/usr/sbin/nologin
      ada:x:1000:1000::/home/ada:/bin/bash
      eve::1001:1001::/home/eve:
      new:x:1002:1002::/home/new:/bin/sh
      broken
      """
    let shadow = "root:*:1::::::\nada:$y$j9T$abc:1::::::\nnew:!:1::::::\n"
    let accounts = SetupAccounts.read(passwd: passwd, shadow: shadow)
    #expect(accounts.map(\.name) == ["root", "ada", "eve", "new"])
    #expect(accounts.filter(\.hasPassword).map(\.name) == ["ada", "eve"])
  }

  @Test func `what the server says of root`() {
    let text = "permitrootlogin without-password\npubkeyauthentication yes\n"
    #expect(SetupServer.takesRootKeys(text) == true)
    #expect(SetupServer.takesRootKeys("permitrootlogin no\npubkeyauthentication yes\n") == false)
    #expect(SetupServer.takesRootKeys("permitrootlogin yes\npubkeyauthentication no\n") == false)
    #expect(SetupServer.takesRootKeys(text + "allowusers ada\n") == nil)
    #expect(SetupServer.takesRootKeys("") == nil)
  }

  @Test func `the last key is not taken back where nobody could log in then`() throws {
    let keys =
      "[ssh]\nkeys = [\"\(key)\"]\n[baseline]\nrun = \"none\"\n[network]\nrequired = true\n"
    let other = "[baseline]\nrun = \"none\"\n[ssh]\nconsole-only = true\n"
    for (access, isKept) in [(nobody, true), (SetupAccess(passwordAccounts: ["ada"]), false)] {
      let box = SimulatedBox()
      box.whoCanLogIn = access
      box.net.hasDefaultRoute = false
      #expect(try box.run(keys)[.network].state == .failed)
      // Whoever corrects the answers came in by that key.
      #expect(try box.run(other).state == .ready)
      let left = try box.disk.get("/root/.ssh/authorized_keys")
      #expect(left == (isKept ? key + "\n" : ""))
    }
  }

  @Test func `set-up stops where nobody could log in`() throws {
    let box = SimulatedBox()
    box.whoCanLogIn = nobody
    let status = try box.run("[baseline]\nrun = \"none\"\n")
    #expect(status[.network].reason?.hasPrefix("leave a way to log in") == true)
    #expect(status[.network].next?.contains("console-only") == true)
  }

  @Test func `keys in a file of their own`() throws {
    let text = "# mine\r\n\r\n\(key) ada\r\n  \(key) ada\n\(key) eve"
    #expect(try SetupKeys.parse(Array(text.utf8), path: "f") == [key + " ada", key + " eve"])
    #expect(try SetupKeys.parse([], path: "f") == [])
    #expect {
      _ = try SetupKeys.parse(
        Array("\(key)\nfrom=\"h\" \(key)\n-----BEGIN PRIVATE KEY".utf8), path: "f")
    } throws: { error in
      (error as? ConfigurationFailure)?.problems.map(\.description) == [
        "f:2: is no public key: it begins with ssh-ed25519 or another type, as ssh-keygen writes it",
        "f:3: is a private key: it takes the public one, of the file that ends in .pub",
      ]
    }
    #expect(SetupKeys.plain(Array("from=\"h\" \(key)\n\(key)".utf8)) == [key])
    let many = (0...SetupKeys.most).map { "\(key) \($0)" }.joined(separator: "\n")
    #expect(throws: ConfigurationFailure.self) {
      _ = try SetupKeys.parse(Array(many.utf8), path: "f")
    }
  }
}

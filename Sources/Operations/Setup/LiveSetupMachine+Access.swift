package import Base
internal import KernelTree
internal import Linux
package import Setup

extension LiveSetupMachine {
  /// The SSH server of Debian and Ubuntu.
  private static let server = "/usr/sbin/sshd"
  private static let keysOfAccount = ".ssh/authorized_keys"

  package func access() throws(Failure) -> SetupAccess {
    // What cannot be read is not known; it stops nothing.
    let passwd = (try? text("/etc/passwd")) ?? nil
    let shadow = (try? text("/etc/shadow")) ?? nil
    var accounts: [SetupAccounts.Account]?
    if let passwd, let shadow { accounts = SetupAccounts.read(passwd: passwd, shadow: shadow) }
    let hasServer = KernelTree.live.exists(root + Self.server)
    return SetupAccess(
      passwordAccounts: accounts?.filter(\.hasPassword).map(\.name),
      keyAccounts: (accounts ?? []).filter { $0.name != "root" && hasKeys($0.home) }.map(\.name),
      hasServer: hasServer, takesRootKeys: hasServer ? serverTakesRootKeys() : nil,
      fileProblem: keysProblem())
  }

  private func hasKeys(_ home: String) -> Bool {
    // Its owner may have put anything there.
    let file = try? StampedFile.read(
      "\(root)\(home)/\(Self.keysOfAccount)", limit: SetupKeys.longest, followsLinks: false)
    return file.map { !SetupKeys.plain($0.bytes).isEmpty } ?? false
  }

  /// Whether the server's configuration lets root in by key; nil where it does not say.
  private func serverTakesRootKeys() -> Bool? {
    // Another root folder is no running machine.
    guard root.isEmpty,
      let outcome = try? ChildProcess(
        [Self.server, "-T", "-C", "user=root,host=localhost,addr=127.0.0.1"], deadlineSeconds: 10
      ).run(),
      outcome.status == 0, outcome.ended == nil
    else { return nil }
    return SetupServer.takesRootKeys(String(decoding: outcome.output, as: UTF8.self))
  }

  /// sshd takes no keys from files that others may write (StrictModes).
  private func keysProblem() -> String? {
    for path in ["/root", "/root/.ssh", "/root/.ssh/authorized_keys"] {
      guard let status = try? KernelTree.live.status(root + path) else { continue }
      if status.kind != .link, status.permissions & 0o022 != 0 {
        return "others may write \(root)\(path), so sshd reads no keys there"
      }
    }
    return nil
  }
}

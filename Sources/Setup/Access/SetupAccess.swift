package import Base

/// Who can log in, as far as files and the SSH server say it. Nil is not known.
package struct SetupAccess: Hashable, Sendable {
  /// Accounts with a shell that have a password, or need none, on the console.
  package var passwordAccounts: [String]?
  /// Other accounts than root that have keys of SSH.
  package var keyAccounts: [String]
  /// Whether an SSH server is installed.
  package var hasServer: Bool?
  /// Whether it lets root in by key.
  package var takesRootKeys: Bool?
  /// Why it would not read root's keys (StrictModes of sshd_config(5)); nil for no reason.
  package var fileProblem: String?

  package init(
    passwordAccounts: [String]?, keyAccounts: [String] = [], hasServer: Bool? = nil,
    takesRootKeys: Bool? = nil, fileProblem: String? = nil
  ) {
    (self.passwordAccounts, self.keyAccounts) = (passwordAccounts, keyAccounts)
    (self.hasServer, self.takesRootKeys) = (hasServer, takesRootKeys)
    self.fileProblem = fileProblem
  }

  /// Whether keys of root are of use, as far as is known.
  private var takesKeys: Bool? {
    if fileProblem != nil || hasServer == false || takesRootKeys == false { return false }
    return hasServer == nil || takesRootKeys == nil ? nil : true
  }

  /// The ways to log in that are known.
  /// - Parameter rootKeys: how many keys root has.
  package func ways(rootKeys: Int) -> [String] {
    var ways: [String] = []
    if rootKeys > 0, takesKeys == true { ways.append("root by key") }
    if hasServer == true { ways += keyAccounts.map { "\($0) by key" } }
    return ways + (passwordAccounts ?? []).map { "\($0) by password" }
  }

  /// Whether it is known that nobody can log in.
  package func isLockedOut(rootKeys: Int) -> Bool {
    if !ways(rootKeys: rootKeys).isEmpty || passwordAccounts == nil { return false }
    let mayTakeKeys = rootKeys > 0 && takesKeys != false
    let mayTakeOthers = !keyAccounts.isEmpty && hasServer != false
    return !mayTakeKeys && !mayTakeOthers
  }

  /// What is to be said of it.
  /// - Parameters:
  ///   - rootKeys: how many keys root has.
  ///   - isAsked: whether the answers have keys.
  ///   - consoleOnly: whether it is right that nobody can log in.
  /// - Throws: `Failure` where nobody could log in, or keys that were asked for would not be read.
  package func notes(
    rootKeys: Int, isAsked: Bool, consoleOnly: Bool
  ) throws(Failure) -> [String] {
    if isAsked, let fileProblem {
      throw Failure(
        "let root log in by key", because: fileProblem,
        hint: "'chmod go-w' and 'chown root' mend it",
        code: .conflict)
    }
    var notes: [String] = []
    if isAsked, hasServer == false {
      notes.append(
        "no SSH server is installed: keys are of no use before 'apt install openssh-server'")
    } else if isAsked, takesRootKeys == false {
      notes.append(
        "the SSH server refuses root: PermitRootLogin and PubkeyAuthentication of sshd_config(5)")
    }
    let ways = ways(rootKeys: rootKeys)
    if !ways.isEmpty { return notes + ["who can log in: \(ways.joined(separator: ", "))"] }
    guard isLockedOut(rootKeys: rootKeys) else { return notes + ["who can log in: not known"] }
    if consoleOnly { return notes + ["who can log in: nobody, as console-only allows"] }
    throw Failure(
      "leave a way to log in",
      because: "no account has a password, and no key of SSH would be taken",
      hint: (notes
        + ["add keys in [ssh], set a password, or allow it with console-only = true in [ssh]"])
        .joined(separator: "\n"),
      code: .conflict)
  }
}

/// Accounts in the text of passwd(5) and shadow(5).
package enum SetupAccounts {
  /// Shells that end at once.
  private static let noLogin = ["nologin", "false", "true", "sync"]

  /// An account with a shell.
  package struct Account: Hashable, Sendable {
    package var name: String
    package var home: String
    /// Whether it has a password, or needs none.
    package var hasPassword: Bool
  }

  /// The accounts with a shell that somebody can log in with.
  package static func read(passwd: String, shadow: String) -> [Account] {
    var hashes: [Substring: Substring] = [:]
    for line in shadow.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count >= 2 { hashes[fields[0]] = fields[1] }
    }
    var accounts: [Account] = []
    for line in passwd.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      let shell = fields.last?.split(separator: "/").last.map(String.init) ?? ""
      guard fields.count == 7, !noLogin.contains(shell) else { continue }
      // 'x' is for shadow; without a line there the account is locked.
      let hash = fields[1] == "x" ? hashes[fields[0]] ?? "!" : fields[1]
      accounts.append(
        Account(
          name: String(fields[0]), home: String(fields[5]),
          hasPassword: !hash.hasPrefix("!") && !hash.hasPrefix("*")))
    }
    return accounts
  }
}

/// The configuration of the SSH server, as `sshd -T` prints it.
package enum SetupServer {
  /// Whether root may log in by key; nil where it does not say.
  package static func takesRootKeys(_ text: String) -> Bool? {
    var values: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2, values[words[0]] == nil { values[words[0]] = words[1] }
    }
    guard let login = values["permitrootlogin"], let byKey = values["pubkeyauthentication"] else {
      return nil
    }
    // 'forced-commands-only' gives no shell.
    if login == "no" || login == "forced-commands-only" || byKey != "yes" { return false }
    if let files = values["authorizedkeysfile"], !files.contains(".ssh/authorized_keys") {
      return false
    }
    // Patterns of users: only what is certain is said.
    return values["allowusers"] == nil && values["denyusers"] == nil
      && values["allowgroups"] == nil && values["denygroups"] == nil ? true : nil
  }
}

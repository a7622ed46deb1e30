internal import Base
internal import Configuration

/// Name of the host and keys of SSH; whether what is fetched can be reached. The network is not configured.
struct NetworkStage: SetupStageWork {
  let machine: any SetupMachine
  var stage: SetupStage { .network }

  /// hostname(5); systemd-hostnamed keeps the static name there too.
  private static let hostFile = "/etc/hostname"
  private static let keysFile = "/root/.ssh/authorized_keys"
  /// Before this no tinybox was there: 2025-01-01. A clock that says so was not set, and every certificate would be
  /// refused.
  private static let firstSecond = 1_735_689_600

  private enum Key {
    static let name = "host-name"
    static let before = "host-name-before"
    static let keys = "ssh-keys-added"
  }

  func plan(_ answers: SetupAnswers, again: Bool) throws(Failure) -> SetupPlan {
    var work = SetupPlan.Work()
    if let name = answers.hostName?.value {
      let before = try hostName()
      let kernel = try machine.kernelHostName()
      if before != name || (kernel != nil && kernel != name) {
        work.intent[Key.name] = name
        work.intent[Key.before] = before
        work.steps.append("name the host \(name)")
      }
    }
    let present = try lines(Self.keysFile)
    var added: [String] = []
    for key in answers.ssh.keys.map(\.value) where !present.contains(key) && !added.contains(key) {
      added.append(key)
    }
    if !added.isEmpty {
      work.intent[Key.keys] = added.joined(separator: "\n")
      work.steps.append(added.count == 1 ? "add a key of SSH" : "add \(added.count) keys of SSH")
    }
    if answers.needsNetwork { work.steps.append("look at the network") }
    return .work(work)
  }

  func apply(_ intent: [String: String], _ answers: SetupAnswers) throws(Failure) {
    if let name = intent[Key.name] { try setHostName(name) }
    if let added = intent[Key.keys] {
      let present = try lines(Self.keysFile)
      let missing = added.split(separator: "\n").map(String.init).filter { !present.contains($0) }
      if !missing.isEmpty { try writeKeys(present + missing) }
    }
  }

  func verify(
    _ intent: [String: String], _ answers: SetupAnswers
  ) throws(Failure) -> [String] {
    var notes: [String] = []
    if let name = answers.hostName?.value {
      guard try hostName() == name else {
        throw Failure("name the host", because: "\(Self.hostFile) has another name")
      }
      if let kernel = try machine.kernelHostName(), kernel != name {
        throw Failure("name the host", because: "the kernel has the name \(kernel)")
      }
      notes.append("host name: \(name)")
    }
    let present = try lines(Self.keysFile)
    guard answers.ssh.keys.allSatisfy({ present.contains($0.value) }) else {
      throw Failure("add the keys of SSH", because: "\(Self.keysFile) lacks one")
    }
    if !answers.ssh.keys.isEmpty { notes.append("keys of SSH: \(answers.ssh.keys.count)") }
    // Whoever cannot log in can put nothing else right either.
    notes += try machine.access().notes(
      rootKeys: Self.keys(present).count, isAsked: !answers.ssh.keys.isEmpty,
      consoleOnly: answers.ssh.consoleOnly?.value == true)
    return notes + (try network(answers))
  }

  /// Only what is still missing has to be reached.
  private func network(_ answers: SetupAnswers) throws(Failure) -> [String] {
    var hosts = answers.network.names.map(\.value)
    if answers.wantsRuntime, answers.runtime.wheels == nil,
      try machine.runtime() != machine.newestRuntime.key
    {
      hosts += ["pypi.org", "files.pythonhosted.org"]
    }
    if let host = answers.model.host, let name = answers.model.modelName,
      try machine.modelSource(name) == nil
    {
      hosts.append(host)
    }
    if hosts.isEmpty, answers.network.required?.value != true { return [] }
    let step = "use the network"
    let found = try machine.network(hosts)
    if found.hasDefaultRoute == false {
      throw Failure(
        step, because: "there is no default route",
        hint: "plug a cable in, and configure the network as Debian does (DHCP is enough)",
        code: .conflict)
    }
    if let (name, reason) = found.unresolved.min(by: { $0.key < $1.key }) {
      throw Failure(
        step, because: "\(name) has no address: \(reason)",
        hint: "/etc/resolv.conf names the name servers", code: .conflict)
    }
    if !hosts.isEmpty, machine.clockSeconds() < Self.firstSecond {
      throw Failure(
        step, because: "the clock is not set: it is before 2025, so certificates would be refused",
        hint: "'timedatectl set-ntp true', or 'date -s' and 'hwclock -w'", code: .conflict)
    }
    return [
      found.hasDefaultRoute == nil ? "default route: unknown" : "default route: there"
    ] + (hosts.isEmpty ? [] : ["names with an address: \(hosts.joined(separator: ", "))"])
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    if let name = intent[Key.name], let before = intent[Key.before], try hostName() == name {
      try setHostName(before)
    }
    if let added = intent[Key.keys] {
      let ours = added.split(separator: "\n").map(String.init)
      let present = try lines(Self.keysFile)
      let kept = present.filter { !ours.contains($0) }
      // Whoever corrects the answers may have logged in by this key, and has no other way.
      let isLast = try machine.access().isLockedOut(rootKeys: Self.keys(kept).count)
      if kept != present, !isLast { try writeKeys(kept) }
    }
  }

  /// The lines that are keys.
  private static func keys(_ lines: [String]) -> [String] {
    lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  private func hostName() throws(Failure) -> String {
    try lines(Self.hostFile).first { !$0.hasPrefix("#") && !$0.isEmpty } ?? ""
  }

  private func setHostName(_ name: String) throws(Failure) {
    try machine.write(name.isEmpty ? "" : name + "\n", to: Self.hostFile, mode: 0o644)
    if !name.isEmpty { try machine.applyHostName(name) }
  }

  private func writeKeys(_ lines: [String]) throws(Failure) {
    try machine.write(lines.map { $0 + "\n" }.joined(), to: Self.keysFile, mode: 0o600)
  }

  private func lines(_ path: String) throws(Failure) -> [String] {
    var lines = (try machine.text(path) ?? "").split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    // What stands behind the last line feed is no line.
    if lines.last == "" { lines.removeLast() }
    return lines
  }
}

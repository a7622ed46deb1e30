internal import Apply
package import Base
internal import Configuration
internal import Health
internal import Inventory
internal import KernelTree
internal import Linux
internal import RuntimeCatalog
internal import Runtimes
package import Setup

/// This machine, as set-up changes it: through what the other commands do too.
package struct LiveSetupMachine {
  /// Another root folder for the files that are written; the machine that is looked at stays this one.
  let root: String
  /// Reads the machine.
  let reader: MachineReader
  /// Called with what takes its time.
  let progress: @Sendable (String) -> Void
  /// Sets up drives; nil where this version does not.
  package var drives: (any SetupDrives)? { nil }

  /// This machine.
  /// - Parameter progress: called with what takes its time, for people.
  package init(
    root: String = "", reader: MachineReader = MachineReader(),
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.root = root
    var reader = reader
    // The answers are by serial number.
    reader.serials = true
    self.reader = reader
    self.progress = progress
  }

  /// What firmware writes where the maker set no serial number.
  private static let fillers: Set<String> = [
    "", "0", "none", "n/a", "not specified", "default string", "to be filled by o.e.m.",
    "system serial number", "base board serial number", "123456789", "0123456789",
  ]
}

extension LiveSetupMachine: SetupMachine {
  package func serials() throws(Failure) -> [String] {
    let tree = try reader.tree()
    var serials: [String] = []
    for name in ["product_serial", "board_serial"] {
      guard
        let text = tree.textIfPresent("/sys/class/dmi/id/\(name)", sensitivity: .serial),
        !Self.fillers.contains(text.lowercased()), !serials.contains(text)
      else { continue }
      serials.append(text)
    }
    return serials
  }

  /// Seconds that links and addresses have: at boot they come up while set-up runs. Autonegotiation takes seconds,
  /// DHCP up to a minute.
  private static let linkSeconds = 30.0
  private static let networkSeconds = 120.0

  package func hardware() throws(Failure) -> SetupHardware {
    let end = Clock.seconds() + Self.linkSeconds
    while true {
      let hardware = try hardwareNow()
      let isDown = hardware.links.values.allSatisfy { $0 == .some(false) }
      if hardware.links.isEmpty || !isDown || Clock.seconds() >= end { return hardware }
      progress("waiting for a link")
      Clock.sleep(seconds: 3)
    }
  }

  private func hardwareNow() throws(Failure) -> SetupHardware {
    progress("looking at the machine")
    let tree = try reader.tree()
    let inventory = try reader.inventory(.all, of: tree)
    // Without the profile: the one in force was learned from this box, or is compared by 'check'.
    let report = HealthReport(Box(inventory, profile: try? ProfileStore(tree).inForce()))
    return SetupHardware(inventory, report, tree)
  }

  package func clockSeconds() -> Int { Int(WallClock.milliseconds() / 1000) }

  // MARK: profile

  /// The profile below another root folder; the one of this machine otherwise.
  private var profileFile: String { root + ProfileStore.path }

  package func profile() throws(Failure) -> String? {
    guard let bytes = try bytes(ProfileStore.path) else { return nil }
    return try ProfileStore.decoded(bytes, profileFile).name
  }

  package func learnProfile(allowsNone: Bool, allowsFailures: Bool) throws(Failure) {
    progress("looking at the machine")
    let tree = try reader.tree()
    let learned = try ProfileStore(tree).learn(
      try reader.inventory(.all, of: tree), name: "this-box", ignoresBefore: true)
    var allowed: Set<LearningObjection.Kind> = []
    if allowsNone { allowed.insert(.none) }
    if allowsFailures { allowed.insert(.failures) }
    try learned.check(allowing: allowed)
    try write(try JSON.text(learned.profile), to: ProfileStore.path, mode: 0o644)
  }

  package func useProfile(_ name: String) throws(Failure) {
    guard let profile = Profile.shipped(named: name) else {
      throw Failure("use the profile '\(name)'", because: "no such profile comes with tinybox")
    }
    try write(try JSON.text(profile), to: ProfileStore.path, mode: 0o644)
  }

  package func forgetProfile() throws(Failure) { try DurableFile.remove(profileFile) }

  // MARK: files

  /// The longest file that is read, bytes.
  private static let longestFile = 1 << 20

  private func bytes(_ path: String) throws(Failure) -> [UInt8]? {
    do throws(Errno) {
      return try StampedFile.read(root + path, limit: Self.longestFile).bytes
    } catch {
      if error.isNotFound { return nil }
      throw Failure("read \(root + path)", error)
    }
  }

  package func text(_ path: String) throws(Failure) -> String? {
    try bytes(path).map { String(decoding: $0, as: UTF8.self) }
  }

  package func write(_ text: String, to path: String, mode: UInt32) throws(Failure) {
    var folder = root
    let parts = path.split(separator: "/").dropLast()
    for part in parts {
      folder += "/\(part)"
      let isNew = (try? FolderNames.list(folder)) == nil
      try DurableFile.makeFolder(folder)
      // sshd refuses keys in a folder that others may write, and nobody has to look into it.
      if isNew, part == ".ssh" {
        do throws(Errno) {
          try FileMode.set(0o700, of: folder)
        } catch {
          throw Failure("set the permissions of \(folder)", error)
        }
      }
    }
    try DurableFile.write(
      Array(text.utf8), to: root + path, access: DurableFile.Access(mode: mode))
  }

  // MARK: host name and network

  package func kernelHostName() throws(Failure) -> String? {
    // Another root folder is no running machine.
    guard root.isEmpty else { return nil }
    return KernelTree.live.textIfPresent("/proc/sys/kernel/hostname")
  }

  package func applyHostName(_ name: String) throws(Failure) {
    guard root.isEmpty else { return }
    try run("name the host", ["hostname", name], seconds: 10)
  }

  package func network(_ names: [String]) throws(Failure) -> SetupNetwork {
    let end = Clock.seconds() + Self.networkSeconds
    while true {
      let network = try networkNow(names)
      let isThere = network.hasDefaultRoute != false && network.unresolved.isEmpty
      if isThere || Clock.seconds() >= end { return network }
      progress("waiting for the network")
      Clock.sleep(seconds: 2)
    }
  }

  private func networkNow(_ names: [String]) throws(Failure) -> SetupNetwork {
    var network = SetupNetwork(hasDefaultRoute: SetupRoutes.hasDefault(try reader.tree()))
    for name in names {
      // Name services of nsswitch.conf, as pip and curl use them.
      let outcome = try ChildProcess(["getent", "ahosts", name], deadlineSeconds: 20).run()
      if outcome.ended != nil {
        network.unresolved[name] = "no answer within 20 s"
      } else if outcome.status != 0 {
        network.unresolved[name] = "no name server knows it, or none answers"
      }
    }
    return network
  }

  // MARK: runtime

  package var newestRuntime: (key: String, title: String) {
    (Backend.all[0].key, Backend.all[0].title)
  }

  package func runtime() throws(Failure) -> String? {
    RuntimeInstallation(root: root).state.current
  }

  package func installRuntime(wheels: String?) throws(Failure) {
    let title = newestRuntime.title
    _ = try RuntimeInstallation(root: root).install(Backend.all[0], wheels: wheels) {
      progress("\(title): \($0)")
    }
  }

  // MARK: baseline

  /// When the last baseline was measured, and with which command.
  private static let baselineFile = "/var/lib/tinybox/setup/baseline"
  /// Seconds that the quick suites have; they take minutes.
  private static let baselineSeconds = 3600.0

  package func baseline() throws(Failure) -> String? {
    try text(Self.baselineFile)?.split(separator: "\n").first.map(String.init)
  }

  package func measureBaseline() throws(Failure) {
    progress("measuring")
    let program = try ModelHeaderReader.ownProgram()
    var child = ChildProcess(
      [program, "benchmark", "run", "--quick", "--json"], deadlineSeconds: Self.baselineSeconds)
    child.graceSeconds = 10
    let outcome = try child.run()
    // 1: it measured, and a figure is not what it should be. That is a finding, and kept with the others.
    guard outcome.ended == nil, [0, 1].contains(outcome.status), !outcome.output.isEmpty else {
      throw Failure(
        "measure the baseline",
        because: outcome.ended == nil
          ? outcome.lastLine : "it took longer than \(Int(Self.baselineSeconds)) s",
        hint:
          "'tinyboxctl benchmark run --quick' shows why; [baseline] run = \"none\" goes on without"
      )
    }
    let verdict = outcome.status == 0 ? "" : ", some figures failed"
    try write("\(WallClock.now())\(verdict)\n", to: Self.baselineFile, mode: 0o644)
  }

  package func fullBaseline() throws(Failure) -> String? {
    try SetupOperations.fullBaseline(root: root)
  }

  package func measuresNightly() throws(Failure) -> Bool {
    // What 'systemctl enable' makes of WantedBy=.
    let link = "/etc/systemd/system/timers.target.wants/\(FullBaseline.timer)"
    return (try? LinkText.read(root + link)) != nil
  }

  package func measureNightly(_ isOn: Bool) throws(Failure) {
    // Another root folder is no running machine.
    guard root.isEmpty else { return }
    try run(
      "measure everything in idle nights",
      ["systemctl", isOn ? "enable" : "disable", "--now", FullBaseline.timer], seconds: 120)
  }

  @discardableResult
  func run(_ step: String, _ command: [String], seconds: Double) throws(Failure) -> [UInt8] {
    let outcome = try ChildProcess(command, deadlineSeconds: seconds).run()
    guard outcome.status == 0, outcome.ended == nil else {
      throw Failure(
        step,
        because: outcome.ended == nil
          ? outcome.lastLine : "\(command[0]) took longer than \(Int(seconds)) s")
    }
    return outcome.output
  }
}

import Base
import Configuration

@testable import Setup

/// A box on a simulated disk: each action makes its writes as the real one does, and is done again by finding what
/// is done.
final class SimulatedBox: SetupMachine {
  let disk: SimulatedDisk
  var serialNumbers = ["S1"]
  var found = SetupHardware()
  var now = 1_800_000_000
  var net = SetupNetwork(hasDefaultRoute: true)
  var whoCanLogIn = SetupAccess(passwordAccounts: ["owner"])
  var refusal: String?
  /// Bytes that a model may still take; nil without a limit.
  var room: Int?
  var hasDrives = true

  init(_ disk: SimulatedDisk = SimulatedDisk()) {
    self.disk = disk
    found.gpus = [
      .init(address: "0000:c1:00.0", name: "RX 7900", vendor: .amd, driver: "amdgpu", deviceID: 1)
    ]
    found.links = ["eth0": true]
    found.hasAMDFirmware = true
  }

  func serials() throws(Failure) -> [String] {
    try disk.check()
    return serialNumbers
  }
  func hardware() throws(Failure) -> SetupHardware {
    try disk.check()
    return found
  }
  func clockSeconds() -> Int { now }

  private static let profileFile = "/var/lib/tinybox/profile.json"
  func profile() throws(Failure) -> String? { try disk.get(Self.profileFile) }
  func learnProfile(allowsNone: Bool, allowsFailures: Bool) throws(Failure) {
    try disk.durable(Self.profileFile, "this-box")
  }
  func useProfile(_ name: String) throws(Failure) { try disk.durable(Self.profileFile, name) }
  func forgetProfile() throws(Failure) { try disk.put(Self.profileFile, nil) }

  func text(_ path: String) throws(Failure) -> String? { try disk.get(path) }
  func write(_ text: String, to path: String, mode: UInt32) throws(Failure) {
    try disk.durable(path, text)
  }
  func applyHostName(_ name: String) throws(Failure) { try disk.put("memory:host-name", name) }
  func kernelHostName() throws(Failure) -> String? { try disk.get("memory:host-name") }
  func access() throws(Failure) -> SetupAccess {
    try disk.check()
    return whoCanLogIn
  }
  func network(_ names: [String]) throws(Failure) -> SetupNetwork {
    try disk.check()
    return net
  }

  let newestRuntime = (key: "tinygrad-0.13.0", title: "tinygrad 0.13.0")
  func runtime() throws(Failure) -> String? { try disk.get("runtime/current") }
  func installRuntime(wheels: String?) throws(Failure) {
    try disk.change { files in files = files.filter { !$0.key.hasPrefix("runtime/.partial") } }
    for file in 1...12 { try disk.put("runtime/.partial/\(file)", "\(file)") }
    try disk.change { files in
      files = files.filter { !$0.key.hasPrefix("runtime/.partial") }
      files["runtime/tinygrad-0.13.0"] = "12 files"
    }
    try disk.put("runtime/current", "tinygrad-0.13.0")
  }

  func modelSource(_ name: String) throws(Failure) -> String? { try disk.get("models/\(name)") }
  func addModel(_ source: String, name: String, sha256: String?) throws(Failure) {
    let partial = "models/.\(name).partial"
    var fetched = try disk.get(partial) ?? ""
    while fetched.count < 16 {
      if let room, fetched.count >= room {
        throw Failure("write \(partial)", Errno.ENOSPC)
      }
      fetched += "m"
      try disk.put(partial, fetched)
    }
    try disk.change { files in
      files[partial] = nil
      files["models/\(name)"] = source
    }
  }
  func discardModel(_ name: String) throws(Failure) {
    try disk.put("models/.\(name).partial", nil)
  }
  func modelRefusal(_ name: String, context: Int?, gpus: Int) throws(Failure) -> String? {
    try disk.check()
    return refusal
  }

  private func file(_ name: String) -> String { "/etc/tinybox/runtimes/\(name).toml" }
  func runtimeFile(_ name: String) throws(Failure) -> String? { try disk.get(file(name)) }
  func addRuntime(_ name: String, _ text: String) throws(Failure) {
    try disk.durable(file(name), text)
  }
  func removeRuntime(_ name: String) throws(Failure) { try disk.put(file(name), nil) }
  func startRuntime(_ name: String) throws(Failure) {
    try disk.put("memory:running \(file(name))", "yes")
  }
  func runtimeAnswers(_ name: String) throws(Failure) -> Bool {
    try disk.get("memory:running \(file(name))") != nil
  }

  static let powerFile = "/etc/tinybox/tinybox.toml.d/50-setup-power.toml"
  /// What is changed of the power that is reported.
  var alterPower: (inout SetupPower) -> Void = { _ in }
  /// A card that takes every cap and keeps its own.
  var ignoresCaps = false
  func power(without file: String) throws(Failure) -> SetupPower {
    try disk.check()
    var power = SetupPower()
    power.gpus = found.gpus.map { gpu in
      var card = SetupPower.GPU(address: gpu.address, isNVIDIA: gpu.vendor == .nvidia)
      card.watts = disk.files["memory:power \(gpu.address)"] ?? "355"
      card.range = 200...402
      if card.isNVIDIA { card.isPersistent = disk.files["memory:mode \(gpu.address)"] == "on" }
      return card
    }
    alterPower(&power)
    return power
  }
  func setPower(_ settings: [SetupPower.Setting]) throws(Failure) {
    for setting in settings where !ignoresCaps {
      if let mode = setting.persistence {
        try disk.put("memory:mode \(setting.address)", mode ? "on" : nil)
      }
      if let watts = setting.watts {
        try disk.put("memory:power \(setting.address)", watts == "355" ? nil : watts)
      }
    }
  }
  func remove(_ path: String) throws(Failure) { try disk.put(path, nil) }
  var reloads = 0
  func reloadConfiguration() throws(Failure) {
    try disk.check()
    reloads += 1
  }

  private static let timer = "/etc/systemd/system/timers.target.wants/tinybox-benchmark.timer"
  func fullBaseline() throws(Failure) -> String? { try disk.get(FullBaseline.file) }
  func measuresNightly() throws(Failure) -> Bool { try disk.get(Self.timer) != nil }
  func measureNightly(_ isOn: Bool) throws(Failure) {
    try disk.put(Self.timer, isOn ? "link" : nil)
  }

  func baseline() throws(Failure) -> String? { try disk.get("baseline") }
  func measureBaseline() throws(Failure) {
    for suite in 1...6 { try disk.put("history/\(suite)", "measured") }
    try disk.durable("baseline", "run-1")
  }

  var drives: (any SetupDrives)? { hasDrives ? SimulatedDrives(disk: disk) : nil }
}

/// Two drives of the simulated disk, blank at first. It writes only where a drive is blank or has what the intent
/// says it wrote.
struct SimulatedDrives: SetupDrives {
  let disk: SimulatedDisk
  private static let known = ["A", "B"]

  func plan(_ answers: SetupAnswers.Storage) throws(Failure) -> SetupPlan.Work {
    for drive in answers.drives.map(\.value) where !Self.known.contains(drive) {
      throw Failure("use the drive \(drive)", because: "there is none of that serial number")
    }
    // Another one at every plan: only what was kept is known after a cut.
    let id = "uuid-\(disk.writes)"
    return .init(["make a mirror of A and B"], intent: ["uuid": id])
  }

  private func steps(_ id: String) -> [(path: String, text: String)] {
    Self.known.map { ("drive \($0) table", id) } + Self.known.map { ("drive \($0) array", id) }
      + [("file-system", id), ("/etc/systemd/system/data.mount", id)]
  }

  func apply(_ intent: [String: String]) throws(Failure) {
    let id = intent["uuid"] ?? ""
    for (path, text) in steps(id) {
      let present = try disk.get(path)
      if present == text { continue }
      if let present {
        throw Failure("write \(path)", because: "it has \(present), which nobody planned")
      }
      try disk.put(path, text)
    }
  }

  func verify(_ intent: [String: String]) throws(Failure) -> [String] {
    for (path, text) in steps(intent["uuid"] ?? "") where try disk.get(path) != text {
      throw Failure("find the file system", because: "\(path) is not there")
    }
    return ["mounted"]
  }

  func undo(_ intent: [String: String]) throws(Failure) {
    for (path, text) in steps(intent["uuid"] ?? "").reversed() where try disk.get(path) == text {
      try disk.put(path, nil)
    }
  }
}

/// The status on the simulated disk.
struct SimulatedStore: SetupStore {
  let disk: SimulatedDisk
  static let path = "state.json"

  func load() throws(Failure) -> SetupStatus? {
    guard let text = try disk.get(Self.path) else { return nil }
    return try SetupStatus.decode(Array(text.utf8), path: Self.path)
  }
  func store(_ status: SetupStatus) throws(Failure) {
    try disk.durable(Self.path, String(decoding: try status.encoded(), as: UTF8.self))
  }
}

extension SimulatedBox {
  /// Runs set-up with the answers of a text.
  func run(
    _ text: String, retrying stage: SetupStage? = nil,
    report: @escaping (SetupStatus) -> Void = { _ in }
  ) throws -> SetupStatus {
    try engine(text, report).run(retrying: stage)
  }

  func engine(_ text: String, _ report: @escaping (SetupStatus) -> Void = { _ in }) throws
    -> SetupEngine
  {
    let file = try SetupFile.parse(Array(text.utf8), path: "setup.toml")
    return SetupEngine(
      try file.answers(for: serialNumbers), origin: ("setup.toml", text), machine: self,
      store: SimulatedStore(disk: disk), now: { "2026-01-01T00:00:00Z" }, report: report)
  }
}

import Base
import Configuration
import Foundation
import Inventory
import KernelTree
import Linux
import TestMachines
import TestSupport
import Testing

@testable import Operations
@testable import Placement
@testable import Setup

/// What set-up reads of the power of GPUs and of the owner's configuration.
@Suite struct SetupPowerFactsTests {
  private let file = "/etc/tinybox/tinybox.toml.d/50-setup-power.toml"

  private func policy(_ files: [String: String], hiding path: String) throws -> Policy {
    let root = try TemporaryFolder()
    for folder in ["/etc", "/etc/tinybox", "/etc/tinybox/tinybox.toml.d"] {
      try DurableFile.makeFolder(root.path + folder)
    }
    for (path, text) in files { try DurableFile.write(Array(text.utf8), to: root.path + path) }
    return try PolicyFiles.read(ConfigurationSource.live.below(root.path).hiding(path))
  }

  @Test func `what set-up wrote itself is no contradiction, and what stands elsewhere is`() throws {
    var box = FullMachine.inventory
    box.gpus[0].powerCap = GPU.PowerCap(watts: 355, minimumWatts: 200, maximumWatts: 402)
    box.gpus[0].isBuiltIn = false
    let address = box.gpus[0].address
    let own = "[placement]\npower = \"observe\"\n[placement.gpu]\npower-cap = 250\n"
    let files = [
      file: "[placement]\npower = \"enforce\"\n[placement.gpu]\npower-cap = 300\n",
      "/etc/tinybox/tinybox.toml": own,
    ]
    let power = SetupPower(box, try policy(files, hiding: file), hasPersistenceDaemon: nil)
    let gpu = try #require(power.gpus.first { $0.address == "\(address)" })
    #expect(gpu.watts == "355" && gpu.range == 200...402)
    #expect(gpu.configuredWatts?.value == 250)
    #expect(gpu.configuredWatts?.place.hasSuffix("/etc/tinybox/tinybox.toml:4") == true)
    #expect(power.observedAt?.hasSuffix("/etc/tinybox/tinybox.toml:2") == true)
    #expect(power.hasPersistenceDaemon == nil)
    let alone = SetupPower(
      box, try policy([file: files[file] ?? ""], hiding: file), hasPersistenceDaemon: false)
    #expect(alone.observedAt == nil)
    #expect(alone.gpus.allSatisfy { $0.configuredWatts == nil })
    // All of it together is what tinyboxd plans with: the drop-in comes after the owner's file.
    let whole = try policy(files, hiding: "/none")
    #expect(whole.powerMode == .enforce && whole.mode == .observe)
    #expect(whole.rule(.gpu, address, names: []).powerCap?.value == 300)
  }

  @Test func `the drop-in that set-up writes is a policy`() throws {
    var power = SetupPower()
    var gpu = SetupPower.GPU(address: "0000:c1:00.0", isNVIDIA: true)
    gpu.watts = "355"
    gpu.range = 200...402
    gpu.isPersistent = false
    power.gpus = [gpu]
    power.hasPersistenceDaemon = false
    let answers = try SetupFile.parse(
      Array(
        "[power.all]\nwatts = 300\npersistence = true\n[power.\"c1:00.0\"]\nwatts = 250\n".utf8),
      path: "f"
    ).common.power
    let wishes = try PowerWishes(answers, power)
    let policy = try policy([PowerWishes.file: wishes.text], hiding: "/none")
    let address = try #require(PCIAddress("0000:c1:00.0"))
    let rule = policy.rule(.gpu, address, names: [])
    #expect(rule.powerCap?.value == 250 && rule.persistence?.value == true)
    #expect(policy.powerMode == .enforce)
    #expect(wishes.settings == [.init(address: "0000:c1:00.0", watts: "250", persistence: true)])
    #expect(wishes.before == [.init(address: "0000:c1:00.0", watts: "355", persistence: false)])
  }

  @Test func `whether everything was measured comes from what the timer's run left`() throws {
    let root = try TemporaryFolder()
    let setup = SetupOperations(root: root.path)
    for folder in ["/var", "/var/lib", "/var/lib/tinybox", "/var/lib/tinybox/setup"] {
      try DurableFile.makeFolder(root.path + folder)
    }
    var status = SetupStatus()
    status[.baseline].notes = [FullBaseline.note(nil)]
    try SetupStateFile(path: root.path + SetupOperations.folder + "/state.json").store(status)
    #expect(try setup.status() == status)
    try DurableFile.write(Array("2026-01-02T03:04:05Z\n".utf8), to: root.path + FullBaseline.file)
    #expect(
      try setup.status()[.baseline].notes == ["everything: measured at 2026-01-02T03:04:05Z"])
    let machine = LiveSetupMachine(root: root.path)
    #expect(try machine.fullBaseline() == "2026-01-02T03:04:05Z")
    #expect(try !machine.measuresNightly())
  }
}

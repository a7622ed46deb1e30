import Base
import Configuration
import Foundation
import KernelTree
import Operations
import Placement
import TestSupport
import Testing

/// The rows of keys: what they say holds by default does, and what they say can be set can.
@Suite struct ConfigurationTests {
  /// Runs a body with the path of a file of this text.
  private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result
  {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("t.toml")
    try Data(text.utf8).write(to: file)
    return try body(file.path)
  }

  /// The tables of some keys, each with the defaults that its rows name.
  private func defaults(_ keys: [KeyReference], _ table: String = "") -> String {
    var text = table.isEmpty ? "" : "[\(table)]\n"
    for key in keys {
      if case .value(_, let fallback?) = key.shape { text += "\(key.name) = \(fallback)\n" }
    }
    for key in keys {
      if case .table(let keys) = key.shape {
        text += defaults(keys, table.isEmpty ? key.name : "\(table).\(key.name)")
      }
    }
    return text
  }

  @Test func `a default that a row names is what holds without the key`() throws {
    let text = defaults(ConfigurationOperations.keys)
    #expect(text.contains("check-interval = \"30m\"") && text.contains("[placement.nic]"))
    try withFile(text) { file in
      var settings = try ServiceSettings.read(file: file, .live)
      #expect(settings.gateway.listen.map(\.value) == ServiceSettings().gateway.listen.map(\.value))
      settings.gateway = GatewaySettings()
      #expect(settings == ServiceSettings())
      let policy = try PolicyFiles.read(file: file, .live)
      let plain = Policy()
      #expect(policy.mode == plain.mode && policy.siblings == plain.siblings)
      #expect(policy.slices == plain.slices && policy.irqbalance == plain.irqbalance)
      #expect(policy.adoption == plain.adoption)
      #expect(policy.classes[.nic]?.interrupts?.value == .spread)
      #expect(policy.classes[.nic]?.queues?.value == .keep)
    }
  }

  @Test func `what holds is listed with file and line, or as the default`() throws {
    let text = """
      [daemon]
      events = 500
      [placement.device."0000:41:00.0"]
      node = 1
      [gateway]
      listen = ["127.0.0.1:1", "[::1]:2"]
      """
    try withFile(text) { file in
      let settings = try ConfigurationOperations.effective(MachineReader(), file: file)
      func setting(_ key: String) -> EffectiveSetting? { settings.first { $0.key == key } }
      #expect(setting("daemon.events")?.value == "500")
      #expect(setting("daemon.events")?.position == ConfigurationPosition(file: file, line: 2))
      #expect(setting("daemon.check-interval")?.value == "\"30m\"")
      #expect(setting("daemon.check-interval")?.position == nil)
      #expect(setting("gateway.tls-key")?.value == nil)
      #expect(setting("gateway.listen")?.value == #"["127.0.0.1:1", "[::1]:2"]"#)
      let device = "placement.device.\"0000:41:00.0\""
      #expect(setting(device + ".node")?.position?.line == 4)
      // Of a device only what is set: the rest is said by its class.
      #expect(settings.filter { $0.key.hasPrefix(device) }.count == 1)
    }
  }

  @Test func `a size is in bytes`() throws {
    for (text, bytes) in [
      ("0GiB", 0), ("300MiB", 300 << 20), ("1024TiB", 1 << 50), ("7K", 7 << 10),
      ("100G", 100 << 30),
      ("1024T", 1 << 50),
    ] {
      try withFile("[benchmark]\ndrive-writes = \"\(text)\"\n") { file in
        let settings = try ServiceSettings.read(file: file, .live)
        #expect(settings.benchmark.driveWriteBytes == bytes)
      }
    }
  }

  @Test func `settings of models, other names and limits are read, and listed where they are set`()
    throws
  {
    let text = """
      [gateway.models]
      queue = 3
      request-bytes = "512K"
      keepalive = "off"
      allow-origins = ["https://Chat.example"]
      [gateway.aliases]
      "gpt-4o-mini" = "llama"
      [gateway.limits.alice]
      at-once = 2
      models = ["llama"]
      """
    try withFile(text) { file in
      let gateway = try ServiceSettings.read(file: file, .live).gateway
      #expect(gateway.models.queue == 3 && gateway.models.requestBytes == 512 << 10)
      #expect(gateway.models.keepAlive == .off && gateway.models.local == nil)
      #expect(gateway.models.allowOrigins.map(\.value) == ["https://chat.example"])
      #expect(gateway.aliases.mapValues(\.value) == ["gpt-4o-mini": "llama"])
      #expect(gateway.limits.map(\.name) == ["alice"] && gateway.limits[0].atOnce?.value == 2)
      #expect(gateway.limits[0].models?.map(\.value) == ["llama"])
      #expect(gateway.limits[0].tokensPerMinute == nil)
      let settings = try ConfigurationOperations.effective(MachineReader(), file: file)
      func setting(_ key: String) -> EffectiveSetting? { settings.first { $0.key == key } }
      #expect(setting("gateway.models.queue")?.position?.line == 2)
      #expect(setting("gateway.models.first-token-timeout")?.value == "\"2m\"")
      #expect(setting("gateway.aliases.gpt-4o-mini")?.position?.line == 7)
      #expect(setting("gateway.limits.alice.at-once")?.value == "2")
    }
  }

  @Test func `later files win, and the place is theirs`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let etc = folder.appendingPathComponent("etc/tinybox/tinybox.toml.d")
    try FileManager.default.createDirectory(at: etc, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("proc"), withIntermediateDirectories: true)
    try Data("[daemon]\nevents = 500\ncheck-interval = \"1h\"\n".utf8)
      .write(to: folder.appendingPathComponent("etc/tinybox/tinybox.toml"))
    try Data("\n\n[daemon]\nevents = 600\n".utf8).write(to: etc.appendingPathComponent("50-a.toml"))
    let settings = try ConfigurationOperations.effective(MachineReader(sysroot: folder.path))
    let events = settings.first { $0.key == "daemon.events" }
    #expect(events?.value == "600")
    #expect(events?.position?.description == "/etc/tinybox/tinybox.toml.d/50-a.toml:4")
    #expect(settings.first { $0.key == "daemon.check-interval" }?.position?.line == 3)
  }

  @Test(arguments: [
    ("[daemon]\nevents = 1\n", ":2: daemon.events: expected a number from 100 to 1000000"),
    ("[daemon]\nevent = 1\n", "did you mean 'events'?"), ("nonsense", ":1: "),
    ("[benchmark]\ndrive-writes = \"100GB\"\n", "'100GB' is no size such as 64M"),
    ("[benchmark]\ndrive-writes = \"1025TiB\"\n", "from 0G to 1024T"),
    ("[benchmark]\ndrive-writes = \"4294967295TiB\"\n", "from 0G to 1024T"),
    ("[benchmark]\ndrive-writes = \"-1GiB\"\n", "from 0G to 1024T"),
    ("[benchmark]\ndrive-writes = \"1Gi\"\n", "from 0G to 1024T"),
    ("[benchmark]\ndrive-writes = \"iB\"\n", "from 0G to 1024T"),
    ("[placement]\nhousekeeping = \"0-4000\"\n", "there is no CPU"),
    ("[placement.device.eth7]\nnode = 1000\n", "there is no node 1000"),
    (
      "[gateway.models]\nqueue = -1\n",
      ":2: gateway.models.queue: expected a number from 0 to 10000"
    ),
    ("[gateway.models]\nqueue-timeout = \"0s\"\n", "is no time such as 15m, from 1s to 1d"),
    (
      "[gateway.models]\nrequest-bytes = \"8X\"\n",
      "is no size such as 64M, from 1K to 64M"
    ),
    ("[gateway.models]\nrequest-bytes = \"1G\"\n", "is no size such as 64M"),
    ("[gateway.models]\nkeepalive = \"comments\"\n", "did you mean 'comment'?"),
    ("[gateway.models]\nlocal = true\n", "expected a string"),
    ("[gateway.models]\nallow-origins = [\"chat.example\"]\n", "is no origin such as"),
    ("[gateway.models]\nallow-origins = [\"https://a/b\"]\n", "is no origin such as"),
    ("[gateway.aliases]\nx = 5\n", ":2: gateway.aliases.x: expected a string"),
    ("[gateway]\naliases = 5\n", "gateway.aliases: expected a table"),
    ("[gateway.limits.alice]\nat-once = 0\n", "gateway.limits.alice.at-once: expected a number"),
    ("[gateway.limits.\"a b\"]\nmodles = []\n", "did you mean 'models'?"),
    ("[gateway.limits.alice]\nmodels = [1]\n", "expected a string"),
  ])
  func `everything that is wrong is found, in the files and against the machine`(
    text: String, message: String
  ) throws {
    try withFile(text) { file in
      let problems = try ConfigurationOperations.problems(MachineReader(), file: file)
      #expect(problems.count == 1 || message.contains("CPU"), "\(problems)")
      #expect(problems.contains { $0.description.contains(message) }, "\(problems)")
      #expect(problems.allSatisfy { $0.file == file && $0.line != nil })
    }
  }

  @Test func `a file that is not there is a problem, and no file at all is none`() throws {
    #expect(try ConfigurationOperations.problems(MachineReader(), file: "/nonexistent").count == 1)
    #expect(throws: Failure.self) {
      try ConfigurationOperations.effective(MachineReader(), file: "/nonexistent")
    }
  }

  @Test func `what leads nowhere or is a directory is a problem on this machine too`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let link = folder.appendingPathComponent("a.toml").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "gone")
    for (path, reason) in [
      (link, "the link leads nowhere: gone"), (folder.path, "is a directory"),
      (folder.path + "/b", "no such file"),
    ] {
      let expected = ["\(path): \(reason)"]
      let problems = try ConfigurationOperations.problems(MachineReader(), file: path)
      #expect(problems.map(\.description) == expected)
      let failure = #expect(throws: ConfigurationFailure.self) {
        try ServiceSettings.read(file: path, .live)
      }
      #expect(failure?.problems.map(\.description) == expected)
    }
  }
}

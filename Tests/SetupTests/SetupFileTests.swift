import Base
import Configuration
import Testing

@testable import Setup

@Suite struct SetupFileTests {
  private func parse(_ text: String) throws(ConfigurationFailure) -> SetupFile {
    try SetupFile.parse(Array(text.utf8), path: "f")
  }

  /// What is wrong in a text.
  private func problems(_ text: String) -> [String] {
    do {
      _ = try parse(text)
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv0mkVq0nFqS2m4J4bQ0kXl8nV3cF1 you@laptop"

  @Test func `every key of a whole file`() throws {
    let file = try parse(
      """
      host-name = "box-1.lab"
      profile = "none"
      [check]
      gpus = 6
      accept = ["nvme-wear"]
      [network]
      required = true
      names = ["pypi.org"]
      [ssh]
      keys = ["\(key)"]
      [storage]
      drives = ["A1", "B2"]
      layout = "mirror"
      file-system = "xfs"
      mount = "/data"
      erase = ["B2"]
      [driver]
      missing = "report"
      [runtime]
      install = true
      wheels = "/media/wheels"
      [model]
      source = "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf"
      runtime = "llama"
      gpus = 1
      context = 4096
      on-demand = true
      [baseline]
      run = "none"
      [power."0000:c1:00.0"]
      watts = 250
      """)
    let answers = file.common
    #expect(answers.hostName?.value == "box-1.lab")
    #expect(answers.check.gpus?.value == 6)
    #expect(answers.ssh.keys.map(\.value) == [key])
    #expect(answers.storage.layout?.value == .mirror)
    #expect(answers.storage.erase.map(\.value) == ["B2"])
    #expect(answers.model.modelName == "qwen3-0.6b-q8_0")
    #expect(answers.model.runtimeName == "llama")
    #expect(answers.model.host == "huggingface.co")
    #expect(answers.baseline.run?.value == SetupAnswers.Baseline.Run.none)
    #expect(answers.power.map(\.watts?.value) == [250])
    #expect(try file.answers(for: []) == answers)
    #expect(try parse("").common == SetupAnswers())
  }

  @Test func `an unknown key has its line and the one that may have been meant`() {
    #expect(
      problems("hostname = \"a\"\n[storage]\ndrive = []\n")
        == [
          "f:1: hostname: no such key; did you mean 'host-name'?",
          "f:3: storage.drive: no such key; did you mean 'drives'?",
        ])
    #expect(
      problems("[box.\"A\".model]\n\nsorce = \"/m.gguf\"\n")
        == ["f:3: model.sorce: no such key; did you mean 'source'?"])
  }

  @Test(arguments: [
    ("host-name = \"Box 1\"", "f:1: host-name: 'Box 1' is no name of a host"),
    ("host-name = \"-a\"", "f:1: host-name"),
    ("host-name = \"a..b\"", "f:1: host-name"),
    ("[ssh]\nkeys = [\"-----BEGIN OPENSSH PRIVATE KEY-----\"]", "f:2: ssh.keys: is a private key"),
    ("[ssh]\nkeys = [\"ssh-dss AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"]", "f:2: ssh.keys: is no public"),
    ("[storage]\ndrives = [\"/dev/nvme0n1\"]", "f:2: storage.drives: '/dev/nvme0n1' is a name of"),
    ("[storage]\ndrives = [\"A\", \"A\"]", "f:2: storage.drives: 'A' is there twice"),
    ("[storage]\ndrives = [\"A\", \"B\"]", "f:2: storage.drives: 2 drives need layout"),
    ("[storage]\ndrives = [\"A\"]\nlayout = \"mirror\"", "f:3: storage.layout: needs at least two"),
    ("[storage]\ndrives = [\"A1\"]\nerase = [\"A2\"]", "f:3: storage.erase: 'A2' is not one of"),
    ("[storage]\nmount = \"/data\"", "f:2: storage: has no effect without 'drives'"),
    ("[storage]\nlayout = \"raid5\"", "f:2: storage.layout: 'raid5' is not one of"),
    ("[model]\ngpus = 1", "f:2: model: needs 'source'"),
    ("[model]\nsource = \"m.gguf\"", "f:2: model.source: 'm.gguf' is no absolute path"),
    ("[model]\nsource = \"http://example.org/m.gguf\"", "f:2: model.source: only https"),
    ("[model]\nsource = \"/m.gguf\"\nruntime = \"A b\"", "f:3: model.runtime: a name has only"),
    ("[model]\nsource = \"/m.gguf\"\nsha256 = \"12\"", "f:3: model.sha256: takes 64"),
    (
      "[power.gpu0]\nwatts = 200",
      "f:1: power.gpu0: 'gpu0' is no PCI address such as 0000:c1:00.0, and not 'all'"
    ),
    ("[power.\"0000:c1:00.0\"]", "f:1: power.\"0000:c1:00.0\": needs 'watts' or 'persistence'"),
    ("[power.\"0000:c1:00.0\"]\nwatts = 0", "f:2: power.\"0000:c1:00.0\".watts: expected"),
    ("box = 1", "f:1: box: expected a table for each serial"),
    ("[box]\nA = 1", "f:2: box.A: expected a table"),
    ("[check", "f:1: "),
  ])
  func `what is wrong is named with its line`(text: String, expected: String) {
    let found = problems(text)
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.hasPrefix(expected) == true, "\(found)")
  }

  @Test func `more than sixteen drives are refused`() {
    let drives = (1...17).map { "\"S\($0)\"" }.joined(separator: ", ")
    let text = "[storage]\nlayout = \"raid0\"\ndrives = [\(drives)]"
    #expect(problems(text) == ["f:3: storage.drives: more than 16 drives"])
  }

  private let fleet = """
    host-name = "box"
    [storage]
    layout = "mirror"
    [box."S1"]
    host-name = "box-1"
    [box."S1".storage]
    drives = ["A", "B"]
    [box."S2".storage]
    drives = ["C", "D"]
    """

  @Test func `one file serves many boxes by serial number`() throws {
    // 'layout' alone would be wrong in a file for one box.
    let file = try parse(fleet)
    #expect(file.boxes.map(\.serial) == ["S1", "S2"])
    let first = try file.answers(for: ["M9", "S1"])
    #expect(first.hostName?.value == "box-1")
    #expect(first.storage.drives.map(\.value) == ["A", "B"])
    #expect(first.storage.layout?.value == .mirror)
    let second = try file.answers(for: ["S2"])
    #expect(second.hostName?.value == "box")
    #expect(second.storage.drives.map(\.value) == ["C", "D"])
  }

  @Test func `a box that the file does not name is refused`() throws {
    let file = try parse(fleet)
    #expect {
      _ = try file.answers(for: ["S3"])
    } throws: { error in
      (error as? Failure)?.reason == "no [box] section is for this box: this box is S3"
    }
    #expect {
      _ = try file.answers(for: [])
    } throws: { error in
      (error as? Failure)?.reason.hasSuffix("no serial number can be read here") == true
    }
    #expect {
      _ = try file.answers(for: ["S1", "S2"])
    } throws: { error in
      (error as? Failure)?.reason == "[box.\"S1\"] and [box.\"S2\"] are both this box"
    }
  }

  @Test func `what is wrong in a common answer is reported once, of a box in its own`() {
    #expect(
      problems(fleet.replacingLayout("raid9") + "\n[box.\"S3\".model]\ngpus = 1").map {
        String($0.prefix(22))
      } == ["f:3: storage.layout: '", "f:11: model: needs 'so"])
  }
}

extension String {
  fileprivate func replacingLayout(_ layout: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0 == "layout = \"mirror\"" ? "layout = \"\(layout)\"" : String($0) }
      .joined(separator: "\n")
  }
}

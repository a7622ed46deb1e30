import Base
import Configuration
import Testing

@testable import Setup

@Suite struct SetupInterviewTests {
  private let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv0mkVq0nFqS2m4J4bQ0kXl8nV3cF1 you@laptop"

  private static func problems(_ text: String) -> [String] {
    do {
      _ = try SetupFile.parse(Array(text.utf8), path: "f")
      return []
    } catch {
      return error.problems.map(\.message)
    }
  }

  private func interview(_ facts: SetupInterview.Facts? = nil) -> SetupInterview {
    SetupInterview(
      facts ?? .init(hostName: "debian", gpus: 6, hasWayIn: true), problems: Self.problems,
      file: { $0 == "/k.pub" ? "# mine\n\(key)\n" : nil })
  }

  /// Gives lines to an interview.
  /// - Returns: what was wrong, and the questions in their order.
  private func give(
    _ lines: [String], to interview: inout SetupInterview
  ) -> (wrong: [String], asked: [SetupInterview.Question]) {
    var wrong: [String] = []
    var asked: [SetupInterview.Question] = []
    for line in lines {
      if let question = interview.question { asked.append(question) }
      wrong += interview.answer(line)
    }
    return (wrong, asked)
  }

  @Test func `a whole file, that is read as it was meant`() throws {
    var talk = interview()
    let (wrong, asked) = give(
      ["box-1", key, "", "", "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", "llama", "2"],
      to: &talk)
    #expect(wrong == [])
    #expect(asked == [.hostName, .key, .key, .gpus, .model, .runtime, .modelGPUs])
    #expect(talk.question == nil)
    #expect(
      talk.text == """
        host-name = "box-1"

        [check]
        gpus = 6

        [ssh]
        keys = [
          "\(key)",
        ]

        [model]
        source = "hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf"
        runtime = "llama"
        gpus = 2

        """)
    let answers = try SetupFile.parse(Array(talk.text.utf8), path: "f").common
    #expect(answers.ssh.keys.map(\.value) == [key])
    #expect(answers.check.gpus?.value == 6 && answers.model.gpus?.value == 2)
  }

  @Test func `empty lines take what is proposed`() {
    var talk = interview()
    let (wrong, _) = give(["", "", "", ""], to: &talk)
    #expect(wrong == [] && talk.question == nil)
    #expect(talk.text == "host-name = \"debian\"\n\n[check]\ngpus = 6\n")
    // What is not known is not proposed, and not written.
    talk = interview(.init(hostName: nil, gpus: nil, hasWayIn: true))
    _ = give(["", "", "", ""], to: &talk)
    #expect(talk.question == nil && talk.text == "")
  }

  @Test func `what is wrong is said at once, and asked again`() {
    var talk = interview()
    #expect(talk.answer("Box_1").first?.contains("is no name of a host") == true)
    #expect(talk.question == .hostName && talk.text == "")
    _ = talk.answer("box-1")
    #expect(talk.answer("ssh-ed25519 short").first?.contains("is no public key") == true)
    #expect(
      talk.answer("-----BEGIN OPENSSH PRIVATE KEY-----").first?.contains("private key") == true)
    #expect(talk.answer("/none") == ["/none cannot be read"])
    #expect(talk.answer("/k.pub") == [])
    _ = talk.answer("")
    #expect(talk.question == .gpus)
    #expect(talk.answer("six") == ["'six' is no number"])
    #expect(talk.answer("65").isEmpty == false)
    _ = talk.answer("4")
    #expect(talk.answer("models/small.gguf").isEmpty == false)
    #expect(talk.question == .model)
    _ = talk.answer("/models/small.gguf")
    #expect(talk.answer("A runtime").isEmpty == false)
    _ = talk.answer("llama")
    #expect(talk.answer("5") == ["the box has 4 GPUs"])
    #expect(talk.answer("4") == [])
    #expect(talk.question == nil)
    #expect(Self.problems(talk.text) == [])
  }

  @Test func `a name is asked for where the address of the model gives none`() {
    var talk = interview()
    _ = give(["", "", ""], to: &talk)
    #expect(talk.answer("/models/---.gguf") == [])
    #expect(talk.question == .modelName)
    #expect(talk.answer("not a name").isEmpty == false)
    #expect(talk.answer("small") == [])
    #expect(talk.question == .runtime)
  }

  @Test func `without a key it is asked whether that is right`() {
    for (hasWayIn, text) in [(false, "nobody could log in"), (nil as Bool?, "not known")] {
      var talk = interview(.init(hostName: "a", gpus: 0, hasWayIn: hasWayIn))
      _ = give(["", ""], to: &talk)
      #expect(talk.question == .consoleOnly)
      #expect(talk.lines[0].contains(text))
      #expect(talk.answer("perhaps") == ["takes yes or no"])
      // 'no' is what an empty line stands for, and asks again.
      _ = talk.answer("")
      #expect(talk.question == .key)
      _ = give(["", "yes"], to: &talk)
      #expect(talk.question == .gpus)
      #expect(talk.text.contains("console-only = true"))
    }
  }

  @Test func `drives are named by serial number, and only those that are there`() {
    let facts = SetupInterview.Facts(
      hostName: "a", gpus: 0,
      drives: [.init(serial: "S1", text: "1 TB"), .init(serial: "S2", text: "")],
      hasWayIn: true)
    var talk = interview(facts)
    _ = give(["", "", ""], to: &talk)
    #expect(talk.question == .drives)
    #expect(talk.lines.contains("  S1  1 TB"))
    #expect(talk.answer("S3").first?.hasPrefix("there is no drive 'S3'") == true)
    #expect(talk.answer("S1, S1").isEmpty == false)
    _ = talk.answer("S1, S2")
    #expect(talk.question == .layout)
    #expect(talk.answer("raid5").isEmpty == false)
    _ = talk.answer("raid0")
    #expect(talk.text.contains("drives = [\"S1\", \"S2\"]\nlayout = \"raid0\""))
    #expect(talk.question == .model)
  }

  @Test func `every question fits on a terminal of 80 columns`() {
    let facts = SetupInterview.Facts(
      hostName: "a", gpus: 0,
      drives: [.init(serial: "S1", text: ""), .init(serial: "S2", text: "")],
      hasWayIn: false)
    var talk = interview(facts)
    var asked: Set<SetupInterview.Question> = []
    for line in ["", "", "yes", "", "S1,S2", "", "/a/x.gguf", "", ""] {
      if let question = talk.question { asked.insert(question) }
      #expect(talk.lines.allSatisfy { $0.count <= 79 && !$0.isEmpty }, "\(talk.lines)")
      #expect(talk.answer(line) == [])
    }
    #expect(talk.question == nil)
    #expect(asked.count == 9)
  }

  @Test func `texts are quoted as TOML wants it`() throws {
    let odd = "a\"b\\c\u{1}é"
    let table = try TOMLParser.parse(
      Array("x = \(SetupAnswerText.quoted(odd))".utf8), file: "f")
    #expect(table.entries["x"]?.value == .string(odd))
  }
}

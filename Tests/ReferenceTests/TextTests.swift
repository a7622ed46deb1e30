import Base
import Testing

@testable import Reference

/// JSON and manual pages as texts.
@Suite struct TextTests {
  @Test func `JSON keeps the order of keys and escapes what it must`() {
    let node: JSONNode = [
      "b": [1, true, "a \"quote\", a \\, a \n, a \u{1}, an ä / <"], "a": [:], "c": [],
    ]
    #expect(
      node.rendered == #"""
        {
          "b": [
            1,
            true,
            "a \"quote\", a \\, a \n, a \u0001, an ä / <"
          ],
          "a": {},
          "c": []
        }
        """#)
  }

  @Test func `a key that is set again keeps its place`() {
    var node: JSONNode = ["a": 1, "b": 2]
    node["a"] = 3
    node["c"] = 4
    #expect(node == ["a": 3, "b": 2, "c": 4])
    #expect(node["d"] == nil)
  }

  @Test func `manual pages escape what roff would take for its own`() {
    #expect(CommandReference.roff("a-b 'c' \\d") == #"a\-b \(aqc\(aq \ed"#)
    #expect(CommandReference.roff(".a\n.b.c") == ".a\n\\&.b.c")
  }

  @Test func `a command is written as it is called, without what is for tests`() throws {
    let text = """
      {"commandName": "a", "abstract": "A.", "subcommands": [{"commandName": "help"},
        {"commandName": "b", "arguments": [
          {"kind": "positional", "valueName": "file", "isOptional": false, "shouldDisplay": true},
          {"kind": "option", "valueName": "count", "isOptional": true, "shouldDisplay": true,
           "names": [{"kind": "short", "name": "n"}, {"kind": "long", "name": "number"}],
           "abstract": "How many", "discussion": "At most.", "defaultValue": "5"},
          {"kind": "flag", "valueName": "help", "isOptional": true, "shouldDisplay": true,
           "names": [{"kind": "long", "name": "help"}]},
          {"kind": "option", "valueName": "x", "isOptional": true, "shouldDisplay": false,
           "names": [{"kind": "long", "name": "x"}]}]}]}
      """
    let all = try JSON.decode(CommandDescription.self, from: text.utf8).all()
    #expect(all.map(\.path) == ["a", "a b"])
    #expect(all[0].command.synopsis == "<subcommand>")
    #expect(all[1].command.synopsis == "<file> [-n, --number <count>]")
    #expect(
      all[1].command.shown.map(\.description) == ["", "How many. At most. Default: 5.", ""])
  }
}

import Testing

@testable import Render

@Suite struct DisplayTextTests {
  @Test(arguments: [
    ("plain", "plain"),
    ("\u{1b}[31mred", "?[31mred"),
    ("a\u{9b}31mb", "a?31mb"),
    ("bell\u{7}", "bell?"),
    ("tab\tline\nend", "tab line end"),
    ("\u{202e}abc", "?abc"),
    ("\u{2028}", "?"),
    ("\u{0}\u{7f}", "??"),
    ("Größe 日本", "Größe 日本"),
    ("\u{e000}", "?"),
  ])
  func cleans(_ text: String, _ clean: String) {
    #expect(DisplayText.clean(text) == clean)
  }

  @Test(arguments: [
    ("abc", 3), ("Größe", 5), ("日本語", 6), ("e\u{301}", 1), ("👍", 2), ("│└─…·°", 6), ("한글", 4),
    ("ｆｕｌｌ", 8),
  ])
  func measures(_ text: String, _ width: Int) {
    #expect(DisplayText.width(text) == width)
  }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("abcdef", 1, "…"), ("abcdef", 0, ""),
    ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("日本語", 6, "日本語"),
  ])
  func cuts(_ text: String, _ width: Int, _ cut: String) {
    #expect(DisplayText.cut(text, to: width) == cut)
    #expect(DisplayText.width(DisplayText.cut(text, to: width)) <= width)
  }

  @Test func asciiKeepsTheWidth() {
    let text = "├─ 日本 54 °C … ü"
    let ascii = DisplayText.ascii(text)
    #expect(ascii == "|- ???? 54  C ~ ?")
    #expect(DisplayText.width(text) == ascii.utf8.count)
  }
}

@Suite struct LineTests {
  @Test func coloursOnlyWhenAsked() {
    var line = Line("a", .bad)
    line.add(" b")
    #expect(line.text(Style()) == "a b")
    #expect(line.text(Style(color: true)) == "\u{1b}[1;31ma\u{1b}[0m b")
  }

  @Test func cutsWithinAColouredPart() {
    var line = Line("abc", .plain)
    line.add(String(repeating: "x", count: 40), .warning)
    let text = line.text(Style(color: true, width: 20))
    #expect(text == "abc\u{1b}[33m" + String(repeating: "x", count: 16) + "…\u{1b}[0m")
  }

  @Test func wrapsAtBlanks() {
    let lines = Line("one two three four").wrapped(to: 10, indent: 2).map(\.plain)
    #expect(lines == ["one two", "  three", "  four"])
  }

  @Test func breaksLongWords() {
    let lines = Line("a " + String(repeating: "x", count: 40)).wrapped(to: 20, indent: 4)
    #expect(
      lines.map(\.plain) == [
        "a " + String(repeating: "x", count: 18), "    " + String(repeating: "x", count: 16),
        "    xxxxxx",
      ])
  }

  @Test func hasNoBlanksAtItsEnd() {
    var line = Line("a")
    line.pad(to: 10)
    #expect(line.text(Style()) == "a")
    line.add("   ", .warning)
    #expect(line.text(Style()) == "a")
  }
}

import Testing

@testable import Render

@Suite struct TableTests {
  private func sample() -> Table {
    var table = Table([
      .init("id"), .init("name", minimum: 6), .init("size", .right), .init("extra", drop: 1),
    ])
    table.add(["a", "a rather long name", "1", "something"])
    table.add(["bcd", "x", "1000", "y"])
    table.add(note: "+2 more")
    return table
  }

  @Test func aligns() {
    #expect(
      sample().render(Style(width: 60)) == [
        "id   name                size  extra",
        "a    a rather long name     1  something",
        "bcd  x                   1000  y",
        "+2 more",
      ])
  }

  @Test func narrowsFlexibleColumnsFirst() {
    #expect(
      sample().render(Style(width: 36)) == [
        "id   name            size  extra",
        "a    a rather long…     1  something",
        "bcd  x               1000  y",
        "+2 more",
      ])
  }

  @Test func thenLeavesOutColumns() {
    #expect(
      sample().render(Style(width: 26)) == [
        "id   name             size",
        "a    a rather long …     1",
        "bcd  x                1000",
        "+2 more",
      ])
  }

  @Test func measuresWideCharacters() {
    var table = Table([.init("a"), .init("b")])
    table.add(["日本", "x"])
    table.add(["abcd", "y"])
    #expect(table.render(Style()) == ["a     b", "日本  x", "abcd  y"])
  }

  @Test func survivesRowsOfTheWrongLength() {
    var table = Table([.init("a"), .init("b")])
    table.add(["1"])
    table.add(["1", "2", "3"])
    #expect(table.render(Style()) == ["a  b", "1", "1  2"])
  }

  @Test func cellsCannotCarryEscapes() {
    var table = Table([.init("a")])
    table.add([Line("\u{1b}[2J", .bad)])
    #expect(table.render(Style(color: true))[1] == "\u{1b}[1;31m?[2J\u{1b}[0m")
  }
}

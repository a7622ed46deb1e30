import HTTPService
import Testing

@Suite struct TargetTests {
  @Test(
    arguments: [
      ("/", []), ("/a", ["a"]), ("/a/", ["a"]), ("/a/b%20c", ["a", "b c"]), ("/%41", ["A"]),
      ("/v1/devices/0000:21:00.0", ["v1", "devices", "0000:21:00.0"]), ("/a+b", ["a+b"]),
      ("/...", ["..."]),
    ] as [(String, [String])])
  func `a path is taken apart`(text: String, segments: [String]) {
    #expect(RequestTarget(text)?.segments == segments)
  }

  @Test func `a query keeps order, doubles and empty values`() {
    let query = RequestTarget("/a?x=1&y=a%26b+c&x=2&z&=w")?.query
    #expect(query?.parameters.map(\.name) == ["x", "y", "x", "z", ""])
    #expect(query?.first("x") == "1")
    #expect(query?.first("y") == "a&b c")
    #expect(query?.first("z") == "")
    #expect(query?.first("none") == nil)
  }

  @Test(arguments: [
    "", "a", "*", "//", "/a//b", "/.", "/..", "/a/../b", "/%2e", "/%2E%2e/a", "/a%2fb", "/a%2Fb",
    "/%00", "/%", "/%1", "/%g0", "/%ff", "/%c0%af", "/a b", "/a\u{7f}", "/ä", "/a?x=%zz",
    "/a?%00=1", "/a#b", "/a\\b", "http://a/b",
  ])
  func `what could mean another place is refused`(text: String) {
    #expect(RequestTarget(text) == nil)
  }
}

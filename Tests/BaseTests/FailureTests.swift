import Base
import Testing

@Suite struct FailureTests {
  @Test func `a value with a line break is no line of its own`() {
    let failure = Failure(
      "find the model 'a\ntinyboxctl: all is well'", because: "there is none\nof this name",
      hint: "add it")
    #expect(
      failure.lines(of: "tinyboxctl") == [
        "tinyboxctl: cannot find the model 'a tinyboxctl: all is well': there is none\nof this name",
        "  add it",
      ])
    #expect("a\r\nb\u{2028}c".inOneLine == "a b c")
    #expect("nothing".inOneLine == "nothing")
  }

  @Test func `a hint is added to the one there is`() {
    let failure = Failure("read it", because: "no")
    #expect(failure.with(hint: "one").hint == "one")
    #expect(failure.with(hint: "one").with(hint: "two").hint == "one; two")
  }
}

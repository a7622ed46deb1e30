import OpenAI
import TestSupport
import Testing

@Suite(.seeded) struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

  @Test(arguments: [
    "null", "true", "-0.5e+3", "[]", "{}", "[1,[2,{}]]", #"{"a":{"b":"c"},"d":[null,false]}"#,
    #""\"\\\n\r\tx""#, #""日本 😀""#,
  ]) func `what is written is what was read`(_ text: String) throws {
    #expect(String(decoding: JSONWriter.bytes(try parse(text)), as: UTF8.self) == text)
  }

  @Test func `escapes are read, pairs of surrogates too`() throws {
    #expect(try parse(#""\u0041\u00e9\ud83d\ude00\/\b\f""#) == .string("Aé😀/\u{8}\u{c}"))
    #expect(try parse("\u{feff} [1]") == .array([.integer(1)]))
    #expect(JSONWriter.bytes(.string("\u{1}\u{7f}")) == Array("\"\\u0001\u{7f}\"".utf8))
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}",
    "tru", "nul", "01", "-", "-01", "1.", ".5", "1e", "+1", "0x1", "NaN", "Infinity", "'a'",
    "\"", #""\"#, #""\x""#, #""\u12""#, #""\ud800""#, #""\ude00""#, #""\ud800\u0041""#,
    #""\ud800\ud800""#, "\"a\nb\"", "1 2", "[1] x", #"{"a":1,"a":2}"#, #""\u００４１""#,
  ]) func `what is no JSON is refused`(_ text: String) {
    #expect(throws: JSONParser.Problem.self) { try parse(text) }
  }

  @Test func `bytes that are no UTF-8 are refused, and depth and number are bounded`() {
    #expect(throws: JSONParser.Problem.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
    #expect(throws: JSONParser.Problem.self) {
      try JSONParser.parse([0x22, 0x5c, 0x6e, 0xc3, 0x22])
    }
    let deep = [UInt8](repeating: 0x5b, count: 1_000_000)
    #expect(throws: JSONParser.Problem.self) { try JSONParser.parse(deep) }
    let many = "[" + String(repeating: "0,", count: JSONParser.mostValues) + "0]"
    #expect(throws: JSONParser.Problem.self) { try parse(many) }
    let ranges = try? JSONParser.members(Array("{\"data\":\(many),\"model\":\"m\"}".utf8))
    #expect(ranges?.map(\.name) == ["data", "model"])
  }

  @Test func `no bytes stop the parser, and what it takes it writes again`() throws {
    var random = SeededGenerator()
    let sound = Array(
      #"{"model":"x","messages":[{"role":"user","content":"h\u00e9 \ud83d\ude00"}],"n":-1.5e3}"#
        .utf8)
    var taken = 0
    for _ in 0..<4000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(random.pick(Array("{}[],:\"\\u019".utf8)), at: place)
        }
      }
      guard let value = try? JSONParser.parse(bytes) else { continue }
      taken += 1
      #expect(try JSONParser.parse(JSONWriter.bytes(value)) == value)
    }
    #expect(taken > 100)
  }

  @Test func `numbers are whole however they are written, and nothing else is`() throws {
    #expect(try ["3", "3.0", "0.3e1"].map { try parse($0).integer } == [3, 3, 3])
    #expect(
      try ["2.5", "1e400", "1e300", "\"3\"", "true"].map { try parse($0).integer }
        == [nil, nil, nil, nil, nil])
  }
}

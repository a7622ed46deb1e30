import Testing

@testable import Linux

@Suite struct ChunkedBodyTests {
  private func fed(_ text: String, by size: Int) throws -> (content: String, isWhole: Bool) {
    var body = ChunkedBody()
    var content: [UInt8] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      content += try body.feed(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    return (String(decoding: content, as: UTF8.self), body.isWhole)
  }

  @Test(arguments: [1, 2, 3, 7, 1000]) func `content comes out however the pieces are cut`(
    _ size: Int
  ) throws {
    let text = "5\r\nhello\r\nA;name=value\r\n, 10 bytes\r\n0\r\nTrailer: x\r\n\r\nnever"
    let (content, isWhole) = try fed(text, by: size)
    #expect(content == "hello, 10 bytes")
    #expect(isWhole)
    #expect(try !fed("5\r\nhel", by: size).isWhole)
  }

  @Test(arguments: [
    "x\r\n", "-5\r\nhello\r\n", "+5\r\nhello\r\n", "\r\n", "5\r\nhelloo\r\n",
    "ffffffffffffffffffff\r\n", "40000001\r\n", String(repeating: "0", count: 5000),
  ]) func `what is no body in chunks is refused`(_ text: String) {
    #expect(throws: ChunkedBody.Malformed.self) { try fed(text, by: 3) }
  }
}

@Suite struct UnixSocketTableTests {
  @Test func `connections to a socket are counted, not the socket and not others`() {
    let table = """
      Num       RefCount Protocol Flags    Type St Inode Path
      ffff9a: 00000002 00000000 00010000 0001 01 100 /run/a.sock
      ffff9b: 00000003 00000000 00000000 0001 03 101 /run/a.sock
      ffff9c: 00000003 00000000 00000000 0001 02 0 /run/a.sock
      ffff9d: 00000003 00000000 00000000 0001 03 102
      ffff9e: 00000003 00000000 00000000 0001 03 103 /run/a.sock2
      ffff9f: 00000003 00000000 00000000 0001 03 104 /run/with blank
      ffffa0
      """
    #expect(UnixSocketTable.count("/run/a.sock", in: Array(table.utf8)) == 2)
    #expect(UnixSocketTable.count("/run/with blank", in: Array(table.utf8)) == 1)
    #expect(UnixSocketTable.count("/run/none", in: Array(table.utf8)) == 0)
  }
}

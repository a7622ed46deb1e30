import KernelTree
import Testing

@Suite struct NumberSetTests {
  @Test(arguments: [
    ("", []), ("0", [0]), ("0-3,8", [0, 1, 2, 3, 8]), (" 5 ", [5]),
    ("0-7:2/4", [0, 1, 4, 5]), ("3,1-2", [1, 2, 3]),
  ])
  func parsesLists(text: String, numbers: [Int]) {
    #expect(NumberSet(list: text)?.numbers == numbers)
  }

  @Test(arguments: ["a", "1-", "-1", "3-1", "1,,2", "0-99999999999", "1:2", "0-3:0/4", "0-3:5/4"])
  func refuses(text: String) { #expect(NumberSet(list: text) == nil) }

  @Test func masksAreMostSignificantGroupFirst() {
    #expect(NumberSet(mask: Array("00000001,80000000".utf8)[...])?.numbers == [31, 32])
    #expect(NumberSet(mask: Array("123456789".utf8)[...]) == nil)
  }

  @Test func setOperationsAgreeWithSet() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      let a = Set((0..<Int.random(in: 0...30, using: &random)).map { _ in Int.random(in: 0...40) })
      let b = Set((0..<Int.random(in: 0...30, using: &random)).map { _ in Int.random(in: 0...40) })
      let x = NumberSet(a)
      let y = NumberSet(b)
      #expect(x.union(y).numbers == a.union(b).sorted())
      #expect(x.intersection(y).numbers == a.intersection(b).sorted())
      #expect(x.subtracting(y).numbers == a.subtracting(b).sorted())
      #expect(NumberSet(list: x.description) == x)
      #expect((0...41).allSatisfy { x.contains($0) == a.contains($0) })
    }
  }
}

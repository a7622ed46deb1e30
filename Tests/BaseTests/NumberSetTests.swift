import Base
import TestSupport
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

  @Test(.seeded) func setOperationsAgreeWithSet() {
    var random = SeededGenerator()
    for _ in 0..<300 {
      let a = Set(random.bytes(random.pick(0...30)).map { Int($0) % 41 })
      let b = Set(random.bytes(random.pick(0...30)).map { Int($0) % 41 })
      let x = NumberSet(a)
      let y = NumberSet(b)
      #expect(x.union(y).numbers == a.union(b).sorted())
      #expect(x.intersection(y).numbers == a.intersection(b).sorted())
      #expect(x.subtracting(y).numbers == a.subtracting(b).sorted())
      #expect(NumberSet(list: x.description) == x)
      #expect((0...41).allSatisfy { x.contains($0) == a.contains($0) })
    }
  }

  /// Whatever numbers a process or a file gives, every operation comes back.
  @Test func numbersThatCannotBe() {
    let highest = NumberSet.highest
    let wild = [Int.min, -1, 0, 7, highest, highest + 1, Int.max - 1, Int.max]
    let set = NumberSet(wild)
    #expect(set.numbers == [0, 7, highest])
    #expect(NumberSet(range: Int.min...Int.max).count == highest + 1)
    #expect(NumberSet(range: Int.min...(-1)).isEmpty)
    #expect(NumberSet(range: (highest + 1)...Int.max).isEmpty)
    let all = NumberSet(range: Int.min...Int.max)
    #expect(set.union(all) == all && all.union(set) == all)
    #expect(all.subtracting(set).count == highest - 2)
    #expect(all.intersection(set) == set && set.isSubset(of: all))
    #expect(wild.filter(all.contains) == [0, 7, highest])
    #expect(wild.filter(NumberSet.isPossible) == [0, 7, highest])
    #expect(NumberSet(list: set.description) == set)
  }
}

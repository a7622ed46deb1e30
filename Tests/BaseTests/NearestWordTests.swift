import Testing

@testable import Base

@Suite struct NearestWordTests {
  @Test func `the nearest key is the one meant`() {
    let known = ["interrupts", "queues", "steering", "cpus", "node"]
    #expect(NearestWord.find("interupts", in: known) == "interrupts")
    #expect(NearestWord.find("queue", in: known) == "queues")
    #expect(NearestWord.find("npde", in: known) == "node")
    #expect(NearestWord.find("colour", in: known) == nil)
    #expect(NearestWord.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
  }
}

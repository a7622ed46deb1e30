import Base
import Foundation
import Testing

/// What Guest/runtimes found of two runtimes on two NUMA nodes, and of a third one whose GPU is not there. Their
/// program is a stand-in: what is shown is where the kernel puts its memory and threads.
struct HostedRuntimes {
  /// Its answer.
  let answer: [String: Any]
  /// Prints a line.
  let tell: (String) -> Void

  func check() {
    let added = answer["added"] as? [[Any]] ?? []
    #expect(added.map { $0.first as? Int } == [0, 0, 0], "\(added)")
    #expect(answer["ready"] is Double, "\(answer["states"] ?? "")")
    missingGPU()
    let nodes = ["left", "right"].compactMap(placed)
    #expect(nodes.count == 2 && Set(nodes).count == 2, "\(nodes)")
    outOfMemory()
    // Nothing of them stays.
    #expect(answer["left"] is Double, "\(answer["removed"] ?? "")")
    tell(
      "runtimes: ready \(seconds("start")) after the first was added, all in \(seconds("seconds"))")
  }

  // MARK: where they are

  /// - Returns: the node of a runtime.
  private func placed(_ name: String) -> Int? {
    let found = object(object(answer["placed"])[name])
    let plan = object(found["plan"])
    guard let node = number(plan["memoryNodes"]), let cpus = set(plan["cpus"]), !cpus.isEmpty else {
      Issue.record("\(name) has no place: \(found)")
      return nil
    }
    // The nodes of the box have two CPUs each.
    #expect(cpus.numbers.allSatisfy { $0 / 2 == node }, "\(name): \(plan)")
    #expect(set(found["cpus"]) == cpus && number(found["nodes"]) == node, "\(name): \(found)")
    let pages = found["pages"] as? [[String: Int]] ?? []
    let (home, all) = count(pages.map { $0.mapValues(Double.init) }, node)
    // Those that its threads have written, at least: 64 MiB.
    #expect(all >= 16384 && home >= 0.99 * all, "\(name): \(pages)")
    let charged = object(found["charged"]).compactMapValues { ($0 as? String).flatMap(Double.init) }
    let (homeBytes, allBytes) = count([charged], node)
    #expect(allBytes >= Double(64 << 20) && homeBytes >= 0.99 * allBytes, "\(name): \(charged)")
    let threads = found["threads"] as? [[Any]] ?? []
    #expect(threads.count >= 5, "\(name): \(threads)")
    for thread in threads {
      let last = thread.last as? Int ?? -1
      #expect(set(thread.first) == cpus && cpus.contains(last), "\(name): \(thread)")
    }
    let reply = object(answer["answers"])[name] as? [Any] ?? []
    #expect(reply.first as? Int == 200, "\(reply)")
    #expect("\(reply)".contains("you said hello"), "\(reply)")
    tell(
      "runtime \(name): \(Int(home)) of \(Int(all)) anonymous pages and \(threads.count) of "
        + "\(threads.count) threads on node \(node)")
    return node
  }

  private func count(_ parts: [[String: Double]], _ node: Int) -> (home: Double, all: Double) {
    let all = parts.flatMap { $0 }
    return (
      all.filter { $0.key == "\(node)" }.reduce(0) { $0 + $1.value },
      all.reduce(0) { $0 + $1.value }
    )
  }

  // MARK: what goes wrong

  private func outOfMemory() {
    let found = object(answer["memory"])
    #expect(found["back"] is Double, "\(found)")
    let told = (found["told"] as? [[String]] ?? []).map { ($0[0], $0[1]) }
    #expect(
      told.contains { $0 != "runtime.ready" && $1.contains("its program ran out of memory") },
      "\(told)")
    #expect(told.last?.0 == "runtime.ready", "\(told)")
    // Its client gets the documented error.
    let asked = (found["asked"] as? [[Any]])?.first ?? []
    #expect(asked.first as? Int == 502 && code(asked) == "runtime_failed", "\(asked)")
    #expect((found["again"] as? [Any])?.first as? Int == 200)
    // The other one noticed nothing.
    let answers = found["answers"] as? [Int] ?? []
    #expect(answers.count >= 3 && answers.allSatisfy { $0 == 200 }, "\(answers)")
    #expect(found["same"] as? Bool == true && found["restarts"] as? String == "0", "\(found)")
    #expect((found["others"] as? [Any])?.isEmpty == true, "\(found)")
    tell(
      "one out of memory: answers again after \(seconds(found["back"])); the other gave "
        + "\(answers.count) of \(answers.count) answers meanwhile")
  }

  private func missingGPU() {
    let refused = answer["refused"] as? [Any] ?? []
    #expect(refused.first as? Int != 0, "\(refused)")
    #expect("\(refused)".contains("there is no GPU 0000:c1:00.0; there are "), "\(refused)")
    let reply = object(answer["answers"])["gone"] as? [Any] ?? []
    #expect(reply.first as? Int == 503 && code(reply) == "gpu_missing", "\(reply)")
    let state = (answer["states"] as? [[String: Any]] ?? []).last ?? [:]
    #expect(state["state"] as? String == "missing-gpu", "\(state)")
    let findings = (answer["check"] as? [[String: Any]] ?? []).filter {
      $0["check"] as? String == "runtime-state" && $0["verdict"] as? String == "fail"
    }
    #expect(
      findings.count == 1 && "\(findings)".contains("there is no GPU 0000:c1:00.0"), "\(findings)")
  }

  // MARK: values

  private func code(_ reply: [Any]) -> String? {
    object(object(reply.last)["error"])["code"] as? String
  }

  private func object(_ value: Any?) -> [String: Any] { value as? [String: Any] ?? [:] }

  private func set(_ value: Any?) -> NumberSet? {
    (value as? String).flatMap { NumberSet(list: $0) }
  }

  private func number(_ value: Any?) -> Int? { (value as? String).flatMap(Int.init) }

  private func seconds(_ value: Any?) -> String {
    let value = (value as? String).map { answer[$0] ?? "" } ?? value
    return (value as? Double).map { String(format: "%.1f s", $0) } ?? "never"
  }
}

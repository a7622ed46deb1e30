import Base
import KernelTree
import TestMachines
import TestSupport
import Testing

@testable import Inventory

/// Whatever happens to one file, it only takes facts away: no other fact changes, none appears.
@Suite struct MachineDamageTests {
  private static let box = MachineTree(
    sockets: 2, nodesPerSocket: 2, domainsPerNode: 1, coresPerDomain: 1, threads: 2)
  private static let builder = box.builder()
  private static let files = builder.all.compactMap { path, node -> String? in
    if case .file = node { path } else { nil }
  }.sorted()
  private static let whole = Facts(collected(builder.tree(), includeSerials: true)).values

  /// Facts that say how sure another one is, or what told it: they may change.
  private static func isAboutFacts(_ fact: String) -> Bool {
    fact.contains("nodesPerSocket.") || fact.hasSuffix(".evidence")
  }

  /// Free texts say what the file says, whatever that is.
  private static let texts: Set<String> = [
    "hostname", "osrelease", "cmdline", "sys_vendor", "product_name", "product_serial",
    "board_vendor", "board_name", "board_version", "board_serial", "bios_vendor", "bios_version",
    "bios_date", "mc_name", "dimm_label",
  ]

  private func check(_ file: String, _ damage: String, _ builder: MemoryTreeBuilder) {
    let facts = Facts(collected(builder.tree(), includeSerials: true)).values
    for (fact, value) in facts where MachineDamageTests.whole[fact] != value {
      if MachineDamageTests.isAboutFacts(fact) { continue }
      // A sensor whose label cannot be read goes by its number.
      if file.hasSuffix("_label"), fact.contains("temperatures") { continue }
      Issue.record(
        "\(damage) of \(file): \(fact) is \(value), was \(MachineDamageTests.whole[fact] ?? "absent")"
      )
    }
  }

  @Test func theFixtureHasFactsToLose() {
    #expect(MachineDamageTests.whole.count > 200)
    #expect(MachineDamageTests.files.count > 250)
  }

  @Test func removal() {
    for file in MachineDamageTests.files {
      var builder = MachineDamageTests.builder
      builder.remove(file)
      check(file, "removal", builder)
    }
  }

  @Test func failures() {
    let causes: [ReadFailure.Cause] = [
      .permissionDenied, .gone, .tooLarge(limit: 1), .linkLoop, .notRecorded, .timedOut,
      .system(Errno(16)), .notFound,
    ]
    for (index, file) in MachineDamageTests.files.enumerated() {
      var builder = MachineDamageTests.builder
      builder.set(file, .failing(causes[index % causes.count], kind: .file))
      check(file, "failure", builder)
    }
  }

  @Test func nothingAndNonsense() {
    let malformed: [[UInt8]] = [
      [], [0xff, 0xfe, 0x80, 0xc3], Array("?!\n?!\n".utf8), [0, 0, 0],
    ]
    for file in MachineDamageTests.files {
      let name = String(file.split(separator: "/").last ?? "")
      for bytes in malformed where bytes.isEmpty || !MachineDamageTests.texts.contains(name) {
        var builder = MachineDamageTests.builder
        builder.file(file, bytes: bytes)
        check(file, "malformed", builder)
      }
    }
  }

  @Test func numbersOfAnySizeNeverCrash() {
    let numbers = [
      "9223372036854775807", "-9223372036854775808", "18446744073709551616", "0-1048575", "-1",
      "9223372036854775807K", "1,1,1-1048575", "Node 0 MemTotal: 9223372036854775807 kB",
    ]
    for (index, file) in MachineDamageTests.files.enumerated() {
      var builder = MachineDamageTests.builder
      builder.file(file, numbers[index % numbers.count])
      _ = collected(builder.tree(), includeSerials: true)
    }
  }

  @Test(.seeded) func randomBytesNeverCrash() {
    var random = SeededGenerator()
    for round in 0..<40 {
      var builder = MachineDamageTests.builder
      for file in MachineDamageTests.files where random.pick(0..<8) == 0 {
        let length = random.pick(0...40)
        let bytes =
          round % 2 == 0
          ? random.bytes(length)
          : (0..<length).map { _ in random.pick(Array("0123456789-, \n".utf8)) }
        builder.file(file, bytes: bytes)
      }
      _ = collected(builder.tree(), includeSerials: true)
    }
  }
}

/// The facts of a value, flat, by where they are. Elements of lists go by what names them, so that
/// one that is missing does not rename those behind it.
private struct Facts {
  private(set) var values: [String: String] = [:]

  init(_ inventory: Inventory) {
    add("machine", inventory.machine)
    add("processors", inventory.processors)
    add("memory", inventory.memory)
  }

  private mutating func add(_ path: String, _ value: Any) {
    let mirror = Mirror(reflecting: value)
    switch mirror.displayStyle {
    case .optional:
      if let child = mirror.children.first { add(path, child.value) }
    case .collection:
      for child in mirror.children { add("\(path)[\(name(of: child.value))]", child.value) }
    case .dictionary:
      for child in mirror.children {
        let pair = Mirror(reflecting: child.value).children.map(\.value)
        guard pair.count == 2 else { continue }
        if let cpus = pair[1] as? NumberSet {
          // CPUs by what they have: each is a fact of its own.
          for cpu in cpus.numbers { values["\(path)[\(cpu)]"] = "\(pair[0])" }
        } else {
          add("\(path)[\(pair[0])]", pair[1])
        }
      }
    case .struct where !(value is NumberSet) && !mirror.children.isEmpty:
      for child in mirror.children {
        let label = child.label ?? ""
        if label != "unknown" && label != "sources" { add("\(path).\(label)", child.value) }
      }
    default: values[path] = "\(value)"
    }
  }

  private func name(of element: Any) -> String {
    let children = Mirror(reflecting: element).children
    for key in ["name", "locator", "label", "node", "index", "pageBytes", "cpus", "id"] {
      if let child = children.first(where: { $0.label == key }) {
        if key == "cpus", children.contains(where: { $0.label == "totalBytes" }) { continue }
        return "\(key) \(child.value)"
      }
    }
    return "\(element)"
  }
}

import Base
import Configuration
import Inventory
import Linux
import Placement
import Runtimes
import TestSupport
import Testing

@testable import Apply

@Suite struct RuntimeUnitsTests {
  private static let folder = "/run/systemd/system"
  private static let service = "\(folder)/tinybox-runtime@NAME.service.d"

  /// The units of some specs, on a machine of which nothing is known.
  private func units(_ specs: [String: String]) throws -> [RuntimeUnit] {
    let specs = try specs.sorted { $0.key < $1.key }.map {
      try RuntimeSpec.parse(Array($0.value.utf8), file: RuntimeSpec.path($0.key))
    }
    let plan = RuntimePlan.make(
      specs, .init(inventory: Inventory(origin: "test"), policy: Policy(), offers: [:], models: [:])
    )
    #expect(plan.refusals.isEmpty, "\(plan.refusals)")
    return plan.units
  }

  private func spec(_ more: String = "", argument: String = "x") -> String {
    "command = [\"/usr/bin/python3\", \"\(argument)\"]\napis = [\"chat\"]\n\(more)"
  }

  private func within(_ body: (String, RuntimeUnits) throws -> Void) throws {
    let folder = try TemporaryFolder()
    for part in ["/run", "/run/systemd", RuntimeUnitsTests.folder] {
      try DurableFile.makeFolder(folder.path + part)
    }
    try body(folder.path, RuntimeUnits(root: folder.path))
  }

  private func text(_ path: String) -> String? {
    (try? StampedFile.read(path, limit: 1 << 20)).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func `writes once, and again only what differs`() throws {
    try within { root, units in
      let planned = try self.units(["a": spec(), "b": spec("kind = \"job\"").job])
      let first = try units.write(planned)
      #expect(first.added == ["a", "b"] && first.changed.isEmpty && first.needsReload)
      for dropIn in planned.flatMap(\.dropIns) {
        #expect(text(root + dropIn.path) == dropIn.text)
      }
      #expect(try units.write(planned) == RuntimeUnits.Changes())

      let other = try self.units(["a": spec(argument: "y"), "b": spec("kind = \"job\"").job])
      let second = try units.write(other)
      #expect(second.changed == ["a"] && second.added.isEmpty && second.needsReload)
    }
  }

  @Test func `a comment alone restarts nothing`() throws {
    try within { _, units in
      var planned = try self.units(["a": spec()])
      _ = try units.write(planned)
      planned[0].dropIns[0].text = planned[0].dropIns[0].text.replacingFirstLine(
        with: RuntimeUnit.DropIn.mark + "elsewhere")
      let changes = try units.write(planned)
      #expect(changes.needsReload && changes.changed.isEmpty && changes.added.isEmpty)
    }
  }

  @Test func `removes what is not planned, and nothing of others`() throws {
    try within { root, units in
      _ = try units.write(try self.units(["a": spec(), "b": spec(), "c": spec()]))
      let beside = "\(root)\(RuntimeUnitsTests.folder)/tinybox-runtime@a.service.d/50-owner.conf"
      try DurableFile.write(Array("[Service]\nNice=5\n".utf8), to: beside)
      // Not of ours by name, and not by content.
      let other = "\(root)\(RuntimeUnitsTests.folder)/tinybox-runtime@UPPER.service.d"
      let foreign = "\(root)\(RuntimeUnitsTests.folder)/tinybox-runtime@d.service.d"
      for folder in [other, foreign] { try DurableFile.makeFolder(folder) }
      try DurableFile.write(
        Array("\(RuntimeUnit.DropIn.mark)x\n".utf8), to: "\(other)/10-tinybox.conf")
      try DurableFile.write(Array("[Service]\n".utf8), to: "\(foreign)/10-tinybox.conf")

      let changes = try units.write([], keeping: ["c"])
      #expect(changes.removed == ["a", "b"] && changes.needsReload)
      let left = try FolderNames.list(root + RuntimeUnitsTests.folder).sorted()
      #expect(
        left == [
          "tinybox-runtime-door@c.service.d", "tinybox-runtime@UPPER.service.d",
          "tinybox-runtime@a.service.d", "tinybox-runtime@c.service.d",
          "tinybox-runtime@d.service.d",
        ])
      #expect(text(beside) != nil && text("\(foreign)/10-tinybox.conf") == "[Service]\n")
    }
  }

  @Test func `another program's file is left and named`() throws {
    try within { root, units in
      let folder = "\(root)\(RuntimeUnitsTests.folder)/tinybox-runtime@a.service.d"
      try DurableFile.makeFolder(folder)
      try DurableFile.write(Array("[Service]\n".utf8), to: "\(folder)/10-tinybox.conf")
      let changes = try units.write(try self.units(["a": spec()]))
      #expect(changes.foreign == ["a": "\(folder)/10-tinybox.conf"])
      #expect(!changes.needsReload && text("\(folder)/10-tinybox.conf") == "[Service]\n")
    }
  }

  @Test func `what is held is read from the drop-ins`() throws {
    try within { _, units in
      #expect(try units.held().isEmpty)
      var planned = try self.units(["a": spec()])
      planned[0].dropIns[0].text += "GPUs=0000:81:00.0\nNode=1\n"
      _ = try units.write(planned)
      let gpu = try #require(PCIAddress("0000:81:00.0"))
      #expect(try units.held() == ["a": RuntimeUnit.Held(gpus: [gpu], node: 1)])
    }
  }
}

extension String {
  /// The spec of a job has no `apis`.
  fileprivate var job: String {
    split(separator: "\n").filter { !$0.hasPrefix("apis") }.joined(separator: "\n")
  }

  fileprivate func replacingFirstLine(with line: String) -> String {
    var lines = split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[0] = line
    return lines.joined(separator: "\n")
  }
}

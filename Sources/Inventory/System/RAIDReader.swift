internal import Base
internal import KernelTree

/// md arrays, from `/sys/block/mdN/md`.
enum RAIDReader {
  static func read(_ tree: KernelTree, _ reader: inout FactReader) -> [RAIDArray] {
    do throws(ReadFailure) {
      return try tree.names("/sys/block")
        .filter { $0.hasPrefix("md") && tree.exists("/sys/block/\($0)/md") }
        .map { array($0, tree) }
    } catch {
      reader.note("arrays", error, expected: true)
      return []
    }
  }

  private static func array(_ name: String, _ tree: KernelTree) -> RAIDArray {
    var array = RAIDArray(name: name)
    var reader = FactReader(tree, base: "/sys/block/\(name)/md")
    func word(_ fact: String, _ file: String, expected: Bool = false) -> String? {
      // An array that is being stopped has empty files.
      reader.parsed(fact, file, expected: expected) { $0.isEmpty ? nil : AttributeText.word($0) }
    }
    array.level = word("level", "level", expected: true)
    array.state = word("state", "array_state", expected: true)
    // `1.2`, `external:imsm`, `none`.
    array.metadata = reader.parsed("metadata", "metadata_version", AttributeText.printable)
    // `raid_disks` is `4` or, while it is reshaped, `4 (3)`.
    array.memberCount = reader.parsed("memberCount", "raid_disks", expected: true) { text in
      ASCII.fields(text).first.flatMap(AttributeText.count)
    }
    // Levels without redundancy have neither file.
    array.missingMembers = reader.count("missingMembers", "degraded")
    array.syncAction = word("syncAction", "sync_action")
    do throws(ReadFailure) {
      array.members = try tree.names(reader.base).filter { $0.hasPrefix("dev-") }.map { folder in
        let device = String(folder.dropFirst(4))
        return RAIDArray.Member(
          device: device,
          state: reader.parsed("members.\(device).state", folder + "/state", expected: true) {
            // `in_sync,write_mostly`.
            AttributeText.printable($0)
          },
          errors: reader.count("members.\(device).errors", folder + "/errors"))
      }
    } catch {
      reader.note("members", error, expected: true)
    }
    array.unknown = reader.unknown
    return array
  }
}

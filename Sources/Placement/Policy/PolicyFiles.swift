public import KernelTree

/// The files of the configuration.
public enum PolicyFiles {
  /// The owner's file.
  public static let main = "/etc/tinybox/tinybox.toml"
  /// Files beside it, read in the order of their names; later ones win, key by key.
  public static let folder = "/etc/tinybox/tinybox.toml.d"

  /// The policy of a machine. No file at all gives the defaults.
  /// - Throws: everything that is wrong, in the order of files and lines.
  public static func read(_ tree: KernelTree) throws(PolicyFailure) -> Policy {
    var problems: [ConfigurationProblem] = []
    let paths = paths(tree, &problems)
    return try read(paths, tree, mayBeMissing: true, problems)
  }

  /// The policy of one file in place of those.
  public static func read(file: String, _ tree: KernelTree) throws(PolicyFailure) -> Policy {
    try read([file], tree, mayBeMissing: false, [])
  }

  private static func read(
    _ paths: [String], _ tree: KernelTree, mayBeMissing: Bool, _ known: [ConfigurationProblem]
  ) throws(PolicyFailure) -> Policy {
    var merged = TOMLTable(origin: .header)
    var problems = known
    for path in paths {
      do throws(ReadFailure) {
        let text = try tree.bytes(path, limit: 1 << 20, sensitivity: .freeText)
        do throws(ConfigurationProblem) {
          let table = try TOMLParser.parse(text, file: path)
          // Judged file by file, so that a mistake in a file that a later one overrides is seen.
          problems += PolicyDecoder.decode(table, isWhole: false).problems
          merged.merge(table)
        } catch {
          problems.append(error)
        }
      } catch {
        // The owner's file may be missing, and a file may leave between the listing and the read.
        if error.cause != .notFound || !mayBeMissing {
          problems.append(ConfigurationProblem(file: path, error.reason))
        }
      }
    }
    let (policy, more) = PolicyDecoder.decode(merged, isWhole: true)
    for problem in more where !problems.contains(problem) { problems.append(problem) }
    if !problems.isEmpty { throw PolicyFailure(problems: problems) }
    return policy
  }

  private static func paths(
    _ tree: KernelTree, _ problems: inout [ConfigurationProblem]
  ) -> [String] {
    var paths = [main]
    do throws(ReadFailure) {
      // By bytes, as every such folder is read: 10-x before 9-x.
      for name in try tree.source.entries(folder).sorted()
      where name.hasSuffix(".toml") && !name.hasPrefix(".") {
        paths.append(folder + "/" + name)
      }
    } catch {
      if error.cause != .notFound {
        problems.append(ConfigurationProblem(file: folder, error.reason))
      }
    }
    return paths
  }
}

/// A configuration that cannot be used.
public struct PolicyFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Everything wrong with it; not empty.
  public var problems: [ConfigurationProblem]

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

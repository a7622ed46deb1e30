package import Configuration
package import KernelTree

/// The policy in the files of the configuration.
public enum PolicyFiles {
  /// The policy of a machine. No file at all gives the defaults.
  /// - Throws: everything that is wrong, in the order of files and lines.
  package static func read(_ tree: KernelTree) throws(ConfigurationFailure) -> Policy {
    decoded(try table(tree), isWhole: true).policy
  }

  /// The policy in the files of a source.
  package static func read(
    _ source: ConfigurationSource
  ) throws(ConfigurationFailure) -> Policy {
    decoded(try ConfigurationFiles.read(source, problems), isWhole: true).policy
  }

  /// The policy of one file in place of those.
  package static func read(
    file: String, _ tree: KernelTree
  ) throws(ConfigurationFailure) -> Policy {
    decoded(try table(tree, file: file), isWhole: true).policy
  }

  /// All tables of the files, with nothing wrong in any.
  /// - Parameter file: one in place of those of the machine.
  package static func table(
    _ tree: KernelTree, file: String? = nil
  ) throws(ConfigurationFailure) -> TOMLTable {
    let source = ConfigurationSource(tree)
    guard let file else { return try ConfigurationFiles.read(source, problems) }
    return try ConfigurationFiles.read(file: file, source, problems)
  }

  private static func problems(_ table: TOMLTable, _ isWhole: Bool) -> [ConfigurationProblem] {
    decoded(table, isWhole: isWhole).problems
  }

  /// The policy of a configuration, without what is wrong in it.
  private static func decoded(
    _ root: TOMLTable, isWhole: Bool
  ) -> (policy: Policy, problems: [ConfigurationProblem]) {
    var policy = Policy()
    var section = TOMLTable(origin: .header)
    // The other tables are checked by those who read them.
    section.entries = root.entries.filter { $0.key == ConfigurationFiles.placementSection }
    let problems = TableDecoder.decode(
      section, [Policy.section], into: &policy, isWhole: isWhole)
    return (policy, problems)
  }
}

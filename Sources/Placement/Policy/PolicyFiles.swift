public import Configuration
public import KernelTree

/// The policy in the files of the configuration.
public enum PolicyFiles {
  /// The policy of a machine. No file at all gives the defaults.
  /// - Throws: everything that is wrong, in the order of files and lines.
  public static func read(_ tree: KernelTree) throws(ConfigurationFailure) -> Policy {
    try policy(ConfigurationFiles.read(ConfigurationSource(tree), judge))
  }

  /// The policy of one file in place of those.
  public static func read(
    file: String, _ tree: KernelTree
  ) throws(ConfigurationFailure) -> Policy {
    try policy(ConfigurationFiles.read(file: file, ConfigurationSource(tree), judge))
  }

  private static func judge(_ table: TOMLTable, _ isWhole: Bool) -> [ConfigurationProblem] {
    PolicyDecoder.decode(table, isWhole: isWhole).problems
  }

  private static func policy(_ merged: TOMLTable) -> Policy {
    PolicyDecoder.decode(merged, isWhole: true).policy
  }
}

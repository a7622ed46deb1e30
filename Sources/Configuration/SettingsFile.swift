public import KernelTree

extension ServiceSettings {
  /// The settings in one file, in place of those of the machine.
  /// - Throws: everything that is wrong with it but for `[placement]`.
  public static func read(
    file: String, _ tree: KernelTree
  ) throws(ConfigurationFailure) -> ServiceSettings {
    SectionDecoder.decode(try ConfigurationFiles.read(file: file, tree), isWhole: true).settings
  }
}

extension ServiceSettings {
  /// The settings in one file, in place of those of the machine.
  /// - Throws: everything that is wrong with it but for `[placement]`.
  public static func read(
    file: String, _ source: ConfigurationSource
  ) throws(ConfigurationFailure) -> ServiceSettings {
    SectionDecoder.decode(try ConfigurationFiles.read(file: file, source), isWhole: true).settings
  }
}

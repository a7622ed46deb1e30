/// The version of tinybox.
public enum Version {
  /// As `--version` prints it and recordings carry it.
  public static let text = "0.1.0"
}

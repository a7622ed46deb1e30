internal import Base
internal import Linux

/// Where the files of the configuration are read: this machine, or a recorded one.
public struct ConfigurationSource: Sendable {
  /// Why something could not be read.
  public struct Unreadable: Error, Hashable, Sendable {
    /// Whether it is not there.
    public var isMissing: Bool
    /// Why, in words.
    public var reason: String

    /// A failure with its reason.
    package init(isMissing: Bool, reason: String) {
      self.isMissing = isMissing
      self.reason = reason
    }
  }

  /// The bytes of a file.
  let bytes: @Sendable (String) -> Result<[UInt8], Unreadable>
  /// The names in a folder, in no order.
  let names: @Sendable (String) -> Result<[String], Unreadable>
  /// Where a link leads, as it is written; nil for what is no link.
  let link: @Sendable (String) -> String?

  /// The longest file that is read, bytes.
  public static let longestFile = 1 << 20

  /// A source of files, of the names in folders, and of where links lead.
  package init(
    bytes: @escaping @Sendable (String) -> Result<[UInt8], Unreadable>,
    names: @escaping @Sendable (String) -> Result<[String], Unreadable>,
    link: @escaping @Sendable (String) -> String?
  ) {
    self.bytes = bytes
    self.names = names
    self.link = link
  }

  /// This machine.
  public static let live = ConfigurationSource { path in
    reading { () throws(Errno) in
      try StampedFile.read(path, limit: longestFile, mayBeEmptied: true).bytes
    }
  } names: { path in
    reading { () throws(Errno) in try FolderNames.list(path) }
  } link: { path in
    try? LinkText.read(path)
  }

  /// The same with another root folder.
  package func below(_ root: String) -> ConfigurationSource {
    let (bytes, names, link) = (bytes, names, link)
    return ConfigurationSource(
      bytes: { bytes(root + $0) }, names: { names(root + $0) }, link: { link(root + $0) })
  }

  /// The same without one file of a folder.
  package func hiding(_ path: String) -> ConfigurationSource {
    let (bytes, names, link) = (bytes, names, link)
    return ConfigurationSource(
      bytes: {
        $0 == path
          ? .failure(Unreadable(isMissing: true, reason: "is not looked at")) : bytes($0)
      },
      names: { folder in names(folder).map { $0.filter { folder + "/" + $0 != path } } },
      link: { $0 == path ? nil : link($0) })
  }

  private static func reading<Value>(
    _ body: () throws(Errno) -> Value
  ) -> Result<Value, Unreadable> {
    do throws(Errno) {
      return .success(try body())
    } catch {
      return .failure(Unreadable(isMissing: error.isNotFound, reason: error.plainly))
    }
  }
}

/// The files of the configuration: the owner's, and those beside it.
public enum ConfigurationFiles {
  /// The folder of both.
  static let root = "/etc/tinybox"
  /// The owner's file.
  public static let main = "/etc/tinybox/tinybox.toml"
  /// Files beside it, read in the order of their names; later ones win, key by key.
  public static let folder = "/etc/tinybox/tinybox.toml.d"
  /// The table of the placement policy, which `Placement` decodes.
  package static let placementSection = "placement"

  /// All tables of a machine's files, merged. No file at all gives an empty one.
  /// - Parameter judge: says what is wrong in a table that is a part or the whole, beyond what the
  ///   sections of this module say.
  /// - Throws: everything that is wrong, in the order of files and lines.
  package static func read(
    _ source: ConfigurationSource,
    _ judge: (TOMLTable, Bool) -> [ConfigurationProblem] = { _, _ in [] }
  ) throws(ConfigurationFailure) -> TOMLTable {
    var problems: [ConfigurationProblem] = []
    let paths = paths(source, &problems)
    return try read(paths, source, mayBeMissing: true, problems, judge)
  }

  /// The tables of one file in place of those.
  package static func read(
    file: String, _ source: ConfigurationSource,
    _ judge: (TOMLTable, Bool) -> [ConfigurationProblem] = { _, _ in [] }
  ) throws(ConfigurationFailure) -> TOMLTable {
    try read([file], source, mayBeMissing: false, [], judge)
  }

  /// The table of each file of a folder, by path, where each is about a thing of its own: what is wrong in one
  /// concerns no other. A folder that is not there has none.
  /// - Throws: why the folder cannot be listed.
  package static func separate(
    folder: String, _ source: ConfigurationSource
  ) throws(ConfigurationFailure) -> [(path: String, table: Result<TOMLTable, ConfigurationProblem>)]
  {
    let names: [String]
    switch source.names(folder) {
    case .success(let found): names = found
    case .failure(let failure):
      let failure = source.failure(ofFolder: folder, failure)
      if failure.isMissing { return [] }
      throw ConfigurationFailure(problems: [ConfigurationProblem(file: folder, failure.reason)])
    }
    return names.sorted().filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.compactMap {
      name in
      let path = folder + "/" + name
      switch source.bytes(path) {
      case .success(let text):
        return (
          path,
          Result { () throws(ConfigurationProblem) in try TOMLParser.parse(text, file: path) }
        )
      case .failure(let failure):
        let failure = source.failure(ofFile: path, failure)
        // Gone between the listing and the read.
        if failure.isMissing { return nil }
        return (path, .failure(ConfigurationProblem(file: path, failure.reason)))
      }
    }
  }

  private static func read(
    _ paths: [String], _ source: ConfigurationSource, mayBeMissing: Bool,
    _ known: [ConfigurationProblem],
    _ judge: (TOMLTable, Bool) -> [ConfigurationProblem]
  ) throws(ConfigurationFailure) -> TOMLTable {
    var merged = TOMLTable(origin: .header)
    var problems = known
    for path in paths {
      switch source.bytes(path) {
      case .success(let text):
        do throws(ConfigurationProblem) {
          let table = try TOMLParser.parse(text, file: path)
          // Judged file by file, so that a mistake in a file that a later one overrides is seen.
          problems += ServiceSettings.problems(table, isWhole: false) + judge(table, false)
          merged.merge(table)
        } catch {
          problems.append(error)
        }
      case .failure(let failure):
        let failure = source.failure(ofFile: path, failure)
        // The owner's file may be missing, and a file may leave between the listing and the read.
        if !failure.isMissing || !mayBeMissing {
          problems.append(ConfigurationProblem(file: path, failure.reason))
        }
      }
    }
    let whole = ServiceSettings.problems(merged, isWhole: true) + judge(merged, true)
    var known = Set(problems)
    problems += whole.filter { known.insert($0).inserted }
    if !problems.isEmpty { throw ConfigurationFailure(problems: problems) }
    return merged
  }

  private static func paths(
    _ source: ConfigurationSource, _ problems: inout [ConfigurationProblem]
  ) -> [String] {
    var paths = [main]
    switch source.names(folder) {
    case .success(let names):
      // By bytes, as every such folder is read: 10-x before 9-x.
      for name in names.sorted() where name.hasSuffix(".toml") && !name.hasPrefix(".") {
        paths.append(folder + "/" + name)
      }
    case .failure(let failure):
      let failure = source.failure(ofFolder: folder, failure)
      if !failure.isMissing {
        problems.append(ConfigurationProblem(file: folder, failure.reason))
      } else if case .failure(let above) = source.names(root) {
        // Without it neither of them is there.
        let above = source.failure(ofFolder: root, above)
        if !above.isMissing { problems.append(ConfigurationProblem(file: root, above.reason)) }
      }
    }
    return paths
  }
}

extension ConfigurationSource {
  /// Why a file could not be read. It is missing only where its very name is not there: what is a folder, or
  /// a link that leads nowhere, somebody put there to set something.
  fileprivate func failure(ofFile path: String, _ failure: Unreadable) -> Unreadable {
    if case .success = names(path) {
      return Unreadable(isMissing: false, reason: "is a directory")
    }
    return ofLink(path, failure)
  }

  /// The same of a folder.
  fileprivate func failure(ofFolder path: String, _ failure: Unreadable) -> Unreadable {
    guard failure.isMissing else { return failure }
    switch bytes(path) {
    case .failure(let other) where other.isMissing: return ofLink(path, failure)
    case .success, .failure: return Unreadable(isMissing: false, reason: "is no folder")
    }
  }

  private func ofLink(_ path: String, _ failure: Unreadable) -> Unreadable {
    // A file is masked with a link to /dev/null, which a recording does not hold.
    guard failure.isMissing, let target = link(path), target != "/dev/null" else { return failure }
    return Unreadable(isMissing: false, reason: "the link leads nowhere: \(target)")
  }
}

/// A configuration that cannot be used.
public struct ConfigurationFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Everything wrong with it; not empty.
  public var problems: [ConfigurationProblem]

  /// A configuration with these problems.
  package init(problems: [ConfigurationProblem]) { self.problems = problems }

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

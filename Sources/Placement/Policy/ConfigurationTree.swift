package import Configuration
package import KernelTree

extension ConfigurationSource {
  /// The files of the machine that a tree is of.
  package init(_ tree: KernelTree) {
    self.init { path in
      ConfigurationSource.reading { () throws(ReadFailure) in
        try tree.bytes(path, limit: ConfigurationSource.longestFile, sensitivity: .freeText)
      }
    } names: { path in
      ConfigurationSource.reading { () throws(ReadFailure) in try tree.source.entries(path) }
    } link: { path in
      try? tree.source.linkTarget(path)
    }
  }

  private static func reading<Value>(
    _ body: () throws(ReadFailure) -> Value
  ) -> Result<Value, Unreadable> {
    do throws(ReadFailure) {
      return .success(try body())
    } catch {
      return .failure(Unreadable(isMissing: error.cause == .notFound, reason: error.reason))
    }
  }
}

internal import Base
internal import Linux
package import RuntimeCatalog

/// The file in which a job says how far it is. The job owns its folder, so the file may be anything.
package enum JobStatusFile {
  /// What is in it, and when it was written, seconds since 1970; nil where there is nothing that can be read.
  /// - Parameter root: another root folder.
  package static func read(
    _ name: String, root: String = ""
  ) -> (status: JobStatus, written: Double)? {
    read(path: root + JobStatus.path(name))
  }

  /// The same of a path.
  package static func read(path: String) -> (status: JobStatus, written: Double)? {
    guard
      let file = try? StampedFile.read(path, limit: JobStatus.longestFile, followsLinks: false),
      let status = JobStatus(file.bytes), file.stamp.modified.count == 2
    else { return nil }
    return (status, Double(file.stamp.modified[0]) + Double(file.stamp.modified[1]) / 1e9)
  }
}

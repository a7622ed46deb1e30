internal import KernelTree

/// What an archive holds, by path, in the order of the archive. Held in memory, and never written
/// to the disk.
struct ArchiveTree {
  /// One path of the archive, absolute and without `.`, and what lies there.
  struct Item {
    var path: String
    var node: MemorySource.Node
  }

  /// In the order of the archive: of two with the same path the later one counts.
  private(set) var items: [Item] = []

  /// Reads an archive whole.
  /// - Parameter name: the archive's name, for errors.
  static func read(
    _ reader: consuming ArchiveReader, name: String, limits: RecordingLimits
  ) throws(RecordingError) -> ArchiveTree {
    var tree = ArchiveTree()
    var total: Int64 = 0
    // Files that a hard link may name again: index into `items`.
    var files: [String: Int] = [:]
    do {
      while let entry = try reader.next() {
        if tree.items.count >= limits.entries {
          throw tooLarge(name, "holds more than \(limits.entries) files")
        }
        let path = try normalised(entry.path, in: name, limits: limits)
        // Whatever kind it is: what is passed over is unpacked as well.
        total = total.addingReportingOverflow(max(0, entry.size)).partialValue
        if entry.size > limits.file || total > limits.total || total < 0 {
          let limit = entry.size > limits.file ? limits.file : limits.total
          throw tooLarge(name, "unpacks to more than \(limit >> 20) MiB (at \(shown(path)))")
        }
        let node: MemorySource.Node
        var hasContent = false
        switch entry.kind {
        case .file:
          node = .file(
            try reader.content(size: Int(max(0, entry.size))), permissions: entry.permissions)
          hasContent = true
        case .directory: node = .directory([], permissions: entry.permissions)
        case .link(let target):
          if target.utf8.count > limits.path { throw refused(name, path, "has a link too long") }
          node = .link(target)
        case .hardLink(let target):
          let original = try normalised(target, in: name, limits: limits)
          // Its content was read earlier in the archive, or never.
          if let index = files[original] {
            node = tree.items[index].node
            hasContent = true
          } else {
            node = .failing(.notRecorded, kind: .file)
          }
        case .other: node = .failing(.notRecorded, kind: .other)
        }
        try reader.skip()
        // The root is a folder, whatever an archive calls it.
        if path == "/" { continue }
        if hasContent { files[path] = tree.items.count }
        tree.items.append(Item(path: path, node: node))
      }
    } catch let error as RecordingError {
      throw error
    } catch let error as ArchiveError {
      throw RecordingError(path: name, cause: .damaged, reason: error.description)
    } catch {
      throw RecordingError(path: name, cause: .damaged, reason: "cannot be read")
    }
    return tree
  }

  /// An absolute path without `.`, empty components and a slash at its end. An absolute path of an
  /// archive made with `tar -P` starts at the root of the recording.
  static func normalised(
    _ path: String, in name: String, limits: RecordingLimits
  ) throws(RecordingError) -> String {
    if path.utf8.count > limits.path {
      throw refused(name, String(path.prefix(80)), "is a path of \(path.utf8.count) bytes")
    }
    var clean = ""
    clean.reserveCapacity(path.utf8.count + 1)
    for component in path.utf8.split(separator: 0x2f) {
      if component.elementsEqual(".".utf8) { continue }
      if component.elementsEqual("..".utf8) { throw refused(name, path, "leads out with '..'") }
      clean += "/"
      clean += Substring(component)
    }
    return clean.isEmpty ? "/" : clean
  }

  private static func tooLarge(_ name: String, _ what: String) -> RecordingError {
    RecordingError(path: name, cause: .tooLarge, reason: "the archive " + what)
  }

  private static func refused(_ name: String, _ path: String, _ what: String) -> RecordingError {
    RecordingError(path: name, cause: .refused, reason: "the entry \(shown(path)) \(what)")
  }

  /// A path as it may be printed: an archive can put control characters into a name.
  static func shown(_ path: String) -> String {
    String(
      String.UnicodeScalarView(
        path.unicodeScalars.prefix(120).map { $0.properties.generalCategory == .control ? "?" : $0 }
      ))
  }
}

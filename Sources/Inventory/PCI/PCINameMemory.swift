internal import Linux
internal import Synchronization

/// Names that were found in this machine's `pci.ids`, by the question.
///
/// Devices hardly ever change and the file changes with its package, but a daemon asks at each
/// reading, and the pass over the file's megabyte and a half is a third of it.
final class PCINameMemory: Sendable {
  static let shared = PCINameMemory()

  /// A machine is asked for the names on a screen, and for all. More are those of devices that
  /// came or went.
  private static let limit = 4

  private struct State {
    var file: FileStamp?
    var known: [PCINames.Wanted: PCINames.Resolved] = [:]
  }
  private let state = Mutex(State())

  /// The names of some ids.
  /// - Parameter text: reads the file.
  func resolve(_ wanted: PCINames.Wanted, text: () -> [UInt8]) -> PCINames.Resolved {
    // Taken before the file is read: should it be replaced meanwhile, it is read again next time.
    let file = PCINames.paths.lazy.compactMap { try? StampedFile.stamp($0) }.first
    let known = state.withLock { $0.file == file ? $0.known[wanted] : nil }
    if let known { return known }
    let found = PCINames.resolve(text: text(), wanted: wanted)
    state.withLock { state in
      if state.file != file || state.known.count >= PCINameMemory.limit { state.known = [:] }
      state.file = file
      state.known[wanted] = found
    }
    return found
  }
}

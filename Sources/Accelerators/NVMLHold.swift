package import Linux
internal import Synchronization

/// A session with NVML in which nothing is asked.
///
/// While one is open the driver keeps the cards initialised, and further sessions begin in a moment:
/// `nvmlInit` counts them. Without any, and without NVIDIA's persistence daemon, each question
/// initialises every card anew, which takes seconds and wakes them.
package final class NVMLHold: Sendable {
  private let session: Mutex<NVML?>

  /// Begins it.
  /// - Parameter library: a name for the loader, or a path.
  package init(library: String = NVML.library) throws(LibraryError) {
    session = Mutex(try NVML.open(library: library))
  }

  package func end() { session.withLock { $0 = nil } }
}

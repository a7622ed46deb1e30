internal import KernelTree
internal import Linux
internal import RuntimeCatalog
internal import Runtimes

/// Files that the owner writes for runtimes, and models that come and go (inotify).
final class RuntimeSource: EventSource {
  /// The folder above is watched too: the folder of runtimes may come later.
  private static let parent = "/etc/tinybox"
  /// The gateway's folder comes and goes with it.
  private static let run = "/run"
  private var watch: FolderWatch?

  var name: String? { "runtimes" }
  var descriptor: Int32? { watch?.descriptor }

  func open() throws -> String {
    let watch = try FolderWatch(includesWrites: true)
    self.watch = watch
    watchAgain()
    return "files of runtimes and models"
  }

  /// Each model has a folder of its own.
  private func watchAgain() {
    let models = KernelTree.live.namesIfPresent(Backend.models).filter {
      RuntimeName.modelProblem($0) == nil
    }
    let folders =
      [
        RuntimeSource.parent, RuntimeSource.run, RuntimeProgress.folder, RuntimeSpec.folder,
        Backend.models,
      ]
      + models.map(ModelRecord.folder)
    for folder in folders { _ = try? watch?.watch(folder) }
  }

  func read(_ tell: (Notification) -> Void) throws {
    var hasChanged = false
    var hasProgress = false
    for _ in 0..<EventLoop.turn {
      guard let notification = try watch?.next() else { break }
      switch notification {
      case .created(RuntimeSource.parent, let name), .deleted(RuntimeSource.parent, let name),
        .written(RuntimeSource.parent, let name):
        if "\(RuntimeSource.parent)/\(name)" == RuntimeSpec.folder { hasChanged = true }
      case .created(RuntimeSource.run, let name):
        if "\(RuntimeSource.run)/\(name)" == RuntimeProgress.folder { watchAgain() }
      case .deleted(RuntimeSource.run, _), .written(RuntimeSource.run, _): break
      case .created(RuntimeProgress.folder, RuntimeProgress.file): hasProgress = true
      case .created(RuntimeProgress.folder, _), .deleted(RuntimeProgress.folder, _),
        .written(RuntimeProgress.folder, _), .gone(RuntimeProgress.folder):
        break
      case .created, .deleted, .written, .gone, .overrun: hasChanged = true
      }
    }
    if hasProgress { tell(.runtimeProgress) }
    guard hasChanged else { return }
    watchAgain()
    tell(.runtimeFilesChanged)
  }

  func close() { watch = nil }
}

internal import KernelTree
internal import Linux
internal import Placement

/// Folders in which files come and go: the ledger's, where systemd keeps what is set at run time, and
/// control groups of containers that systemd does not manage.
final class FolderSource: EventSource {
  private static let units = "/run/systemd/system.control"
  private static let folders = [
    Ledger.folder, units, "/sys/fs/cgroup/docker", "/sys/fs/cgroup/libpod_parent",
  ]
  private var watch: FolderWatch?

  var name: String? { "folders" }
  var descriptor: Int32? { watch?.descriptor }

  func open() throws -> String {
    let watch = try FolderWatch()
    let found = try FolderSource.folders.filter { try watch.watch($0) }
    self.watch = watch
    return found.isEmpty ? "not one of them is there" : found.joined(separator: ", ")
  }

  /// Some come later: systemd makes its folder when the first property is set. Changing a property of
  /// a unit that has some changes what is in the unit's own folder only.
  func watchAgain() {
    guard let watch else { return }
    let units = KernelTree.live.namesIfPresent(FolderSource.units)
      .filter { $0.hasSuffix(".d") }.map { "\(FolderSource.units)/\($0)" }
    for folder in FolderSource.folders + units { _ = try? watch.watch(folder) }
  }

  func read(_ tell: (Notification) -> Void) throws {
    while let notification = try watch?.next() {
      switch notification {
      case .created(Ledger.folder, let name), .deleted(Ledger.folder, let name):
        if "\(Ledger.folder)/\(name)" == Ledger.path { tell(.ledgerWritten) }
      case .created(FolderSource.units, let name):
        tell(.machineChanged)
        _ = try watch?.watch("\(FolderSource.units)/\(name)")
      case .created, .deleted, .written, .gone, .overrun: tell(.machineChanged)
      }
    }
  }

  func close() { watch = nil }
}

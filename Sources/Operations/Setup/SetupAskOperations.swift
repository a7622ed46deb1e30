package import Base
internal import Inventory
internal import KernelTree
internal import Linux
package import Setup

/// What questions for the answers need of the machine, and writing the file.
package struct SetupAskOperations {
  private let root: String

  package init(root: String = "") { self.root = root }

  /// What is proposed. What cannot be read is not proposed.
  package func facts() -> SetupInterview.Facts {
    let machine = LiveSetupMachine(root: root)
    let reader = MachineReader()
    var gpus: Int?
    if let tree = try? reader.tree(), let inventory = try? reader.inventory(.all, of: tree) {
      gpus = inventory.gpus.count { $0.isBuiltIn != true }
    }
    // Drives are asked for once this version sets them up: 'drives' of SetupMachine.
    return SetupInterview.Facts(
      hostName: KernelTree.live.textIfPresent("/proc/sys/kernel/hostname"), gpus: gpus,
      hasWayIn: hasWayIn(machine))
  }

  private func hasWayIn(_ machine: LiveSetupMachine) -> Bool? {
    guard let access = try? machine.access() else { return nil }
    let file = (try? machine.text("/root/.ssh/authorized_keys")) ?? nil
    let keys = SetupKeys.plain(Array((file ?? "").utf8)).count
    if !access.ways(rootKeys: keys).isEmpty { return true }
    return access.isLockedOut(rootKeys: keys) ? false : nil
  }

  /// Whether there is something at a path.
  package static func exists(_ path: String) -> Bool {
    do throws(Errno) {
      _ = try StampedFile.stamp(path)
      return true
    } catch {
      return !error.isNotFound
    }
  }

  /// The text of a file of keys; nil where it cannot be read.
  package static func text(_ path: String) -> String? {
    var path = path
    if path.hasPrefix("~/"), let home = Terminal.environment("HOME") {
      path = home + path.dropFirst()
    }
    return (try? StampedFile.read(path, limit: SetupKeys.longest)).map {
      String(decoding: $0.bytes, as: UTF8.self)
    }
  }

  /// Writes the file, whole or not at all. It is its owner's alone: the address of a model may carry a secret.
  package static func write(_ text: String, to path: String) throws(Failure) {
    if path.hasSuffix(SetupFile.main) {
      FileMode.shareNewFiles()
      try DurableFile.makeFolder(String(path.dropLast("/setup.toml".count)))
    }
    do throws(Failure) {
      try DurableFile.write(
        Array(text.utf8), to: path, access: DurableFile.Access(mode: 0o600))
    } catch {
      throw Failure("write \(path)", error)
    }
  }
}

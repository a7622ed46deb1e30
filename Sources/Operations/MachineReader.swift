package import Base
internal import Health
package import Inventory
package import KernelTree
internal import Recordings

/// Reads a machine: the running one, or a recording of another.
package struct MachineReader: Sendable {
  /// A recording to replay in place of the live machine: a folder or an archive.
  package var sysroot: String?
  /// Record the path of each fact.
  package var sources = false
  /// Read serial numbers and hardware addresses.
  package var serials = false
  /// A `pci.ids` file to take names from; nil for the one that this machine has.
  package var pciIDs: String?

  /// A reader of the running machine, or of a recording.
  package init(sysroot: String? = nil) { self.sysroot = sysroot }

  /// The tree to read. A recording is read whole each time.
  package func tree() throws(Failure) -> KernelTree {
    guard let sysroot else { return .live }
    do throws(RecordingError) {
      return try RecordingLoader.open(sysroot)
    } catch {
      throw Failure(
        "open recording '\(sysroot)'", error,
        hint: "a recording is a folder or a tar archive with /sys or /proc in it; "
          + "'tinyboxctl capture' makes one")
    }
  }

  /// How to collect the given parts.
  package func options(
    _ parts: CollectionOptions.Parts
  ) throws(Failure) -> CollectionOptions {
    CollectionOptions(
      includeSerials: serials, recordSources: sources, pciNames: try names(), parts: parts)
  }

  /// The inventory of a tree.
  package func inventory(
    _ parts: CollectionOptions.Parts, of tree: KernelTree
  ) throws(Failure) -> Inventory {
    var inventory = InventoryReader.read(tree, options: try options(parts))
    number(&inventory, tree)
    return inventory
  }

  /// Numbers the GPUs by the profile in force. One that cannot be used is reported by who needs it; here
  /// the order of addresses is left.
  package func number(_ inventory: inout Inventory, _ tree: KernelTree) {
    if let profile = try? ProfileStore(tree).inForce() { inventory.numberGPUs(by: profile) }
  }

  private func names() throws(Failure) -> PCINames {
    guard let pciIDs else { return PCINames.ofThisMachine }
    do throws(ReadFailure) {
      return PCINames(text: try KernelTree.live.bytes(pciIDs, limit: 8 << 20))
    } catch {
      throw Failure("read \(pciIDs)", error, code: .usage)
    }
  }
}

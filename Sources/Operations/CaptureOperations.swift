internal import Base
package import Inventory
package import KernelTree
internal import Placement
package import Recordings

/// Records a machine, so that every command can replay it elsewhere.
package enum CaptureOperations {
  /// A recording, and what is on it.
  package struct Captured {
    /// What every command reads.
    package var recording: Recording
    /// The machine.
    package var inventory: Inventory
  }

  /// Records exactly what the other operations read.
  /// - Parameters:
  ///   - version: of the program, for the recording's header.
  ///   - redact: replace serial numbers, addresses and names by pseudonyms.
  package static func record(_ tree: KernelTree, version: String, redact: Bool) -> Captured {
    let source = RecordingSource(tree.source)
    let inventory = readEverything(KernelTree(source))
    var header = RecordingHeader.now(toolVersion: version)
    if let release = inventory.machine.kernel.release { header.kernelRelease = release }
    header.redacted = redact
    header.keepsModes = tree.keepsModes
    var recording = source.recording(header)
    recording.add(
      file: PCINames.paths[0],
      content: PCINames.subset(
        text: PCINames.read(tree) ?? PCINames.ofThisMachine.text,
        wanted: PCINames.Wanted(inventory.pci)))
    return Captured(recording: redact ? recording.redacted() : recording, inventory: inventory)
  }

  /// Runs every collection an operation makes: with fewer parts they read other, cheaper files.
  private static func readEverything(_ tree: KernelTree) -> Inventory {
    for parts: CollectionOptions.Parts in [.status, .interruptTable, .topology] {
      _ = InventoryReader.read(tree, options: CollectionOptions(pciNames: PCINames(), parts: parts))
    }
    _ = try? PolicyFiles.read(tree)
    _ = ServiceState.read(tree)
    _ = try? tree.bytes(Ledger.path)
    // What the box should have goes with it, so that a replay is compared with the same.
    _ = try? tree.bytes(ProfileStore.path)
    let inventory = InventoryReader.read(
      tree, options: CollectionOptions(includeSerials: true, pciNames: PCINames(), parts: .all))
    if let balancer = inventory.system.irqbalance {
      _ = PlacementOperations.banned(balancer.pid, tree)
    }
    return inventory
  }
}

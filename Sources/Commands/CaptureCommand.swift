internal import Apply
public import Base
internal import Inventory
internal import KernelTree
internal import Linux
internal import Placement
internal import Recordings

/// `tinyboxctl capture`.
public struct CaptureCommand: Sendable {
  /// A recording to record from in place of the live machine.
  public var sysroot: String?

  /// The command.
  public init(sysroot: String? = nil) { self.sysroot = sysroot }

  /// Records the machine and writes the archive.
  /// - Returns: a few lines for a person.
  public func run(file: String, redact: Bool, force: Bool) throws(Failure) -> String {
    let tree = try Session(sysroot: sysroot).tree()
    Output.progress("reading the machine ...")
    defer { Output.endProgress() }
    let source = RecordingSource(tree.source)
    let inventory = CaptureCommand.readEverything(KernelTree(source))
    var header = RecordingHeader.now(toolVersion: Version.text)
    if let release = inventory.machine.kernel.release { header.kernelRelease = release }
    header.redacted = redact
    header.keepsModes = tree.keepsModes
    var recording = source.recording(header)
    recording.add(
      file: PCINames.paths[0],
      content: PCINames.subset(
        text: PCINames.read(tree) ?? PCINames.ofThisMachine.text,
        wanted: PCINames.Wanted(inventory.pci)))
    if redact { recording = recording.redacted() }
    Output.progress("writing \(file) ...")
    do throws(RecordingError) {
      try CaptureWriter.write(recording, to: file, force: force)
    } catch {
      throw Failure(
        "write \(file)", error,
        hint: error.cause == .exists ? "--force replaces it" : nil)
    }
    return CaptureCommand.summary(file, inventory, redact: redact, isLive: tree.isLive)
  }

  /// Runs every collection a command makes: with fewer parts they read other, cheaper files.
  private static func readEverything(_ tree: KernelTree) -> Inventory {
    for parts in [StatusCommand.parts, InterruptsCommand.parts, TopologyCommand.parts] {
      _ = Collection.run(tree, options: CollectionOptions(pciNames: PCINames(), parts: parts))
    }
    _ = try? PolicyFiles.read(tree)
    _ = Surroundings.read(tree)
    _ = try? tree.bytes(Ledger.path)
    // What the box should have goes with it, so that a replay is held against the same.
    _ = try? tree.bytes(ProfileStore.path)
    let inventory = Collection.run(
      tree, options: CollectionOptions(includeSerials: true, pciNames: PCINames(), parts: .all))
    if let balancer = inventory.system.irqbalance {
      _ = PlacementCommand.banned(balancer.pid, tree)
    }
    return inventory
  }

  private static func summary(
    _ file: String, _ inventory: Inventory, redact: Bool, isLive: Bool
  ) -> String {
    var lines = [
      "\(file): \(inventory.pci.count) PCI functions, \(inventory.interrupts.count) interrupts"
    ]
    lines.append(
      redact
        ? "serial numbers, addresses and names are replaced; --no-redact keeps them"
        : "it holds serial numbers, addresses and names: think before you give it away")
    if isLive && !Terminal.isRoot {
      lines.append("not root: much is recorded as 'permission denied'; run it with sudo")
    }
    lines.append("replay it with: tinyboxctl status --sysroot \(file)")
    return lines.joined(separator: "\n") + "\n"
  }
}

public import Base
public import Inventory
public import KernelTree
internal import Recordings

/// What every reading command shares: the tree to read, how to collect and how to print.
public struct Session: Sendable {
  /// A recording to replay in place of the live machine: a folder or an archive.
  public var sysroot: String?
  /// Print JSON.
  public var json: Bool
  /// Record the path of each fact.
  public var sources: Bool
  /// Read serial numbers and hardware addresses.
  public var serials: Bool
  /// A `pci.ids` file to take names from.
  public var pciIDs: String?

  /// Where facts come from, when no recording is replayed.
  public var source: FactSource
  /// Say on standard error where the facts come from.
  public var isVerbose: Bool

  /// A session.
  public init(
    sysroot: String? = nil, json: Bool = false, sources: Bool = false, serials: Bool = false,
    pciIDs: String? = nil, source: FactSource = .machine, isVerbose: Bool = false
  ) {
    self.source = source
    self.isVerbose = isVerbose
    self.sysroot = sysroot
    self.json = json
    self.sources = sources
    self.serials = serials
    self.pciIDs = pciIDs
  }

  /// The tree to read.
  public func tree() throws(Failure) -> KernelTree {
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
  public func options(
    _ parts: CollectionOptions.Parts
  ) throws(Failure) -> CollectionOptions {
    CollectionOptions(
      includeSerials: serials, recordSources: sources, pciNames: try names(), parts: parts)
  }

  /// The inventory of the tree.
  /// - Parameter known: the tree, where it is open already: a recording is read whole each time.
  public func inventory(
    _ parts: CollectionOptions.Parts = .all, of known: KernelTree? = nil
  ) throws(Failure) -> Inventory {
    // What costs time is left out where nobody needs it.
    let detail = StatusCommand.parts.isSuperset(of: parts) ? "quick" : "full"
    let told = try fromDaemon {
      try DaemonClient.document(Inventory.self, "/v1/inventory?detail=\(detail)")
    }
    if let told { return told }
    let options = try options(parts)
    if let known { return Collection.run(known, options: options) }
    return Collection.run(try tree(), options: options)
  }

  /// Names from the file asked for, else from the one this machine has.
  private func names() throws(Failure) -> PCINames {
    guard let pciIDs else { return PCINames.ofThisMachine }
    do throws(ReadFailure) {
      return PCINames(text: try KernelTree.live.bytes(pciIDs, limit: 8 << 20))
    } catch {
      throw Failure("read \(pciIDs)", error, code: .usage)
    }
  }
}

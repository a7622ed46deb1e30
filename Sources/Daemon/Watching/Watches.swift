internal import Apply
internal import Documents
internal import KernelTree
internal import Linux
internal import Placement
internal import Systemd

/// Everything that tells the daemon of changes, so that it need not look for them.
///
/// Each source works or does not by itself; one that does not is told once, and what it would have
/// told is found at the interval of the checks. Belongs to the main thread.
final class Watches {
  private var devices: DeviceMonitor?
  private var links: LinkMonitor?
  private var units: BusSignals?
  private var writes: SettingWatch?
  private var folders: FolderWatch?
  private var programs: FileWatch?
  /// Where irqbalance runs without a unit, nothing else tells of its end.
  private var balancer: ProcessEnd?

  /// Devices that come and go: what placement is about.
  private static let subsystems = ["pci", "net", "nvme", "drm", "accel", "cpu", "node"]
  /// Where systemd keeps what is set at run time.
  private static let unitFolder = "/run/systemd/system.control"
  /// The ledger's, that one, and control groups of containers that systemd
  /// does not manage.
  private static let watchedFolders = [
    Ledger.folder, unitFolder, "/sys/fs/cgroup/docker",
    "/sys/fs/cgroup/libpod_parent",
  ]
  /// Where distributions keep irqbalance, and where it is put by hand. Its unit does not tell when it
  /// runs: systemd calls a simple service started before its process is that program, with its mounts.
  private static let balancers = [
    "/usr/sbin/irqbalance", "/usr/bin/irqbalance", "/usr/local/sbin/irqbalance",
  ]
  /// Notices of one source that are taken at once. Who writes without a pause makes them faster than
  /// they are read: the rest waits for the next turn of the loop, in which everything else has one.
  private static let turn = 256
  /// Seconds between two tries to reach the bus.
  static let reconnectSeconds = 30.0

  /// Opens all.
  func open(_ core: Core) {
    attempt("devices", core) {
      let monitor = try DeviceMonitor(subsystems: Watches.subsystems)
      devices = monitor
      return "PCI, network, NVMe and GPU devices, told by \(monitor.source.rawValue)"
    }
    attempt("links", core) {
      links = try LinkMonitor()
      return "network interfaces, told by the kernel (rtnetlink)"
    }
    attempt("settings", core) {
      writes = try SettingWatch()
      return "writes to settings that are placed, told by the kernel (fanotify)"
    }
    attempt("folders", core) {
      let watch = try FolderWatch()
      let found = try Watches.watchedFolders.filter { try watch.watch($0) }
      folders = watch
      return found.isEmpty ? "none of them is there" : found.joined(separator: ", ")
    }
    attempt("programs", core) {
      programs = try FileWatch(for: .execution)
      return "starts of irqbalance, told by the kernel (fanotify)"
    }
    connect(core)
  }

  /// Connects to the bus; tried again later when that fails.
  func connect(_ core: Core) {
    units = nil
    attempt("units", core) {
      units = try Watches.signals()
      return "units and scopes of systemd"
    }
    if units == nil { core.agenda.set(.bus, at: Clock.seconds() + Watches.reconnectSeconds) }
  }

  /// The bus, or systemd itself while there is no bus yet.
  private static func signals() throws(LibraryError) -> BusSignals {
    // Asked on a thread of its own, with a deadline: a bus that hangs is not to stop this one.
    _ = try UnitProperties.isLoaded("-.slice")
    do throws(LibraryError) {
      return try BusSignals(SystemBus.open(), isBus: true)
    } catch {
      let direct = try SystemBus.open(address: SystemBus.managerAddress, isBus: false)
      return try BusSignals(direct, isBus: false)
    }
  }

  /// What to poll, in the order in which `handle` takes it.
  var interests: [(descriptor: Int32, write: Bool)] {
    [
      (devices?.descriptor ?? -1, false), (links?.descriptor ?? -1, false),
      (writes?.descriptor ?? -1, false), (folders?.descriptor ?? -1, false),
      (unitDescriptor, unitWantsWriting), (balancerDescriptor, false),
      (programs?.descriptor ?? -1, false),
    ]
  }

  // A noncopyable value in an optional is looked at in place.
  private var unitDescriptor: Int32 {
    switch units {
    case .some(let signals): signals.descriptor
    case .none: -1
    }
  }
  private var unitWantsWriting: Bool {
    switch units {
    case .some(let signals): signals.wantsWriting
    case .none: false
    }
  }

  private var balancerPID: Int32? {
    switch balancer {
    case .some(let process): process.pid
    case .none: nil
    }
  }
  private var balancerDescriptor: Int32 {
    switch balancer {
    case .some(let process): process.descriptor
    case .none: -1
    }
  }

  /// Seconds after which the bus library wants to be called; nil when it does not.
  var seconds: Double? {
    switch units {
    case .some(let signals): signals.seconds
    case .none: nil
    }
  }

  /// Takes what came on the descriptors that are ready.
  func handle(_ ready: [Bool], _ core: Core) {
    if ready[0] { readDevices(core) }
    if ready[1] { readLinks(core) }
    if ready[2] { readWrites(core) }
    if ready[3] { readFolders(core) }
    readUnits(core)
    if ready[5] {
      balancer = nil
      core.noticeChange()
    }
    if ready[6] { readPrograms(core) }
  }

  /// Watches the writers of these files, and no others.
  func watch(_ paths: Set<String>, irqbalance: Int?) {
    let pid = irqbalance.flatMap(Int32.init(exactly:))
    writes?.set(paths, irqbalance: pid)
    if balancerPID != pid { balancer = pid.flatMap { try? ProcessEnd($0) } }
    for program in Watches.balancers { try? programs?.watch(program) }
    // Some come later: systemd makes its folder when the first property is set.
    // Changing a property of a unit that has some changes what is in the unit's own folder only.
    let control = Watches.unitFolder
    let units = KernelTree.live.namesIfPresent(control).filter { $0.hasSuffix(".d") }
    for folder in Watches.watchedFolders + units.map({ "\(control)/\($0)" }) {
      _ = try? folders?.watch(folder)
    }
  }

  // MARK: reading

  private func readDevices(_ core: Core) {
    attempt("devices", core) {
      for _ in 0..<Watches.turn {
        guard let notice = try devices?.next() else { break }
        switch notice {
        case .overrun: core.noticeChange()
        case .event(let event):
          // Queues and classes of a device come with it.
          if event.action != "change" || event.subsystem == "drm" { core.noticeChange() }
        }
      }
      return nil
    } failed: {
      devices = nil
    }
  }

  private func readLinks(_ core: Core) {
    attempt("links", core) {
      if try links?.drain() == true { core.noticeChange() }
      return nil
    } failed: {
      links = nil
    }
  }

  func readWrites(_ core: Core) {
    attempt("settings", core) {
      for _ in 0..<Watches.turn {
        guard let notice = try writes?.next() else { break }
        switch notice {
        case .used(let path, let pid):
          core.noticeWrite(path, by: pid.map { ProcessNames.describe($0) })
        case .missed: core.noticeChange()
        }
      }
      return nil
    } failed: {
      writes = nil
    }
  }

  private func readPrograms(_ core: Core) {
    attempt("programs", core) {
      for _ in 0..<Watches.turn {
        guard try programs?.next() != nil else { break }
        core.noticeBalancer(looks: 3)
      }
      return nil
    } failed: {
      programs = nil
    }
  }

  private func readFolders(_ core: Core) {
    attempt("folders", core) {
      while let notice = try folders?.next() {
        switch notice {
        case .created(Ledger.folder, let name), .deleted(Ledger.folder, let name):
          if "\(Ledger.folder)/\(name)" == Ledger.path { core.noticeLedger() }
        case .created(Watches.unitFolder, let name):
          _ = try folders?.watch("\(Watches.unitFolder)/\(name)")
          core.noticeChange()
        case .created, .deleted, .gone, .overrun: core.noticeChange()
        }
      }
      return nil
    } failed: {
      folders = nil
    }
  }

  private func readUnits(_ core: Core) {
    guard unitDescriptor >= 0 else { return }
    do throws(LibraryError) {
      for _ in 0..<Watches.turn {
        guard let signal = try units?.next() else { break }
        switch UnitFilter.meaning(signal) {
        case .change: core.noticeChange()
        // It may be its end.
        case .balancer: core.noticeBalancer(looks: 1)
        case .nothing: break
        }
      }
    } catch {
      units = nil
      core.noticeWatch(.init(name: "units", isActive: false, note: "\(error)"))
      core.agenda.set(.bus, at: Clock.seconds() + 1)
    }
  }

  /// Runs a step on a source, and tells what came of it.
  /// - Parameter body: returns what the source watches, nil when that is known.
  private func attempt(
    _ name: String, _ core: Core, _ body: () throws -> String?, failed: () -> Void = {}
  ) {
    do {
      if let note = try body() {
        core.noticeWatch(.init(name: name, isActive: true, note: note))
      }
    } catch {
      failed()
      core.noticeWatch(.init(name: name, isActive: false, note: "\(error)"))
    }
  }
}

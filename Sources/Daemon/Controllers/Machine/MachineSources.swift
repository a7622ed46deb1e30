internal import Linux
internal import Systemd

/// Devices that come and go, reported by udev or by the kernel.
final class DeviceSource: EventSource {
  /// What placement is about.
  private static let subsystems = ["pci", "net", "nvme", "drm", "accel", "cpu", "node"]
  private var monitor: DeviceMonitor?

  var name: String? { "devices" }
  var descriptor: Int32? { monitor?.descriptor }

  func open() throws -> String {
    let monitor = try DeviceMonitor(subsystems: DeviceSource.subsystems)
    self.monitor = monitor
    return "PCI, network, NVMe and GPU devices, reported by \(monitor.source.rawValue)"
  }

  func read(_ tell: (Notification) -> Void) throws {
    for _ in 0..<EventLoop.turn {
      guard let notification = try monitor?.next() else { break }
      switch notification {
      case .overrun: tell(.machineChanged)
      case .event(let event):
        // Queues and classes of a device come with it.
        if event.action != "change" || event.subsystem == "drm" { tell(.machineChanged) }
      }
    }
  }

  func close() { monitor = nil }
}

/// Network interfaces that come, go and change, reported by the kernel.
final class LinkSource: EventSource {
  private var monitor: LinkMonitor?

  var name: String? { "links" }
  var descriptor: Int32? { monitor?.descriptor }

  func open() throws -> String {
    monitor = try LinkMonitor()
    return "network interfaces, reported by the kernel (rtnetlink)"
  }

  func read(_ tell: (Notification) -> Void) throws {
    if try monitor?.drain() == true { tell(.machineChanged) }
  }

  func close() { monitor = nil }
}

/// Starts of irqbalance, reported by the kernel. Its unit does not show when it runs: systemd calls
/// a simple service started before its process is that program, with its mounts.
final class ProgramSource: EventSource {
  /// Where distributions keep irqbalance, and where it is put by hand.
  private static let programs = [
    "/usr/sbin/irqbalance", "/usr/bin/irqbalance", "/usr/local/sbin/irqbalance",
  ]
  private var watch: FileWatch?

  var name: String? { "programs" }
  var descriptor: Int32? { watch?.descriptor }

  func open() throws -> String {
    watch = try FileWatch(for: .execution)
    return "starts of irqbalance, reported by the kernel (fanotify)"
  }

  /// It may have been installed since.
  func watchAgain() {
    for program in ProgramSource.programs { try? watch?.watch(program) }
  }

  func read(_ tell: (Notification) -> Void) throws {
    for _ in 0..<EventLoop.turn {
      guard try watch?.next() != nil else { break }
      tell(.irqbalanceStarting(readings: 3))
    }
  }

  func close() { watch = nil }
}

/// The end of irqbalance: where it runs without a unit, nothing else reports it.
final class ProcessEndSource: EventSource {
  private var process: ProcessEnd?

  // A noncopyable value in an optional is looked at in place.
  var descriptor: Int32? {
    switch process {
    case .some(let process): process.descriptor
    case .none: nil
    }
  }
  private var pid: Int32? {
    switch process {
    case .some(let process): process.pid
    case .none: nil
    }
  }

  /// Watches this process and no other.
  func watch(_ pid: Int32?) {
    if pid != self.pid { process = pid.flatMap { try? ProcessEnd($0) } }
  }

  func read(_ tell: (Notification) -> Void) {
    process = nil
    tell(.machineChanged)
  }
}

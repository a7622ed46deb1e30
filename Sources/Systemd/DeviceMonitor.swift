internal import CSystemd
internal import Glibc
package import Linux

/// What a device monitor reports.
package enum DeviceNotice: Hashable, Sendable {
  /// Something happened to a device.
  case event(DeviceEvent)
  /// Events came faster than they were read and some are lost: look at everything again.
  case overrun
}

/// An event of a device (uevent).
package struct DeviceEvent: Hashable, Sendable {
  /// `add`, `remove`, `change`, `move`, `online`, `offline`, `bind` or `unbind`.
  package var action: String
  /// `pci`, `net`, `nvme`, `drm`.
  package var subsystem: String
  /// The last part of the path: `0000:41:00.0`, `eth0`.
  package var sysname: String
  /// The device's folder below `/sys`, which is gone after `remove`.
  package var syspath: String
  /// Its driver where the event names one: `bind` of pci does, `unbind` does not.
  package var driver: String?

  /// An event of a device.
  package init(
    action: String, subsystem: String, sysname: String, syspath: String, driver: String? = nil
  ) {
    self.action = action
    self.subsystem = subsystem
    self.sysname = sysname
    self.syspath = syspath
    self.driver = driver
  }
}

/// Reports devices that come, go and change, with libudev's monitor.
///
/// Events come from udev once it has renamed, linked and set up the device; where udev does not
/// run they come from the kernel, before anything of that is done. libudev and not
/// the newer sd-device: the monitor of that one gives events only to an sd-event loop.
///
/// Monitor and events belong to one thread.
@safe
package final class DeviceMonitor {
  /// Who reports an event.
  package enum Source: String, Sendable {
    /// udev, after its rules.
    case udev
    /// The kernel, before them.
    case kernel
  }

  /// The name under which systemd installs the library.
  package static let library = "libudev.so.1"
  /// There while udev runs (systemd-udevd.service(8)).
  package static let udevControl = "/run/udev/control"
  /// Bytes for events that wait. udev itself asks for as much.
  static let bufferSize: Int32 = 128 << 20

  /// Who reports events here.
  package let source: Source
  /// Becomes readable when an event has come.
  package let descriptor: Int32
  private let calls: tbx_udev_calls
  private let context: OpaquePointer
  private let monitor: OpaquePointer

  /// Starts to listen.
  /// - Parameters:
  ///   - subsystems: of which devices; empty is all.
  ///   - source: who is to report; nil is udev if it runs, else the kernel.
  ///   - library: a name for the loader, or a path.
  ///   - bufferSize: bytes for events that wait; beyond the system's limit only for root.
  /// - Throws: `LibraryError` with the call that failed.
  package init(
    subsystems: [String], source: Source? = nil, library: String = DeviceMonitor.library,
    bufferSize: Int32? = nil
  ) throws(LibraryError) {
    let calls = try unsafe LibraryLoader.load(library, tbx_udev_open)
    let isRunning = unsafe access(DeviceMonitor.udevControl, F_OK) == 0
    let source = source ?? (isRunning ? .udev : .kernel)
    guard let context = unsafe calls.udev_new() else {
      throw DeviceMonitor.failure("udev_new", -errno)
    }
    guard let monitor = unsafe calls.udev_monitor_new_from_netlink(context, source.rawValue) else {
      let failure = DeviceMonitor.failure("udev_monitor_new_from_netlink", -errno)
      _ = unsafe calls.udev_unref(context)
      throw failure
    }
    // Released with this value, whatever fails below.
    self.calls = calls
    unsafe self.context = unsafe context
    unsafe self.monitor = unsafe monitor
    self.source = source
    descriptor = unsafe calls.udev_monitor_get_fd(monitor)
    for subsystem in subsystems {
      let status = unsafe calls.udev_monitor_filter_add_match_subsystem_devtype(
        monitor, subsystem, nil)
      if status < 0 { throw DeviceMonitor.failure("filter for \(subsystem)", status) }
    }
    // Without privileges the system's limit stays: then an overrun comes sooner, and is reported.
    _ = unsafe calls.udev_monitor_set_receive_buffer_size(
      monitor, bufferSize ?? DeviceMonitor.bufferSize)
    let status = unsafe calls.udev_monitor_enable_receiving(monitor)
    if status < 0 { throw DeviceMonitor.failure("udev_monitor_enable_receiving", status) }
  }

  deinit {
    _ = unsafe calls.udev_monitor_unref(monitor)
    _ = unsafe calls.udev_unref(context)
  }

  /// What has come; nil when there is nothing more for now.
  /// - Throws: `LibraryError` when the socket is broken; a new monitor is needed then.
  package func next() throws(LibraryError) -> DeviceNotice? {
    while true {
      errno = 0
      if let device = unsafe calls.udev_monitor_receive_device(monitor) {
        defer { _ = unsafe calls.udev_device_unref(device) }
        return unsafe .event(event(device))
      }
      switch errno {
      case 0, EAGAIN: return nil
      case ENOBUFS: return .overrun
      case EBADF, ENOTSOCK, ENOTCONN, ENOMEM:
        throw DeviceMonitor.failure("udev_monitor_receive_device", -errno)
      default:
        // A message that is none, or from someone who may not send any: the library has taken it
        // off the socket and answers with an error. The next one may be good.
        if !hasMore() { return nil }
      }
    }
  }

  private func hasMore() -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, 0) > 0
  }

  private func event(_ device: OpaquePointer) -> DeviceEvent {
    func text(_ words: UnsafePointer<CChar>?) -> String? {
      unsafe words.map { unsafe String(cString: $0) }
    }
    return unsafe DeviceEvent(
      action: text(calls.udev_device_get_action(device)) ?? "",
      subsystem: text(calls.udev_device_get_subsystem(device)) ?? "",
      sysname: text(calls.udev_device_get_sysname(device)) ?? "",
      syspath: text(calls.udev_device_get_syspath(device)) ?? "",
      driver: text(calls.udev_device_get_property_value(device, "DRIVER")))
  }

  private static func failure(_ call: String, _ status: Int32) -> LibraryError {
    unsafe .status(call: call, code: Int(status), meaning: String(cString: strerror(-status)))
  }
}

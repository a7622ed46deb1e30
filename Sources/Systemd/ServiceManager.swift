package import Base
internal import CLinux
internal import Glibc
internal import Linux

/// What a service and systemd report to each other: sd_notify(3), sd_watchdog_enabled(3) and
/// sd_listen_fds(3).
///
/// The protocols are spoken directly. systemd documents them as stable and shows implementations
/// without its library (sd_notify(3), "Standalone Implementations").
package struct ServiceManager: Sendable {
  /// Where systemd listens: a path, or `@` and an abstract name. Nil when nothing started this
  /// process as a service that reports.
  package let socket: String?
  /// Within how many seconds `WATCHDOG=1` must follow the one before, or systemd takes the service
  /// for hung; nil when it does not watch. Send it twice as often.
  package let watchdogSeconds: Double?
  private let passed: [(descriptor: Int32, name: String)]

  /// What the environment says. Read once, so that changes of it by other threads do not matter.
  /// - Parameters:
  ///   - environment: the value of a variable.
  ///   - pid: the process this is for, nil is this one; what is meant for another is not taken.
  package init(
    environment: (String) -> String? = { Terminal.environment($0) }, pid: Int32? = nil
  ) {
    let pid = pid ?? getpid()
    func isOurs(_ name: String) -> Bool? { environment(name).map { $0 == "\(pid)" } }
    socket = environment("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
    let limit = environment("WATCHDOG_USEC").flatMap(UInt64.init)
    // Without WATCHDOG_PID it is for every process that has it.
    let isWatched = isOurs("WATCHDOG_PID") ?? true
    watchdogSeconds = limit.flatMap { $0 > 0 && isWatched ? Double($0) / 1e6 : nil }
    passed = isOurs("LISTEN_PID") == true ? ServiceManager.passed(environment) : []
  }

  private static func passed(
    _ environment: (String) -> String?
  ) -> [(descriptor: Int32, name: String)] {
    guard let count = environment("LISTEN_FDS").flatMap(Int32.init), count > 0, count < 1 << 16
    else { return [] }
    let names = (environment("LISTEN_FDNAMES") ?? "")
      .split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return (0..<count).map { index in
      let name = names.count == Int(count) ? names[Int(index)] : ""
      // SD_LISTEN_FDS_START is 3.
      return (3 + index, name.isEmpty ? "unknown" : name)
    }
  }

  /// The sockets that systemd opened for this process, with their names (`FileDescriptorName=`), and what it has
  /// kept for it.
  /// They are made to close when another program is started; nothing else about them changes.
  /// - Throws: `Failure` when one of them is not open.
  package func listenDescriptors() throws(Failure) -> [(descriptor: Int32, name: String)] {
    for (descriptor, name) in passed where tbx_close_on_exec(descriptor) != 0 {
      throw Failure("take over the socket \(descriptor) (\(name))", Errno(errno))
    }
    return passed
  }

  /// Notifies systemd; does nothing where it does not listen.
  /// - Parameter assignments: of sd_notify(3), for example `READY=1`.
  /// - Throws: `Failure` with path and cause.
  package func notify(_ assignments: [String]) throws(Failure) { try send(assignments) }

  /// Gives systemd a copy of a descriptor to keep until the service is stopped for good: the next start of it gets
  /// it back among `listenDescriptors`. Takes `FileDescriptorStoreMax=`; does nothing where systemd does not listen.
  /// - Parameter name: at most 255 characters, without control characters and colons.
  package func keep(_ descriptor: Int32, as name: String) throws(Failure) {
    try send(["FDSTORE=1", "FDNAME=\(name)"], descriptor)
  }

  /// Lets systemd close what it keeps under a name.
  package func forget(_ name: String) throws(Failure) {
    try send(["FDSTOREREMOVE=1", "FDNAME=\(name)"])
  }

  private func send(_ assignments: [String], _ attached: Int32 = -1) throws(Failure) {
    guard let socket, !assignments.isEmpty else { return }
    let descriptor = tbx_datagrams()
    guard descriptor >= 0 else {
      throw Failure("make a socket to notify systemd", Errno(errno))
    }
    defer { close(descriptor) }
    // One assignment a line: a line break inside would start another.
    let lines = assignments.map { assignment in
      String(decoding: assignment.utf8.map { $0 == 0x0a ? 0x20 : $0 }, as: UTF8.self)
    }
    let bytes = Array(lines.joined(separator: "\n").utf8)
    let failure = unsafe bytes.withUnsafeBytes {
      unsafe tbx_send_to(descriptor, socket, $0.baseAddress, $0.count, attached)
    }
    if failure != 0 { throw Failure("notify systemd at \(socket)", Errno(failure)) }
  }

  /// `READY=1`: started, or settings read again. With a line for `systemctl status`.
  package static func ready(status: String) -> [String] { ["READY=1", "STATUS=\(status)"] }

  /// `RELOADING=1` with the time that `Type=notify-reload` wants beside it, microseconds on
  /// CLOCK_MONOTONIC. `ready` ends it.
  package static func reloading() -> [String] {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return ["RELOADING=1", "MONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)"]
  }

  /// `STOPPING=1`.
  package static let stopping = ["STOPPING=1"]
  /// `WATCHDOG=1`: alive.
  package static let alive = ["WATCHDOG=1"]

  /// `STATUS=`: one line for `systemctl status`.
  package static func status(_ text: String) -> [String] { ["STATUS=\(text)"] }
}

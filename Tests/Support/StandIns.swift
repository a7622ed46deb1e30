internal import Linux
import Base
public import Foundation
import Glibc

/// A folder of one test's, which removes it.
public func temporaryPath() throws -> String { try Project.temporaryFolder().path }

/// Removes a folder with all that is in it.
public func removeFolder(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }

/// Why a test could not be set up.
public struct Failed: Error {
  /// What failed.
  public var step: String

  /// A step that failed.
  public init(step: String) { self.step = step }
}

/// Runs a line in a shell that is a process of its own and waits for its end.
/// - Returns: the shell's process id.
@discardableResult public func shell(_ line: String) throws -> Int32 {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/bin/sh")
  process.arguments = ["-c", line]
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle.nullDevice
  process.standardError = FileHandle.nullDevice
  try process.run()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else { throw Failed(step: line) }
  return process.processIdentifier
}

/// Runs a line that leaves programs running. `Process` would wait for the end of those too.
public func background(_ line: String) throws {
  guard system("{ \(line); } </dev/null 2>/dev/null") == 0 else { throw Failed(step: line) }
}

/// Builds a stand-in of `Tests/Stubs` into a folder.
public func build(_ stub: String, in folder: String, _ flags: String = "") throws -> String {
  let source = Project.tests.appendingPathComponent("Stubs/\(stub).c").path
  try shell("cc -o '\(folder)/\(stub)' '\(source)' \(flags)")
  return "\(folder)/\(stub)"
}

/// Runs a body on a thread of its own, for what a thread keeps: namespaces, blocked signals.
public func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws
  -> Value
{
  let done = DispatchSemaphore(value: 0)
  let box = Box<Result<Value, any Error>>()
  let thread = Thread {
    box.value = Result { try body() }
    done.signal()
  }
  thread.start()
  done.wait()
  guard let value = box.value else { throw Failed(step: "thread") }
  return try value.get()
}

/// Does something after a while, on a thread of its own: tasks share one thread a CPU, and tests that block may
/// hold those for minutes.
/// - Returns: waits until it is done, and gives the time of that by `Clock`.
public func after(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> () -> Double {
  let done = DispatchSemaphore(value: 0)
  let time = Box<Double>()
  Thread.detachNewThread {
    Clock.sleep(seconds: seconds)
    body()
    time.value = Clock.seconds()
    done.signal()
  }
  return {
    done.wait()
    return time.value ?? .nan
  }
}

/// What a thread leaves; the semaphore orders the accesses.
private final class Box<Value>: @unchecked Sendable {
  var value: Value?
}

/// Waits until something holds; false when it does not within a minute, which only a fault takes.
public func eventually(_ holds: () throws -> Bool) rethrows -> Bool {
  // Counted: a machine that stands still for a while does not use the time up.
  for _ in 0..<6000 {
    if try holds() { return true }
    usleep(10_000)
  }
  return false
}

/// The same, without a thread that waits.
public func eventuallyAsync(
  isolation: isolated (any Actor)? = #isolation, _ holds: () async throws -> Bool
) async rethrows -> Bool {
  for _ in 0..<6000 {
    if try await holds() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}

/// Waits until a descriptor can be read; false when nothing came within a minute.
public func isReadable(_ descriptor: Int32) throws -> Bool {
  var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  let status = poll(&entry, 1, 60_000)
  guard status >= 0 else { throw Failed(step: "poll: \(errno)") }
  return status > 0
}

/// Fills the address of a Unix socket.
public func withAddress<Value>(
  _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  var bytes = Array(path.utf8)
  if bytes.first == 0x40 { bytes[0] = 0 }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  let size = socklen_t(2 + bytes.count + (path.hasPrefix("@") ? 0 : 1))
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
  }
}

/// A bound socket of the Unix family, closed with this value.
public final class BoundSocket: Sendable {
  /// The socket.
  public let descriptor: Int32

  /// Binds a path, or with `@` in front an abstract name.
  public init(_ path: String, stream: Bool = false) throws {
    let type = stream ? SOCK_STREAM : SOCK_DGRAM
    descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
    guard withAddress(path, { bind(descriptor, $0, $1) }) == 0 else {
      throw Failed(step: "bind \(path): \(errno)")
    }
    if stream, listen(descriptor, 8) != 0 { throw Failed(step: "listen \(path)") }
  }

  deinit { close(descriptor) }

  /// A datagram, and the descriptor that came with it.
  public func datagram() throws -> (bytes: [UInt8], attached: Int32?) {
    guard try isReadable(descriptor) else { throw Failed(step: "nothing came") }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    var control = [UInt8](repeating: 0, count: 64)
    let room = bytes.count
    var header = msghdr()
    let count = bytes.withUnsafeMutableBytes { bytes in
      control.withUnsafeMutableBytes { control in
        var vector = iovec(iov_base: bytes.baseAddress, iov_len: room)
        return withUnsafeMutablePointer(to: &vector) { vector in
          header.msg_iov = vector
          header.msg_iovlen = 1
          header.msg_control = control.baseAddress
          header.msg_controllen = control.count
          return recvmsg(descriptor, &header, 0)
        }
      }
    }
    guard count >= 0 else { throw Failed(step: "recvmsg \(errno)") }
    // struct cmsghdr: size of 64 bits, level, type, then the descriptor.
    let attached =
      header.msg_controllen >= 20
      ? control.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) } : nil
    return (Array(bytes.prefix(count)), attached)
  }
}

internal import Base
internal import CLinux
internal import Glibc
internal import Linux

// The few system calls behind every source that reads files. `hostPath` is where the file lies on
// this machine, `path` what the kernel of the recorded machine called it: errors carry the latter.

/// Reads a pseudo-file whole, without asking for its size first: sysfs says 4096 and procfs 0.
package func readWhole(hostPath: String, _ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
  let descriptor = unsafe tbx_open_read(hostPath)
  guard descriptor >= 0 else { throw ReadFailure(path: request.path, errno: .last) }
  defer { close(descriptor) }
  var content: [UInt8] = []
  var failure: Int32 = 0
  var capacity = 4096
  // A sysfs attribute arrives whole in one read (kernel fs/sysfs/file.c): the second one, which
  // only says "no more", is most of the cost of a sweep. Sequence files give a record at a time.
  let isOneValue =
    request.path.hasPrefix("/sys/") && !request.path.hasPrefix("/sys/fs/")
    && !request.path.hasPrefix("/sys/kernel/debug/")
  // An ordinary file says how large it is: one read, one buffer.
  if !request.path.hasPrefix("/sys/"), !request.path.hasPrefix("/proc/") {
    var info = stat()
    if unsafe fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG {
      capacity = max(capacity, min(Int(info.st_size) + 1, request.limit))
    }
  }
  while true {
    // One byte more than allowed distinguishes a file at the limit from a larger one.
    let room = max(request.limit, -1) - content.count
    let wanted = room < capacity ? room + 1 : capacity
    if wanted <= 0 { throw ReadFailure(path: request.path, cause: .tooLarge(limit: request.limit)) }
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      count = 0
      while true {
        let received = unsafe read(descriptor, buffer.baseAddress, wanted)
        if received < 0 && errno == EINTR { continue }
        if received < 0 { failure = errno } else { count = received }
        return
      }
    }
    if failure != 0 { throw ReadFailure(path: request.path, errno: Errno(failure)) }
    if chunk.isEmpty { break }
    if content.isEmpty { content = chunk } else { content += chunk }
    if chunk.count < wanted && isOneValue { break }
    capacity = max(4096, min(capacity * 2, 1 << 20))
  }
  if content.count > request.limit {
    throw ReadFailure(path: request.path, cause: .tooLarge(limit: request.limit))
  }
  return content
}

/// The names in a folder, without `.` and `..`.
package func listNames(hostPath: String, _ path: String) throws(ReadFailure) -> [String] {
  do throws(Errno) {
    return try FolderNames.list(hostPath)
  } catch {
    throw ReadFailure(path: path, errno: error)
  }
}

package func readLinkText(hostPath: String, _ path: String) throws(ReadFailure) -> String {
  do throws(Errno) {
    return try LinkText.read(hostPath)
  } catch {
    // EINVAL: it exists and is no link.
    throw ReadFailure(path: path, errno: error == .EINVAL ? .ENOENT : error)
  }
}

/// Type and permissions, links not followed.
package func lstatOf(hostPath: String, _ path: String) throws(ReadFailure) -> FileStatus {
  var info = stat()
  guard unsafe lstat(hostPath, &info) == 0 else { throw ReadFailure(path: path, errno: .last) }
  let kind: FileStatus.Kind =
    switch info.st_mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    case S_IFLNK: .link
    default: .other
    }
  return FileStatus(kind: kind, permissions: UInt16(info.st_mode & 0o777))
}

package import Base
internal import CLinux
internal import Glibc

/// What a watch of files reports.
package enum FileNotice: Hashable, Sendable {
  /// A process used a watched file as `Use` says. Several uses by one process that were not read
  /// yet are one. No process when it is in a PID namespace that this one does not see.
  case used(path: String, pid: Int32?)
  /// Some notices are lost: too many waited, or a file could not be named.
  case missed(String)
}

/// Reports who writes to which file of `/proc`, `/sys` or a disk, or who executes it (fanotify(7)).
///
/// A mark sits on the inode. sysfs finds the same inode again as long as something holds it, and
/// the mark does; procfs makes a new one, without mark, once memory is short and the name has been
/// dropped from the cache. So an O_PATH descriptor of each file is kept open, which holds the name
/// too. It does not call the open of the file's driver, and does not delay the end of a device: the
/// file of an interrupt that is freed goes, and the file of its successor with the same number is
/// another one. `watch` it again then.
///
/// Since Linux 5.8 every mount of procfs is an instance with inodes of its own. A container has one,
/// and so has a service for which systemd mounts one: with `ProtectControlGroups=`,
/// `ProtectKernelTunables=`, `ProtectProc=` or `PrivatePIDs=` (seen with systemd 257). irqbalance's
/// own unit is one of them. Its writes are seen only when the file is watched as that process sees
/// it: `watch(_:seenBy:)`. If this process is such a service itself, the machine's files are those
/// seen by process 1.
///
/// Changes that the kernel makes by itself are no writes. So a reader looks at the values now and
/// then as well.
package final class FileWatch {
  /// What is watched for.
  package enum Use: Sendable {
    /// Writing to the file.
    case write
    /// Executing it, reported when the kernel opens it for that: the process has its new name and
    /// program a moment later, if the file can be executed at all.
    case execution
  }

  private struct Inode: Hashable {
    var device: UInt64
    var number: UInt64
  }
  private struct Mark {
    var file: Int32
    var inode: Inode
  }
  /// A file as a process sees it; nil is this one.
  private struct Name: Hashable {
    var path: String
    var viewer: Int32?

    /// The root of another process leads through its mounts (proc_pid_root(5)).
    var place: String { viewer.map { "/proc/\($0)/root\(path)" } ?? path }
  }

  /// Becomes readable when a notice has come.
  package let descriptor: Int32
  private var marks: [Name: Mark] = [:]
  /// More than one where a file has several names; the last is reported.
  private var names: [Inode: [Name]] = [:]
  private let ownPID = getpid()
  private let use: Use

  /// A watch of nothing yet.
  /// - Throws: `Failure`, EPERM without CAP_SYS_ADMIN and ENOSYS without the kernel's option.
  package init(for use: Use = .write) throws(Failure) {
    self.use = use
    descriptor = tbx_fanotify()
    guard descriptor >= 0 else {
      let why = errno == EPERM ? " (fanotify_init needs CAP_SYS_ADMIN)" : " (fanotify_init)"
      throw Failure("watch who uses files" + why, Errno(errno))
    }
  }

  deinit {
    for mark in marks.values { close(mark.file) }
    close(descriptor)
  }

  /// How many files are watched.
  package var count: Int { marks.count }

  /// The files that are watched, in no order; those that are seen by other processes as well.
  package var watched: Set<String> { Set(marks.keys.map(\.path)) }

  /// The instance of procfs that a process sees (its device number), nil for this one; nil when the
  /// process has ended or has none. Processes with another one than this write to other inodes.
  package static func procfs(seenBy pid: Int32? = nil) -> UInt64? {
    let file = unsafe tbx_open_path(Name(path: "/proc/irq", viewer: pid).place)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return inode(file)?.device
  }

  /// Watches a file. One that is watched already stays so; where another file has taken its name
  /// meanwhile, that one is watched instead.
  ///
  /// Each file takes one descriptor: raise the limit first (`DescriptorLimit`).
  /// - Parameters:
  ///   - path: how the file is called, here and in the notices.
  ///   - pid: watches the file that has this path for another process, through its mounts. That
  ///     needs CAP_SYS_PTRACE. When it has ended, `unwatch(seenBy:)`.
  /// - Throws: `Failure` with the path, ENOENT when there is no such file.
  package func watch(_ path: String, seenBy pid: Int32? = nil) throws(Failure) {
    let name = Name(path: path, viewer: pid)
    let file = unsafe tbx_open_path(name.place)
    guard file >= 0 else { throw Failure("open \(name.place) to watch it", Errno(errno)) }
    guard let inode = FileWatch.inode(file) else {
      let failure = errno
      close(file)
      throw Failure("look at \(name.place) to watch it", Errno(failure))
    }
    if let old = marks[name] {
      if old.inode == inode, hasName(old.file) {
        close(file)
        return
      }
      remove(name)
    }
    guard mark(file, add: true) else {
      let failure = errno
      close(file)
      throw Failure("watch \(name.place)", Errno(failure))
    }
    marks[name] = Mark(file: file, inode: inode)
    // The kernel gives the number of a file that went to another at once: the newest name counts.
    names[inode, default: []].append(name)
  }

  /// Watches a file no longer, as this process or another one sees it. One that is not watched is
  /// left so.
  package func unwatch(_ path: String, seenBy pid: Int32? = nil) {
    remove(Name(path: path, viewer: pid))
  }

  /// Watches no file any longer as a process sees it.
  package func unwatch(seenBy pid: Int32) {
    for name in marks.keys where name.viewer == pid { remove(name) }
  }

  private func remove(_ name: Name) {
    guard let mark = marks.removeValue(forKey: name) else { return }
    defer { close(mark.file) }
    _ = self.mark(mark.file, add: false)
    let others = names.removeValue(forKey: mark.inode)?.filter { $0 != name } ?? []
    if others.isEmpty { return }
    names[mark.inode] = others
    // Two names of one file share a mark: the other name still needs it.
    for file in others.compactMap({ marks[$0]?.file }) {
      _ = self.mark(file, add: true)
    }
  }

  private func mark(_ file: Int32, add: Bool) -> Bool {
    unsafe tbx_fanotify_mark(
      descriptor, add ? 1 : 0, use == .execution ? 1 : 0, "/proc/self/fd/\(file)") == 0
  }

  /// What another process did; nil when there is nothing for now. What this one does is passed over.
  /// - Throws: `Failure` when the watch is broken; a new one is needed then.
  package func next() throws(Failure) -> FileNotice? {
    while true {
      var overflow: Int32 = 0
      var file: Int32 = -1
      var pid: Int32 = 0
      switch unsafe tbx_fanotify_next(descriptor, &overflow, &file, &pid) {
      case 0: return nil
      case 1: break
      default:
        if [EBADF, EFAULT, EPROTO].contains(errno) {
          throw Failure("read who used files", Errno(errno))
        }
        // The kernel opens the file for the reader, and drops the event when it cannot.
        return unsafe .missed(
          "a watched file cannot be opened: "
            + String(cString: strerror(errno)))
      }
      defer { if file >= 0 { close(file) } }
      if overflow != 0 { return .missed("more notices than the kernel keeps") }
      if pid == ownPID { continue }
      // No name: the last event of a file that was just unwatched.
      guard file >= 0, let inode = FileWatch.inode(file), let name = names[inode]?.last else {
        continue
      }
      return .used(path: name.path, pid: pid > 0 ? pid : nil)
    }
  }

  private static func inode(_ file: Int32) -> Inode? {
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { return nil }
    return Inode(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
  }

  /// Whether an open file still has a name: its number alone may be another's by now.
  private func hasName(_ file: Int32) -> Bool {
    var target = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink("/proc/self/fd/\(file)", &target, target.count)
    guard length > 0 else { return false }
    let bytes = target.prefix(length).map { UInt8(bitPattern: $0) }
    return !bytes.suffix(10).elementsEqual(" (deleted)".utf8)
  }
}

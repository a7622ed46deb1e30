package import Base
internal import CLinux
internal import Glibc

/// A socket of the Unix family with a file, for a server that wants to know which file is its own.
package enum UnixListener {
  /// A socket that is bound and does not listen yet.
  package struct Bound: Sendable {
    /// Its descriptor, which the caller closes.
    package var descriptor: Int32
    /// The version of its file.
    package var file: FileStamp
  }

  /// Makes a socket at a path. One that was left there is replaced; what is no socket is not.
  /// - Parameter mode: permission bits: nobody can connect before it has them.
  package static func bind(_ path: String, mode: UInt32) throws(Errno) -> Bound {
    var status = stat()
    if unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK {
      _ = unsafe unlink(path)
    }
    let descriptor = unsafe tbx_unix_bind(path)
    guard descriptor >= 0 else { throw Errno(-descriptor) }
    do throws(Errno) {
      try FileMode.set(mode, of: path)
      return Bound(descriptor: descriptor, file: try StampedFile.stamp(path))
    } catch {
      close(descriptor)
      _ = unsafe unlink(path)
      throw error
    }
  }

  /// Lets so many connections wait on a socket (listen(2)); it may listen already.
  package static func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    guard Glibc.listen(descriptor, backlog) == 0 else { throw Errno(errno) }
  }

  /// Removes the file of a socket, unless another program has put its own there. To be called while the
  /// socket is open: its inode is nobody else's as long.
  package static func remove(_ path: String, _ file: FileStamp) {
    guard let now = try? StampedFile.stamp(path), now.device == file.device,
      now.inode == file.inode
    else { return }
    _ = unsafe unlink(path)
  }
}

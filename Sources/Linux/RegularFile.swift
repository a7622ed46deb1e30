package import Base
internal import CLinux
internal import Glibc

/// A regular file that is copied, hashed, or handed to another program by its descriptor.
package struct RegularFile: ~Copyable {
  /// What another program gets: `ChildProcess`. It is valid while the file is open.
  package struct Descriptor: Hashable, Sendable {
    let number: Int32

    /// Bytes of the file at this moment; nil where that cannot be asked.
    package var size: Int? {
      var status = stat()
      return unsafe fstat(number, &status) == 0 ? Int(status.st_size) : nil
    }
  }

  private let opened: Int32
  private let path: String

  /// Opens a file for reading; a link is followed.
  /// - Throws: `Failure` also for what is no regular file.
  package init(reading path: String) throws(Failure) {
    // Without waiting: a pipe without a writer would.
    try self.init(unsafe tbx_open_read(path), path)
  }

  /// Opens a file for writing at its end; made, readable by its owner alone, where it is missing. A link is not
  /// followed.
  package init(appendingTo path: String) throws(Failure) {
    try self.init(unsafe tbx_open_append(path), path)
  }

  private init(_ opened: Int32, _ path: String) throws(Failure) {
    guard opened >= 0 else { throw Failure("open \(path)", Errno(errno)) }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else {
      let failure = Errno(errno)
      close(opened)
      throw Failure("look at \(path)", failure)
    }
    // Those below are replaced in a program that is started.
    guard status.st_mode & S_IFMT == S_IFREG, opened > 2 else {
      close(opened)
      throw Failure(
        "use \(path)", because: opened > 2 ? "it is no regular file" : "standard input is closed")
    }
    self.opened = opened
    self.path = path
  }

  deinit { close(opened) }

  /// What another program gets.
  package var descriptor: Descriptor { Descriptor(number: opened) }

  /// Its size, bytes.
  package func size() throws(Failure) -> Int {
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else { throw failure("look at") }
    return Int(status.st_size)
  }

  /// Its permission bits.
  package func permissions() throws(Failure) -> UInt32 {
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else { throw failure("look at") }
    return status.st_mode & 0o7777
  }

  /// When it was written last, since 1970 in UTC.
  package func modified() throws(Failure) -> (seconds: Int, nanoseconds: Int) {
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else { throw failure("look at") }
    return (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
  }

  /// All its bytes: of a file whose size was looked at.
  package func bytes() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    try read(progress: { _ in }) { part throws(Failure) in bytes += part }
    return bytes
  }

  /// Takes all bytes away.
  package func empty() throws(Failure) {
    guard ftruncate(opened, 0) == 0 else { throw failure("empty") }
  }

  /// Becomes a copy of another file: with its blocks where the file system can share them, else byte by byte.
  /// - Parameters:
  ///   - bytes: its size. Of one that grows, or has no end as files of /proc, one byte more is copied: the copy
  ///     has another size then.
  ///   - progress: called with the bytes so far.
  package func copy(
    _ source: borrowing RegularFile, bytes: Int, progress: (Int) -> Void
  ) throws(Failure) {
    try empty()
    if tbx_clone_file(opened, source.opened) == 0 { return }
    let (most, overflow) = bytes.addingReportingOverflow(1)
    try source.read(most: overflow ? bytes : most, progress: progress) { bytes throws(Failure) in
      try DurableFile.writeAll(bytes, opened)
    }
  }

  /// SHA-256 of all its bytes, hexadecimal.
  /// - Parameter progress: called with the bytes so far.
  package func sha256(progress: (Int) -> Void) throws(Failure) -> String {
    let hash = RunningSHA256()
    try read(progress: progress) { bytes throws(Failure) in hash.add(bytes) }
    return hash.hexadecimal()
  }

  /// Writes it to the disk with its final permissions.
  package func finish(mode: UInt32) throws(Failure) {
    guard fchmod(opened, mode) == 0 else { throw failure("set the permissions of") }
    guard fsync(opened) == 0 else { throw failure("synchronise") }
  }

  private func read(
    most: Int = .max, progress: (Int) -> Void,
    _ body: (ArraySlice<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while offset < most {
      let count = unsafe pread(opened, &buffer, min(buffer.count, most - offset), off_t(offset))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw failure("read") }
      if count == 0 { return }
      try body(buffer[..<count])
      offset += count
      progress(offset)
    }
  }

  private func failure(_ step: String) -> Failure { Failure("\(step) \(path)", Errno(errno)) }
}

/// What is done with whole folders.
package enum FolderChange {
  /// Renames a folder to a name that is free, and makes sure that it stays so after a power cut.
  /// - Parameter folder: the folder of both.
  package static func rename(
    _ from: String, to: String, in folder: String
  ) throws(Failure) {
    guard unsafe tbx_rename_new("\(folder)/\(from)", "\(folder)/\(to)") == 0 else {
      throw Failure("rename \(folder)/\(from) to \(to)", Errno(errno))
    }
    try synchronise(folder)
  }

  /// Writes what a folder contains, its names, to the disk.
  package static func synchronise(_ folder: String) throws(Failure) {
    let opened = unsafe tbx_open_read(folder)
    guard opened >= 0 else { throw Failure("open \(folder)", Errno(errno)) }
    defer { close(opened) }
    guard fsync(opened) == 0 else { throw Failure("synchronise \(folder)", Errno(errno)) }
  }

  /// Removes a folder with what is in it; links are removed and not followed. One that is not there is no
  /// failure.
  package static func remove(_ path: String) throws(Failure) {
    TemporaryFolder.remove(path)
    var status = stat()
    if unsafe lstat(path, &status) == 0 {
      throw Failure("remove \(path)", because: "something in it cannot be removed")
    }
  }
}

extension RegularFile {
  /// The first bytes of the file that is standard input, and its size; its offset is left alone.
  /// - Parameter most: bytes that are read at the most.
  package static func standardInput(
    most: Int
  ) throws(Failure) -> (bytes: [UInt8], size: Int) {
    let step = "read standard input"
    var status = stat()
    guard unsafe fstat(0, &status) == 0 else { throw Failure(step, Errno(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(step, because: "it is no regular file", code: .usage)
    }
    let size = Int(status.st_size)
    var bytes = [UInt8](repeating: 0, count: min(size, most))
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe pread(
          0, UnsafeMutableRawBufferPointer(rebasing: buffer[done...]).baseAddress,
          buffer.count - done, off_t(done))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw count < 0 ? Failure(step, Errno(errno)) : Failure(step, because: "it became shorter")
      }
      done += count
    }
    return (bytes, size)
  }
}

extension FolderChange {
  /// Gives a folder the name of another, which gets its name instead, in one step; where the other is not there, it
  /// only gets the name.
  package static func replace(
    _ from: String, in folder: String, by name: String
  ) throws(Failure) {
    if unsafe tbx_rename_exchange("\(folder)/\(from)", "\(folder)/\(name)") != 0 {
      guard errno == ENOENT else { throw Failure("rename \(folder)/\(from)", Errno(errno)) }
      return try rename(from, to: name, in: folder)
    }
    try synchronise(folder)
  }

  /// Lets a link lead to another name of its folder, in one step.
  package static func link(
    to target: String, _ name: String, in folder: String
  ) throws(Failure) {
    let temporary = "\(folder)/.\(name).\(getpid()).tmp"
    _ = unsafe unlink(temporary)
    guard unsafe symlink(target, temporary) == 0,
      unsafe Glibc.rename(temporary, "\(folder)/\(name)") == 0
    else {
      let failure = Errno(errno)
      _ = unsafe unlink(temporary)
      throw Failure("let \(folder)/\(name) lead to \(target)", failure)
    }
    try synchronise(folder)
  }

  /// Writes everything of the file system of a folder to the disk (syncfs(2)).
  package static func synchroniseAll(_ path: String) throws(Failure) {
    let opened = unsafe tbx_open_read(path)
    guard opened >= 0 else { throw Failure("open \(path)", Errno(errno)) }
    defer { close(opened) }
    guard tbx_synchronise_all(opened) == 0 else {
      throw Failure("synchronise \(path)", Errno(errno))
    }
  }
}

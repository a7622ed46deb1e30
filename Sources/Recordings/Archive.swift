internal import CArchive
internal import Glibc

// The only file that knows libarchive's names.

/// Why an archive could not be read or written.
struct ArchiveError: Error, Hashable, CustomStringConvertible {
  /// The text of libarchive, or of this module.
  var description: String
  /// The errno behind it; 0 when there is none.
  var errno: Int32 = 0
}

/// libarchive, opened when the first archive is.
private enum ArchiveLibrary {
  static func open() throws(ArchiveError) -> UnsafePointer<tbx_archive> {
    try unsafe loaded.get()
  }

  // Never written again once it is there, as every global `let`.
  nonisolated(unsafe) private static let loaded: Result<UnsafePointer<tbx_archive>, ArchiveError> =
    {
      var why: UnsafePointer<CChar>?
      if let table = unsafe tbx_archive_open(&why) { return unsafe .success(table) }
      let words = unsafe why.map { unsafe String(cString: $0) } ?? "no reason given"
      return unsafe .failure(
        ArchiveError(
          description:
            "libarchive is needed for archives; install the Debian package libarchive13t64"
            + " (libarchive13 before Debian 13): \(words)"))
    }()
}

/// One entry of an archive.
struct ArchiveEntry {
  /// What it is.
  enum Kind: Equatable {
    case file, directory, other
    case link(String)
    case hardLink(String)
  }
  /// The path as written.
  var path: String
  /// What it is.
  var kind: Kind
  /// The nine permission bits.
  var permissions: UInt16
  /// Bytes of content that follow, of whatever kind it is.
  var size: Int64
}

/// Reads a tar archive in one pass: plain, or compressed with gzip, bzip2, xz or zstd.
@safe
struct ArchiveReader: ~Copyable {
  private let library: UnsafePointer<tbx_archive>
  private let archive: OpaquePointer
  /// The file, or -1.
  private let descriptor: Int32
  /// A copy of the bytes read from, or nil.
  private let memory: UnsafeMutableRawBufferPointer?

  private init(
    _ library: UnsafePointer<tbx_archive>, adopting archive: OpaquePointer, descriptor: Int32,
    memory: UnsafeMutableRawBufferPointer?
  ) {
    unsafe self.library = library
    unsafe self.archive = archive
    self.descriptor = descriptor
    unsafe self.memory = memory
  }

  deinit {
    _ = unsafe library.pointee.archive_read_free(archive)
    if descriptor >= 0 { close(descriptor) }
    unsafe memory?.deallocate()
  }

  /// Opens an archive on a file. Takes over the descriptor, also when it throws.
  static func open(descriptor: Int32) throws(ArchiveError) -> ArchiveReader {
    let reader: ArchiveReader
    do throws(ArchiveError) {
      let library = try unsafe ArchiveLibrary.open()
      reader = unsafe ArchiveReader(
        library, adopting: try make(library), descriptor: descriptor, memory: nil)
    } catch {
      close(descriptor)
      throw error
    }
    try reader.prepare()
    try reader.check(
      unsafe reader.library.pointee.archive_read_open_fd(reader.archive, descriptor, 1 << 16))
    return reader
  }

  /// Opens an archive of some bytes.
  static func open(bytes: [UInt8]) throws(ArchiveError) -> ArchiveReader {
    let library = try unsafe ArchiveLibrary.open()
    let archive = try unsafe make(library)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 16)
    unsafe memory.copyBytes(from: bytes)
    let reader = unsafe ArchiveReader(library, adopting: archive, descriptor: -1, memory: memory)
    try reader.prepare()
    try reader.check(
      unsafe library.pointee.archive_read_open_memory(archive, memory.baseAddress, bytes.count))
    return reader
  }

  private static func make(
    _ library: UnsafePointer<tbx_archive>
  ) throws(ArchiveError) -> OpaquePointer {
    guard let archive = unsafe library.pointee.archive_read_new() else {
      throw ArchiveError(description: "out of memory", errno: ENOMEM)
    }
    return unsafe archive
  }

  /// Allows tar and the four compressions and nothing else: each further format of libarchive is
  /// code that would see untrusted bytes for no use.
  private func prepare() throws(ArchiveError) {
    let calls = unsafe library.pointee
    let supported = unsafe [
      calls.archive_read_support_filter_gzip(archive),
      calls.archive_read_support_filter_bzip2(archive),
      calls.archive_read_support_filter_xz(archive),
      calls.archive_read_support_filter_zstd(archive),
      calls.archive_read_support_format_tar(archive),
    ]
    // A warning means that it would run a program such as `zstd -d` found on the PATH.
    if supported.contains(where: { $0 != ARCHIVE_OK }) {
      throw ArchiveError(description: "this libarchive was built without gzip, bzip2, xz or zstd")
    }
  }

  /// The next entry; nil at the end.
  mutating func next() throws(ArchiveError) -> ArchiveEntry? {
    let before = unsafe library.pointee.archive_filter_bytes(archive, 0)
    var header: OpaquePointer?
    let result = unsafe library.pointee.archive_read_next_header(archive, &header)
    if result == ARCHIVE_EOF {
      // tar ends with blocks of zeros. Where the data just stops, libarchive sees an end as well.
      if unsafe library.pointee.archive_filter_bytes(archive, 0) == before {
        throw ArchiveError(description: "the archive is cut short: it has no end mark")
      }
      return nil
    }
    try check(result)
    guard let header = unsafe header else {
      throw ArchiveError(description: "an entry without a header")
    }
    let calls = unsafe library.pointee
    // The plain name is nil where pax holds it in UTF-8 and the locale is C, as it is here.
    guard
      let path = unsafe text(calls.archive_entry_pathname(header))
        ?? text(calls.archive_entry_pathname_utf8(header))
    else { throw ArchiveError(description: "an entry without a name") }
    let kind: ArchiveEntry.Kind
    if let target = unsafe text(calls.archive_entry_hardlink(header))
      ?? text(calls.archive_entry_hardlink_utf8(header))
    {
      kind = .hardLink(target)
    } else {
      switch unsafe calls.archive_entry_filetype(header) {
      case S_IFREG: kind = .file
      case S_IFDIR: kind = .directory
      case S_IFLNK:
        kind = .link(
          unsafe text(calls.archive_entry_symlink(header))
            ?? text(calls.archive_entry_symlink_utf8(header)) ?? "")
      default: kind = .other
      }
    }
    return ArchiveEntry(
      path: path, kind: kind,
      permissions: UInt16(truncatingIfNeeded: unsafe calls.archive_entry_perm(header) & 0o777),
      size: unsafe calls.archive_entry_size(header))
  }

  /// The content of the entry that `next` returned.
  /// - Parameter size: how much there is. The caller has judged it: that much is allocated.
  mutating func content(size: Int) throws(ArchiveError) -> [UInt8] {
    var failure: la_ssize_t = 0
    let content = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = 0
      guard let start = buffer.baseAddress else { return }
      while count < size {
        let received = unsafe library.pointee.archive_read_data(
          archive, start + count, size - count)
        if received <= 0 {
          failure = received
          return
        }
        count += received
      }
    }
    if failure < 0 { try check(Int32(truncatingIfNeeded: failure)) }
    if content.count < size {
      throw ArchiveError(description: "the archive is cut short inside a file")
    }
    return content
  }

  /// Passes over what is left of the entry.
  mutating func skip() throws(ArchiveError) {
    try check(unsafe library.pointee.archive_read_data_skip(archive))
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
  }

  private func check(_ result: Int32) throws(ArchiveError) {
    // A warning is about something that is not used here, such as an owner's name.
    if result != ARCHIVE_OK && result != ARCHIVE_WARN {
      var words = unsafe text(library.pointee.archive_error_string(archive))
      if words == "Unrecognized archive format" {
        words = "no tar archive, plain or compressed with gz, bz2, xz or zst"
      }
      throw ArchiveError(
        description: words ?? "the archive cannot be read",
        errno: unsafe library.pointee.archive_errno(archive))
    }
  }
}

/// Writes a tar archive compressed with zstd.
@safe
struct ArchiveWriter: ~Copyable {
  private let library: UnsafePointer<tbx_archive>
  private let archive: OpaquePointer
  private let header: OpaquePointer

  private init(
    _ library: UnsafePointer<tbx_archive>, adopting archive: OpaquePointer, _ header: OpaquePointer
  ) {
    unsafe self.library = library
    unsafe self.archive = archive
    unsafe self.header = header
  }

  deinit {
    unsafe library.pointee.archive_entry_free(header)
    _ = unsafe library.pointee.archive_write_free(archive)
  }

  /// Starts an archive on an open file, which stays the caller's.
  static func open(descriptor: Int32) throws(ArchiveError) -> ArchiveWriter {
    let library = try unsafe ArchiveLibrary.open()
    guard let archive = unsafe library.pointee.archive_write_new() else {
      throw ArchiveError(description: "out of memory", errno: ENOMEM)
    }
    guard let header = unsafe library.pointee.archive_entry_new() else {
      _ = unsafe library.pointee.archive_write_free(archive)
      throw ArchiveError(description: "out of memory", errno: ENOMEM)
    }
    let writer = unsafe ArchiveWriter(library, adopting: archive, header)
    // GNU's format takes long names as the bytes they are; pax wants them in UTF-8 and a locale.
    try writer.check(unsafe library.pointee.archive_write_set_format_gnutar(archive))
    try writer.check(unsafe library.pointee.archive_write_add_filter_zstd(archive), strict: true)
    try writer.check(unsafe library.pointee.archive_write_open_fd(archive, descriptor))
    return writer
  }

  /// Adds one entry.
  /// - Parameters:
  ///   - time: modification time in seconds since 1970.
  ///   - content: the bytes of a file; empty for everything else.
  mutating func add(
    _ path: String, kind: ArchiveEntry.Kind, permissions: UInt16, time: Int, content: [UInt8] = []
  ) throws(ArchiveError) {
    let calls = unsafe library.pointee
    _ = unsafe calls.archive_entry_clear(header)
    unsafe calls.archive_entry_set_pathname(header, path)
    unsafe calls.archive_entry_set_perm(header, mode_t(permissions))
    unsafe calls.archive_entry_set_mtime(header, time, 0)
    unsafe calls.archive_entry_set_size(header, Int64(content.count))
    switch kind {
    case .directory: unsafe calls.archive_entry_set_filetype(header, S_IFDIR)
    case .link(let target):
      unsafe calls.archive_entry_set_filetype(header, S_IFLNK)
      unsafe calls.archive_entry_set_symlink(header, target)
    case .file, .hardLink, .other: unsafe calls.archive_entry_set_filetype(header, S_IFREG)
    }
    try check(unsafe calls.archive_write_header(archive, header))
    if content.isEmpty { return }
    let written = unsafe content.withUnsafeBytes {
      unsafe calls.archive_write_data(archive, $0.baseAddress, $0.count)
    }
    if written != content.count { try check(ARCHIVE_FATAL) }
  }

  /// Writes the end of the archive. Without it the archive is cut short.
  consuming func finish() throws(ArchiveError) {
    try check(unsafe library.pointee.archive_write_close(archive))
  }

  private func check(_ result: Int32, strict: Bool = false) throws(ArchiveError) {
    if result == ARCHIVE_OK || (result == ARCHIVE_WARN && !strict) { return }
    let words = unsafe library.pointee.archive_error_string(archive).map {
      unsafe String(cString: $0)
    }
    throw ArchiveError(
      description: words ?? "the archive cannot be written",
      errno: unsafe library.pointee.archive_errno(archive))
  }
}

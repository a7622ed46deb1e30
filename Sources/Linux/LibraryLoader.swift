/// Libraries that are opened at run time, and tables of their functions.
package enum LibraryLoader {
  /// Opens a library and fills a table of its functions.
  /// - Parameters:
  ///   - library: a name for the loader, or a path.
  ///   - open: the loader of the table, which fills it and answers as `tbx_resolve` does.
  package static func load<Table>(
    _ library: String,
    _ open: (
      UnsafeMutablePointer<Table>, UnsafePointer<CChar>, UnsafeMutablePointer<CChar>, Int
    ) -> Int32
  ) throws(LibraryError) -> Table {
    // A table has no value before it is filled: its functions are not optional.
    let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    defer { unsafe table.deallocate() }
    var why = [CChar](repeating: 0, count: 256)
    let size = why.count
    switch unsafe open(table, library, &why, size) {
    case 0: return unsafe table.pointee
    case 2: throw .symbol(text(why))
    default: throw .library(text(why))
    }
  }

  /// The text of a C buffer up to its NUL, or all of it.
  package static func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

internal import Base
internal import KernelTree

/// Sizes from `/proc/meminfo`, or from the `meminfo` of a node, whose lines start with the node.
struct MemoryInfo: Hashable, Sendable {
  /// Bytes by the kernel's name for them, such as `MemTotal`.
  private(set) var bytes: [String: Int] = [:]
  /// Wanted lines that are malformed.
  private(set) var damaged: Set<String> = []

  /// Parses `MemTotal: 1234 kB` lines, kB being KiB.
  /// - Parameters:
  ///   - wanted: names to look for; all others are skipped.
  ///   - node: the node whose lines these must be; nil for the whole machine.
  init(_ text: [UInt8], wanted: Set<String>, node: Int? = nil) {
    for line in ASCII.lines(text) {
      guard let colon = line.firstIndex(of: 0x3a) else { continue }
      var head = ASCII.fields(line[..<colon])
      if let node {
        guard head.count == 3, head[0].elementsEqual("Node".utf8),
          ASCII.decimal(head[1]) == node
        else { continue }
        head.removeFirst(2)
      }
      guard head.count == 1, let first = head.first else { continue }
      let name = String(decoding: first, as: UTF8.self)
      guard wanted.contains(name) else { continue }
      let value = ASCII.fields(line[(colon + 1)...])
      if value.count == 2, value[1].elementsEqual("kB".utf8),
        let size = AttributeText.count(value[0], times: 1024)
      {
        bytes[name] = size
      } else {
        damaged.insert(name)
      }
    }
  }

  /// A size; notes it as unknown when its line is damaged, or missing where it must be.
  func size(
    _ name: String, as fact: String, path: String, required: Bool, _ reader: inout FactReader
  ) -> Int? {
    if let size = bytes[name] {
      reader.note(fact, source: path)
      return size
    }
    if damaged.contains(name) {
      reader.note(fact, path: path, unknown: "cannot understand the line \(name)")
    } else if required {
      reader.note(fact, path: path, unknown: "has no line \(name)")
    }
    return nil
  }

  /// A size that is a part of another one. A larger one is unknown: it is impossible, and comes
  /// from a file made up for a container (lxcfs: src/proc_fuse.c, proc_meminfo_read).
  func part(
    _ name: String, of whole: String, as fact: String, path: String, required: Bool = false,
    _ reader: inout FactReader
  ) -> Int? {
    guard let size = size(name, as: fact, path: path, required: required, &reader) else {
      return nil
    }
    guard let limit = bytes[whole], size > limit else { return size }
    reader.forget(fact)
    reader.note(
      fact, path: path,
      unknown: "\(name) is \(size / 1024) kB, above \(whole), \(limit / 1024) kB")
    return nil
  }
}

public import Base
package import KernelTree

/// What a plan needs to know beside the inventory: what was asked of systemd and irqbalance.
public struct ServiceState: Hashable, Sendable {
  /// CPUs and memory nodes that units were given at run time (`systemctl set-property --runtime`),
  /// by unit and property. A slice without processes has no control group that would show them.
  public var unitProperties: [String: [String: NumberSet]] = [:]
  /// Interrupts that irqbalance leaves alone, by its own answer; absent when it was not asked or
  /// did not answer.
  public var bannedInterrupts: NumberSet?

  /// Whether NVIDIA's persistence daemon runs, which owns the persistence mode then; absent when not known.
  public var hasPersistenceDaemon: Bool?

  /// Nothing known.
  package init() {}

  /// Where systemd keeps properties that were set at run time: of units with a file, and of
  /// transient ones such as a container's scope.
  static let folders = ["/run/systemd/system.control", "/run/systemd/transient"]

  /// Reads the service state of a machine.
  package static func read(_ tree: KernelTree) -> ServiceState {
    var result = ServiceState()
    result.hasPersistenceDaemon = runsPersistenceDaemon(tree)
    for folder in folders {
      for name in tree.namesIfPresent(folder) where name.hasSuffix(".d") {
        let unit = String(name.dropLast(2))
        for property in ["AllowedCPUs", "AllowedMemoryNodes"] {
          guard let text = tree.textIfPresent("\(folder)/\(name)/50-\(property).conf"),
            let set = value(of: property, in: text)
          else { continue }
          result.unitProperties[unit, default: [:]][property] = set
        }
      }
    }
    return result
  }

  /// The file with the process id of nvidia-persistenced (its manual page).
  static let persistenceFile = "/run/nvidia-persistenced/nvidia-persistenced.pid"

  /// A file that a crash has left behind names a process that is another program, or none.
  static func runsPersistenceDaemon(_ tree: KernelTree) -> Bool? {
    do throws(ReadFailure) {
      guard let pid = Int(try tree.text(persistenceFile)), pid > 0 else { return nil }
      // The kernel keeps 15 characters of a name.
      return try tree.text("/proc/\(pid)/comm") == "nvidia-persiste"
    } catch {
      return error.cause == .notFound ? false : nil
    }
  }

  /// The last value of a property: an empty one starts anew, further ones add to it. systemd
  /// writes ranges with blanks between.
  static func value(of property: String, in text: String) -> NumberSet? {
    var result: NumberSet?
    for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(property + "=") {
      let value = line.dropFirst(property.utf8.count + 1)
      let list = value.split { $0 == " " || $0 == "," || $0 == "\t" }.joined(separator: ",")
      guard let set = NumberSet(list: list) else { return nil }
      result = set.isEmpty ? NumberSet() : (result ?? NumberSet()).union(set)
    }
    return result
  }
}

internal import Base
internal import Linux
internal import RuntimeCatalog
internal import Synchronization

/// Reads the registry of runtimes when it has changed.
final class RegistryReader: Sendable {
  private struct Cache {
    var stamp: FileStamp?
    var instances: [RuntimeInstance] = []
  }

  private let path: String
  private let sockets: String
  private let cache = Mutex(Cache())

  /// - Parameters:
  ///   - path: the file of the registry.
  ///   - sockets: the folder of the runtimes' sockets; others are not reached.
  init(path: String, sockets: String) {
    self.path = path
    self.sockets = sockets
  }

  /// The runtimes there are. Without the file there are none; while it is malformed, those before stay.
  func instances() -> [RuntimeInstance] {
    cache.withLock { cache in
      guard let stamp = try? StampedFile.stamp(path) else {
        cache = Cache()
        return []
      }
      if stamp == cache.stamp { return cache.instances }
      guard let file = try? StampedFile.read(path, limit: RuntimeRegistry.longestFile),
        let registry = try? RuntimeRegistry.decode(file.bytes, sockets: sockets)
      else { return cache.instances }
      cache = Cache(stamp: file.stamp, instances: registry.instances)
      return cache.instances
    }
  }
}

extension RuntimeInstance {
  /// Whether it is asked when a place is free: a runtime on demand starts when it is asked.
  var isUsable: Bool { state == .ready || state == .idle }
}

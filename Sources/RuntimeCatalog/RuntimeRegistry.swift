public import Base

/// The runtimes of this machine, as the gateway needs them: `/run/tinybox/runtimes.json`.
///
/// `tinyboxd` replaces the file atomically, so the gateway serves while it restarts.
public struct RuntimeRegistry: Codable, VersionedDocument, Hashable, Sendable {
  /// What `schema` says. A change that breaks a reader raises the number.
  public static let currentSchema = "tinybox.runtimes/1"
  /// Where it is.
  package static let path = "/run/tinybox/runtimes.json"
  /// The folder of all sockets.
  package static let sockets = "/run/tinybox-runtimes"
  /// The longest file that is read, bytes: a thousand times that of a box with eight runtimes.
  package static let longestFile = 4 << 20
  /// The most runtimes that are read.
  package static let mostInstances = 1024

  /// The schema of this value.
  public var schema = RuntimeRegistry.currentSchema
  /// When it was written, RFC 3339 in UTC.
  public var written: String
  /// The runtimes, by name.
  public var instances: [RuntimeInstance]
  /// The jobs, by name; absent where there is none.
  public var jobs: [RuntimeJob]?

  /// A registry of some runtimes.
  /// - Parameter written: RFC 3339 in UTC.
  package init(written: String, instances: [RuntimeInstance], jobs: [RuntimeJob] = []) {
    self.written = written
    self.jobs = jobs.isEmpty ? nil : jobs.sorted { $0.name < $1.name }
    self.instances = instances.sorted { $0.name < $1.name }
  }

  /// The socket of a runtime.
  package static func socket(_ name: String) -> String { "\(sockets)/\(name).sock" }

  /// Reads the bytes of the file.
  /// - Parameter sockets: the folder in which all sockets have to be.
  /// - Throws: `Failure` for what is no registry, or has a value out of its range: nothing of it is used.
  package static func decode(
    _ bytes: [UInt8], sockets: String = sockets
  ) throws(Failure) -> RuntimeRegistry {
    let step = "read \(path)"
    guard bytes.count <= longestFile else {
      throw Failure(step, because: "it is longer than \(longestFile) bytes")
    }
    let registry: RuntimeRegistry
    do {
      registry = try JSON.decode(RuntimeRegistry.self, from: bytes)
    } catch {
      throw Failure(step, error)
    }
    if let problem = registry.problem(sockets: sockets) { throw Failure(step, because: problem) }
    return registry
  }

  /// What is wrong with its values; nil when nothing is.
  package var problem: String? { problem(sockets: RuntimeRegistry.sockets) }

  private func problem(sockets: String) -> String? {
    if schema != RuntimeRegistry.currentSchema {
      return "its schema is '\(schema)', not '\(RuntimeRegistry.currentSchema)'"
    }
    if instances.count > RuntimeRegistry.mostInstances {
      return "it has more than \(RuntimeRegistry.mostInstances) runtimes"
    }
    if jobs?.count ?? 0 > RuntimeRegistry.mostInstances {
      return "it has more than \(RuntimeRegistry.mostInstances) jobs"
    }
    for job in jobs ?? [] {
      if let problem = job.problem { return "job '\(job.name)': \(problem)" }
    }
    var names: Set<String> = []
    for instance in instances {
      if let problem = instance.problem(sockets: sockets) {
        return "runtime '\(instance.name)': \(problem)"
      }
      if !names.insert(instance.name).inserted {
        return "runtime '\(instance.name)' is there twice"
      }
    }
    return nil
  }
}

package import KernelTree
internal import Synchronization

/// Passes every call on to another source and keeps what was asked and answered, no more and no
/// less: the recording of a run of the collectors replays that run.
package final class RecordingSource: TreeSource {
  private let base: any TreeSource
  private let state = Mutex(State())

  /// A recorder of what is read from `base`.
  package init(_ base: any TreeSource) { self.base = base }

  /// Where the tree comes from.
  package var origin: TreeOrigin { base.origin }

  /// The whole content of a file, links followed.
  package func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    do throws(ReadFailure) {
      let content = try base.bytes(request)
      state.withLock { $0.read(request, content, base) }
      return content
    } catch {
      state.withLock { $0.failed(.bytes, request.path, error, base) }
      throw error
    }
  }

  /// The names in a folder, links followed.
  package func entries(_ path: String) throws(ReadFailure) -> [String] {
    do throws(ReadFailure) {
      let names = try base.entries(path)
      state.withLock { $0.listed(path, names, base) }
      return names
    } catch {
      state.withLock { $0.failed(.entries, path, error, base) }
      throw error
    }
  }

  /// The target of a link as it is written.
  package func linkTarget(_ path: String) throws(ReadFailure) -> String {
    do throws(ReadFailure) {
      let target = try base.linkTarget(path)
      state.withLock { $0.foundLink(path, target, base) }
      return target
    } catch {
      state.withLock { $0.failed(.linkTarget, path, error, base) }
      throw error
    }
  }

  /// The path with every link resolved.
  package func realPath(_ path: String) throws(ReadFailure) -> String {
    do throws(ReadFailure) {
      let resolved = try base.realPath(path)
      state.withLock { $0.resolved(path, resolved, base) }
      return resolved
    } catch {
      state.withLock { $0.failed(.realPath, path, error, base) }
      throw error
    }
  }

  /// Type and permission bits of the path itself.
  package func status(_ path: String) throws(ReadFailure) -> FileStatus {
    do throws(ReadFailure) {
      let status = try base.status(path)
      state.withLock { $0.found(path, status, base) }
      return status
    } catch {
      state.withLock { $0.failed(.status, path, error, base) }
      throw error
    }
  }

  /// See `TreeSource.probe`.
  package func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    let answer: Result<[UInt8], ReadFailure>
    do throws(ReadFailure) {
      answer = .success(try base.probe(name, sensitivity: sensitivity, ask: ask))
    } catch {
      answer = .failure(error)
    }
    state.withLock {
      $0.recording.notes.probes[name] = answer
      $0.recording.probeSensitivities[name] = sensitivity
    }
    return try answer.get()
  }

  /// Part of a file: the part is kept, and the file is not.
  package func excerpt(
    _ request: ReadRequest, keptAs name: String, _ part: ([UInt8]) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    let content = try base.excerpt(request, keptAs: name, part)
    state.withLock {
      $0.recording.notes.probes[name] = .success(content)
      $0.recording.probeSensitivities[name] = request.sensitivity
    }
    return content
  }

  /// What was recorded until now.
  package func recording(_ header: RecordingHeader = RecordingHeader()) -> Recording {
    state.withLock { $0.finished(header) }
  }
}

/// What a recorder has seen.
private struct State {
  var recording = Recording()
  /// The names of each folder that was listed, by its resolved path.
  private var names: [String: [String]] = [:]
  /// Outcome of the last call of each kind, by path as it was asked for.
  private var failures: [RecordingNotes.Operation: [String: ReadFailure.Cause]] = [:]
  private var statuses: [String: FileStatus] = [:]
  private var realPaths: [String: String] = [:]
  /// What earlier walks found.
  private var known: [String: PathResolver.Lookup] = [:]

  mutating func read(_ request: ReadRequest, _ content: [UInt8], _ base: any TreeSource) {
    failures[.bytes]?[request.path] = nil
    guard let path = walk(request.path, followLast: true, base) else { return }
    recording.nodes[path]?.content = content
    // One read of a file may be marked as sensitive, and another not.
    if request.sensitivity != .none { recording.nodes[path]?.sensitivity = request.sensitivity }
  }

  mutating func listed(_ path: String, _ list: [String], _ base: any TreeSource) {
    failures[.entries]?[path] = nil
    if let folder = walk(path, followLast: true, base) { names[folder] = list }
  }

  mutating func foundLink(_ path: String, _ target: String, _ base: any TreeSource) {
    failures[.linkTarget]?[path] = nil
    if let link = walk(path, followLast: false, base) { recording.nodes[link]?.target = target }
  }

  mutating func resolved(_ path: String, _ resolved: String, _ base: any TreeSource) {
    failures[.realPath]?[path] = nil
    realPaths[path] = resolved
    _ = walk(path, followLast: true, base)
  }

  mutating func found(_ path: String, _ status: FileStatus, _ base: any TreeSource) {
    failures[.status]?[path] = nil
    statuses[path] = status
    if let here = walk(path, followLast: false, base) { recording.nodes[here]?.status = status }
  }

  mutating func failed(
    _ operation: RecordingNotes.Operation, _ path: String, _ failure: ReadFailure,
    _ base: any TreeSource
  ) {
    switch operation {
    case .bytes:
      // A smaller limit than before does not undo what was read.
      if case .tooLarge = failure.cause, let here = walk(path, followLast: true, base),
        recording.nodes[here]?.content != nil
      {
        return
      }
    case .realPath: realPaths[path] = nil
    case .status: statuses[path] = nil
    case .entries, .linkTarget: break
    }
    failures[operation, default: [:]][path] = failure.cause
    // What is there and could not be read must be there in the recording too.
    if failure.cause != .notFound || operation == .linkTarget {
      _ = walk(path, followLast: operation != .status && operation != .linkTarget, base)
    }
  }

  /// Resolves a path through the source and keeps every folder and link on the way.
  private mutating func walk(
    _ path: String, followLast: Bool, _ base: any TreeSource
  ) -> String? {
    // Not captured by the closure: it is called while `self` is being changed.
    var known = known
    var found: [(String, Recording.Node)] = []
    self.known = [:]
    defer {
      self.known = known
      for (path, node) in found { recording.nodes[path] = node }
    }
    return try? PathResolver.walk(path, followLast: followLast) { here in
      if let lookup = known[here] { return lookup }
      guard let status = try? base.status(here) else { return .missing }
      let lookup: PathResolver.Lookup
      var node = Recording.Node(status: status)
      if status.kind == .link {
        guard let target = try? base.linkTarget(here) else { return .missing }
        node.target = target
        lookup = .link(target)
      } else {
        lookup = .present
      }
      known[here] = lookup
      found.append((here, node))
      return lookup
    }
  }

  /// The recording, with notes of everything that its files alone would answer otherwise.
  func finished(_ header: RecordingHeader) -> Recording {
    var result = recording
    result.notes.header = header
    for (path, node) in result.nodes {
      let isRead =
        switch node.status.kind {
        case .file, .other: node.content != nil
        case .directory: true
        case .link: node.target != nil
        }
      if !isRead { result.notes.unread[path] = node.status }
    }
    for (folder, names) in names {
      result.notes.listings[folder] = names.filter {
        result.nodes[folder == "/" ? "/" + $0 : folder + "/" + $0] == nil
      }
    }
    let replay = result.replay().source
    for (operation, paths) in failures {
      result.notes.failures[operation] = paths.filter { path, cause in
        State.outcome(operation, path, of: replay) != cause
      }
    }
    result.notes.statuses = statuses.filter { (try? replay.status($0.key)) != $0.value }
    result.notes.realPaths = realPaths.filter { (try? replay.realPath($0.key)) != $0.value }
    return result
  }

  /// How a call fails; nil when it succeeds.
  private static func outcome(
    _ operation: RecordingNotes.Operation, _ path: String, of source: any TreeSource
  ) -> ReadFailure.Cause? {
    do throws(ReadFailure) {
      switch operation {
      case .bytes: _ = try source.bytes(ReadRequest(path, limit: .max))
      case .entries: _ = try source.entries(path)
      case .linkTarget: _ = try source.linkTarget(path)
      case .realPath: _ = try source.realPath(path)
      case .status: _ = try source.status(path)
      }
      return nil
    } catch {
      return error.cause
    }
  }
}

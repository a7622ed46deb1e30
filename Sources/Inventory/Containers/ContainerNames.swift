internal import Base
internal import KernelTree

/// Gives containers the names, images and labels that their engines wrote down. Only root may
/// read those files; without them a container is still listed by its id.
struct ContainerNames {
  private let tree: KernelTree
  private var podman: Result<[String: EngineFiles.Facts], ReadFailure>?
  private static let limit = 16 << 20

  init(_ tree: KernelTree) { self.tree = tree }

  /// Fills in what the engine knows.
  mutating func describe(_ container: inout Container) {
    switch container.engine {
    case .podman: describePodman(&container)
    case .docker: describeDocker(&container)
    }
  }

  private mutating func describePodman(_ container: inout Container) {
    let path = EngineFiles.podmanList
    let list = podman ?? readPodmanList()
    podman = list
    var facts: EngineFiles.Facts?
    var reason = "not in podman's list for root: a user's own containers are listed elsewhere"
    switch list {
    case .success(let known): facts = known[container.id]
    case .failure(let failure): reason = failure.reason
    }
    container.name = facts?.name
    container.image = facts?.image
    if facts == nil {
      for fact in ["name", "image", "labels"] {
        container.unknown.append(UnknownFact(fact: fact, path: path, reason: reason))
      }
      return
    }
    let folder = "/var/lib/containers/storage/overlay-containers/\(container.id)/userdata"
    let annotated = ask(container, folder + "/config.json", EngineFiles.annotations)
    switch annotated {
    case .success(let found):
      container.labels = found.labels
      if found.labels.isEmpty {
        container.unknown.append(
          UnknownFact(
            fact: "labels", path: folder + "/config.json",
            reason: "podman keeps labels in its database; only annotations can be read"))
      }
    case .failure(let failure):
      container.unknown.append(
        UnknownFact(fact: "labels", path: failure.path, reason: failure.reason))
    }
  }

  private func readPodmanList() -> Result<[String: EngineFiles.Facts], ReadFailure> {
    do throws(ReadFailure) {
      let text = try tree.bytes(EngineFiles.podmanList, limit: ContainerNames.limit)
      // EBADMSG: no cause exists for a text that is not what its name says.
      guard let list = EngineFiles.podman(text) else {
        return .failure(ReadFailure(path: EngineFiles.podmanList, errno: .EBADMSG))
      }
      return .success(list)
    } catch {
      return .failure(error)
    }
  }

  private func describeDocker(_ container: inout Container) {
    let path = "/var/lib/docker/containers/\(container.id)/config.v2.json"
    switch ask(container, path, EngineFiles.docker) {
    case .success(let facts):
      container.name = facts.name
      container.image = facts.image
      container.labels = facts.labels
    case .failure(let failure):
      for fact in ["name", "image", "labels"] {
        container.unknown.append(
          UnknownFact(fact: fact, path: failure.path, reason: failure.reason))
      }
    }
  }

  /// The probe around an engine's file: see `EngineFiles` for why the tree does not read it.
  private func ask(
    _ container: Container, _ path: String, _ parse: ([UInt8]) -> EngineFiles.Facts?
  ) -> Result<EngineFiles.Facts, ReadFailure> {
    do throws(ReadFailure) {
      let text = try tree.probe("container/\(container.engine.rawValue)-\(container.id)") {
        () throws(ReadFailure) -> [UInt8] in
        let content = try KernelTree.live.bytes(path, limit: ContainerNames.limit)
        guard let facts = parse(content) else { throw ReadFailure(path: path, errno: .EBADMSG) }
        return EngineFiles.encode(facts)
      }
      return .success(EngineFiles.decode(text))
    } catch {
      return .failure(error)
    }
  }
}

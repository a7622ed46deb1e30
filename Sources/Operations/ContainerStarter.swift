internal import Base
internal import Inventory
internal import Linux
internal import Placement

/// Who starts a container and opens its device nodes.
struct ContainerStarter {
  /// The user who runs this program.
  let user: UInt32
  /// Whether the engine runs as that user, and that user is not root.
  let isRootless: Bool

  /// The one behind an engine: podman runs as its caller, docker asks a service, which is root's but
  /// where `DOCKER_HOST` names the one of a user (docs.docker.com, rootless mode).
  init(_ engine: Container.Engine) {
    user = CallingUser.id
    let isUsersOwn =
      engine == .podman
      || Terminal.environment("DOCKER_HOST")?.contains("/run/user/") == true
    isRootless = user != 0 && isUsersOwn
  }

  /// Why a device node may not be opened; nil when it may.
  func denial(_ node: DeviceNode) -> String? {
    guard isRootless, let errno = CallingUser.denial(node.path, writing: !node.isReadOnly) else {
      return nil
    }
    if !errno.isNotPermitted { return "\(node.path): \(errno.plainly)" }
    let group = CallingUser.group(of: node.path).map { "; members of group \($0) may" } ?? ""
    return "user \(user) may not open \(node.path)\(group), or run it with sudo"
  }
}

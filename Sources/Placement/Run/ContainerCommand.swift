public import Base
package import Inventory

/// A command line of podman or docker with a place added to it.
public enum ContainerCommand {
  /// Why a command line cannot be given a place.
  public struct Refusal: ReasonedError, Hashable, Sendable, CustomStringConvertible {
    /// Why.
    public var reason: String

    /// Why.
    public var description: String { reason }
  }

  /// Options that say where a container runs: those of the caller would contradict those added
  /// here.
  private static let ours = ["--cpuset-cpus", "--cpuset-mems", "--cgroup-parent"]

  /// The program that a command line starts.
  package static func engine(of arguments: [String]) throws(Refusal) -> Container.Engine {
    guard let program = arguments.first else { throw Refusal(reason: "there is no command") }
    let name = program.split(separator: "/").last.map(String.init) ?? program
    guard let engine = Container.Engine(rawValue: name) else {
      throw Refusal(reason: "'\(name)' is neither podman nor docker")
    }
    return engine
  }

  /// The command line with the place after `run` or `create`.
  /// - Parameters:
  ///   - devices: device nodes of the GPUs.
  ///   - memoryBytes: limit of its memory.
  ///   - isRootless: whether the engine runs as an ordinary user.
  package static func place(
    _ arguments: [String], in allocation: Allocation, devices: [String], memoryBytes: Int?,
    isRootless: Bool = false
  ) throws(Refusal) -> [String] {
    let engine = try engine(of: arguments).rawValue
    var verb = 1
    if arguments.count > 1, arguments[1] == "container" { verb = 2 }
    guard arguments.count > verb, ["run", "create"].contains(arguments[verb]) else {
      throw Refusal(
        reason: "'\(arguments.dropFirst().first ?? "")' starts no container: "
          + "'\(engine) run' or '\(engine) create' is wanted")
    }
    var hasGroups = false
    for argument in arguments.dropFirst(verb + 1) {
      let name = argument.split(separator: "=").first.map(String.init) ?? argument
      if name == "--group-add" { hasGroups = true }
      if ours.contains(name) {
        throw Refusal(reason: "the command already has \(name), which decides where it runs")
      }
    }
    var options = [
      "--cpuset-cpus=\(allocation.cpus)", "--cpuset-mems=\(allocation.memoryNode)",
    ]
    if let slice = allocation.slice { options.append("--cgroup-parent=\(slice)") }
    if let memoryBytes { options.append("--memory=\(memoryBytes)b") }
    options += devices.map { "--device=\($0)" }
    // Rootless podman drops the user's supplementary groups, such as render and video, through which
    // the nodes may be opened; it takes keep-groups with no other group (podman-run(1), --group-add).
    if isRootless, engine == Container.Engine.podman.rawValue, !devices.isEmpty, !hasGroups {
      options.append("--group-add=keep-groups")
    }
    var labels = ["\(WorkloadPlanner.nodeLabel)=\(allocation.node)"]
    if let nic = allocation.nic { labels.append("\(WorkloadPlanner.nicLabel)=\(nic)") }
    if !allocation.gpus.isEmpty {
      labels.append(
        "\(Allocation.gpuLabel)=\(allocation.gpus.map(\.description).joined(separator: ","))")
    }
    for label in labels {
      options.append("--label=\(label)")
      // podman keeps labels in its database; annotations are in a file that can be read.
      if engine == Container.Engine.podman.rawValue { options.append("--annotation=\(label)") }
    }
    return Array(arguments[...verb]) + options + arguments.dropFirst(verb + 1)
  }
}

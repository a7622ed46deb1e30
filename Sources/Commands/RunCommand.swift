internal import ArgumentParser
internal import Base
internal import Linux
internal import Operations

/// `tinyboxctl run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Start a container on the node that has its devices free.",
    discussion: """
      Picks a node, and runs the given command of podman or docker with its CPUs, its memory, the \
      slice of the node and the device nodes of the GPUs. The choice and the reason are printed on \
      standard error. When no node fits, nothing is started.

      tinyboxctl run --gpus 2 --nic eth2 -- podman run -d IMAGE
      """)

  @Option(help: "Number of free GPUs, all of one node.")
  var gpus = 0

  @Option(help: ArgumentHelp("This GPU; the option may be repeated.", valueName: "device"))
  var gpu: [String] = []

  @Option(help: ArgumentHelp("On the node of this network interface.", valueName: "name"))
  var nic: String?

  @Option(help: "On this NUMA node.")
  var node: Int?

  @Option(help: "Number of CPUs; without it all that the node has for containers.")
  var cpus: Int?

  @Option(
    help: ArgumentHelp(
      "Memory that the node must have free, such as 64G.", valueName: "size"))
  var memory: String?

  @Flag(name: .customLong("dry-run"), help: "Print the command line, start nothing.")
  var dryRun = false

  @OptionGroup var policy: PolicyOptions

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command of podman or docker.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    if command.isEmpty { throw ValidationError("a command is missing: -- podman run ...") }
    if gpus < 0 || cpus.map({ $0 < 1 }) ?? false || node.map({ $0 < 0 }) ?? false {
      throw ValidationError("--gpus, --cpus and --node take counts and numbers")
    }
    if gpus > 0, !gpu.isEmpty { throw ValidationError("--gpus and --gpu exclude each other") }
  }

  func run() throws {
    var needs = ContainerNeeds()
    needs.gpuCount = gpus
    needs.gpus = gpu
    needs.nic = nic
    needs.node = node
    needs.cpuCount = cpus
    needs.memory = memory
    try perform { () throws(Failure) in
      let placed = try PlacementOperations(policyFile: policy.policy).place(command, needs: needs)
      for reason in placed.reasons { Output.note(reason) }
      if dryRun { return try Output.write(placed.arguments.joined(separator: " ") + "\n") }
      // Becomes the container engine.
      do throws(Errno) {
        try Program.replace(with: placed.arguments)
      } catch {
        throw Failure("start \(placed.arguments[0])", because: error.plainly)
      }
    }
  }
}

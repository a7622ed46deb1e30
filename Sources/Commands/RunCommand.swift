public import Base
internal import Inventory
internal import KernelTree
internal import Linux
internal import Placement

/// `tinyboxctl run`: starts a container where its devices are.
public struct RunCommand: Sendable {
  /// What the container needs.
  public struct Needs: Sendable {
    /// So many GPUs.
    public var gpuCount = 0
    /// These GPUs.
    public var gpus: [String] = []
    /// The network interface it is put beside.
    public var nic: String?
    /// The node.
    public var node: Int?
    /// So many CPUs.
    public var cpuCount: Int?
    /// Memory: `64G`, `512M`, or bytes.
    public var memory: String?

    /// Needs nothing.
    public init() {}
  }

  /// Reads the machine and the policy.
  private let placement: PlacementCommand
  private let needs: Needs

  /// The command.
  public init(_ placement: PlacementCommand, needs: Needs) {
    self.placement = placement
    self.needs = needs
  }

  /// The place, why it is that one, and the command line that goes there.
  public func plan(
    _ arguments: [String]
  ) throws(Failure) -> (reasons: [String], arguments: [String]) {
    let planned = try placement.makePlan()
    var request = BerthRequest()
    request.gpuCount = needs.gpuCount
    request.gpus = needs.gpus
    request.nic = needs.nic
    request.node = needs.node
    request.cpuCount = needs.cpuCount
    if let text = needs.memory {
      guard let bytes = RunCommand.bytes(text) else {
        throw Failure(
          "understand --memory \(text)", because: "it is no size such as 64G or 512M", code: .usage)
      }
      request.memoryBytes = bytes
    }
    let berth: Berth
    do throws(NoBerth) {
      berth = try Berth.find(request, planned.inventory, planned.policy)
    } catch {
      throw Failure(
        "find a place", because: error.reasons.first ?? "no node fits",
        hint: error.reasons.count > 1
          ? error.reasons.dropFirst().joined(separator: "\n  ") : nil)
    }
    var devices: [String] = []
    for address in berth.gpus {
      guard let gpu = planned.inventory.gpus.first(where: { $0.address == address }) else {
        continue
      }
      let paths = GPUNodes.paths(gpu, planned.tree)
      if paths.isEmpty {
        throw Failure(
          "give GPU \(address.short) to a container",
          because: "it has no device node: its driver is \(gpu.driver ?? "none")")
      }
      devices += paths.filter { !devices.contains($0) }
    }
    do throws(ContainerCommand.Refusal) {
      let placed = try ContainerCommand.place(
        arguments, in: berth, devices: devices, memoryBytes: request.memoryBytes)
      return (RunCommand.describe(berth, planned.surroundings), placed)
    } catch {
      throw Failure("place the container", error, code: .usage)
    }
  }

  /// Becomes the container engine, after it told where it puts the container.
  public func run(_ arguments: [String]) throws(Failure) -> Never {
    let (reasons, placed) = try plan(arguments)
    for reason in reasons { Output.note(reason) }
    do throws(Errno) {
      try Program.replace(with: placed)
    } catch {
      throw Failure(
        "start \(placed[0])", because: ReadFailure(path: "", errno: error).reason)
    }
  }

  private static func describe(_ berth: Berth, _ surroundings: Surroundings) -> [String] {
    var lines = berth.reasons
    var what = "CPUs \(berth.cpus), memory of node \(berth.memoryNode)"
    if !berth.gpus.isEmpty { what += ", GPU " + berth.gpus.map(\.short).joined(separator: " ") }
    if let nic = berth.nic { what += ", beside \(nic)" }
    lines.append(what)
    if let slice = berth.slice, surroundings.unitProperties[slice] == nil {
      lines.append(
        "\(slice) has no CPUs of its own yet: 'tinyboxctl placement apply' gives it some")
    }
    return lines
  }

  /// Bytes of `64G`, `512MiB`, `1024`: powers of 1,024, as the container engines take them.
  static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    var unit = text.dropFirst(digits.count).lowercased()
    for suffix in ["ib", "b"] where unit.hasSuffix(suffix) && unit.count > suffix.count - 1 {
      unit = String(unit.dropLast(suffix.count))
      break
    }
    guard let number = Int(digits), let power = ["", "k", "m", "g", "t"].firstIndex(of: unit)
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << (10 * power))
    return overflow || bytes <= 0 ? nil : bytes
  }
}

/// `tinyboxctl cdi generate`: device nodes of GPUs for container engines.
public struct CDICommand: Sendable {
  /// Tree and options.
  public var session: Session
  /// Where the specification goes.
  public static let path = "/etc/cdi/tinybox.json"

  /// The command.
  public init(session: Session) { self.session = session }

  /// The specification.
  public func text() throws(Failure) -> String {
    let tree = try session.tree()
    var options = try session.options([.memory, .pci, .gpus])
    options.useVendorLibraries = false
    let specification = CDISpecification(Collection.run(tree, options: options), tree)
    if specification.devices.isEmpty {
      throw Failure(
        "describe the GPUs", because: "there is none with a device node of amdgpu or nvidia")
    }
    return try JSONOutput.text(specification)
  }
}

internal import Inventory
internal import KernelTree
internal import Placement
internal import Render

/// `tinyboxctl placement`.
public struct PlacementCommand: Sendable {
  /// Tree and options.
  public var session: Session
  /// A policy file in place of those in `/etc/tinybox`.
  public var policyFile: String?

  /// The command.
  public init(session: Session, policyFile: String? = nil) {
    self.session = session
    self.policyFile = policyFile
  }

  /// What a plan rests on.
  static let parts: CollectionOptions.Parts = [
    .memory, .processors, .pci, .pciDetail, .gpus, .nics, .nvme, .interrupts, .interruptDetail,
    .workloads, .system,
  ]

  /// `tinyboxctl placement plan`: what would be changed, as a diff or JSON.
  public func plan(_ display: Display) throws(CommandFailure) -> String {
    let plan = try makePlan().plan
    if session.json { return try JSONOutput.text(plan) }
    return PlacementPlan.render(plan, display.style).joined(separator: "\n") + "\n"
  }

  /// Reads the machine and the policy, and plans.
  func makePlan() throws(CommandFailure) -> (plan: Plan, inventory: Inventory) {
    let tree = try session.tree()
    let policy = try policy(tree)
    var options = try session.options(PlacementCommand.parts)
    // What they tell is no matter of place, and they take up to seconds.
    options.useVendorLibraries = false
    let inventory = Collection.run(tree, options: options)
    let problems = policy.problems(on: inventory)
    if !problems.isEmpty { throw PlacementCommand.failure(problems) }
    return (Plan(inventory, policy, Surroundings.read(tree)), inventory)
  }

  private func policy(_ tree: KernelTree) throws(CommandFailure) -> Policy {
    do throws(PolicyFailure) {
      guard let policyFile else { return try PolicyFiles.read(tree) }
      return try PolicyFiles.read(file: policyFile, .live)
    } catch {
      throw PlacementCommand.failure(error.problems)
    }
  }

  private static func failure(_ problems: [ConfigurationProblem]) -> CommandFailure {
    let lines = problems.map(\.description)
    return CommandFailure(
      "use the policy", cause: lines.first ?? "it is wrong",
      hint: lines.count > 1 ? lines.dropFirst().joined(separator: "\n  ") : nil)
  }
}

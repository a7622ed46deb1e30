package import Base
internal import Configuration
package import Inventory
package import Placement
package import RuntimeCatalog

/// Which runtime gets which GPUs, CPUs and memory, and the units that follow; pure.
///
/// Planned are first those that hold the GPUs they want, then those that name others, then those that want a
/// number, then those without: first those that have a node. Of equals, by name. So a new file takes nothing
/// from a runtime that works, and the same facts give the same plan.
package struct RuntimePlan: Hashable, Sendable {
  /// The runtimes that can run, by name.
  package private(set) var units: [RuntimeUnit] = []
  /// Those that cannot, by name.
  package private(set) var refusals: [RuntimeRefusal] = []

  /// A plan of no runtimes.
  package init() {}

  /// What a plan is made from.
  package struct Facts {
    /// The machine.
    package var inventory: Inventory
    /// The owner's policy of placement.
    package var policy: Policy
    /// Through which device nodes each GPU is used.
    package var offers: [PCIAddress: GPUOffer]
    /// The models that were added, by name.
    package var models: [String: ModelState]
    /// What each runtime has by the drop-ins in force, by its name: it keeps that.
    package var held: [String: RuntimeUnit.Held]

    /// Facts of a machine.
    package init(
      inventory: Inventory, policy: Policy, offers: [PCIAddress: GPUOffer],
      models: [String: ModelState], held: [String: RuntimeUnit.Held] = [:]
    ) {
      self.inventory = inventory
      self.policy = policy
      self.offers = offers
      self.models = models
      self.held = held
    }
  }

  /// What is known of a model that was added.
  package enum ModelState: Hashable, Sendable {
    /// It is as it was added.
    case usable(ModelRecord)
    /// It is not, and why.
    case damaged(String)
  }

  /// Plans all runtimes of a machine.
  package static func make(_ specs: [RuntimeSpec], _ facts: Facts) -> RuntimePlan {
    var plan = RuntimePlan()
    var devices = DeviceAssigner(facts)
    for spec in order(specs, facts) {
      do throws(RuntimeRefusal) {
        // A refused runtime keeps no device.
        var taking = devices
        var maker = try UnitMaker(spec, facts)
        plan.units.append(try maker.make(&taking))
        devices = taking
      } catch {
        plan.refusals.append(error)
      }
    }
    plan.units.sort { $0.name < $1.name }
    plan.refusals.sort { $0.name < $1.name }
    return plan
  }

  private static func order(_ specs: [RuntimeSpec], _ facts: Facts) -> [RuntimeSpec] {
    func rank(_ spec: RuntimeSpec) -> Int {
      let held = facts.held[spec.name]?.gpus ?? []
      let without = facts.held[spec.name]?.node == nil ? 5 : 4
      switch spec.gpus?.value {
      case nil: return without
      case let request? where request.count == 0: return without
      case .addresses(let named)?: return named.sorted() == held.sorted() ? 0 : 2
      case .count(let count)?: return count == held.count ? 1 : 3
      }
    }
    return specs.sorted { (rank($0), $0.name) < (rank($1), $1.name) }
  }
}

/// Why a runtime cannot run.
package struct RuntimeRefusal: Error, Hashable, Sendable {
  /// Its name.
  package var name: String
  /// Its state in the registry.
  package var state: RuntimeInstance.State
  /// Why, in words for people; one reason a line.
  package var reason: String

  /// A refusal of a runtime.
  package init(_ name: String, _ state: RuntimeInstance.State, _ reason: String) {
    self.name = name
    self.state = state
    self.reason = reason
  }
}

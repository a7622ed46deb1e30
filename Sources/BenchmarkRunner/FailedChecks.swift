internal import Base
package import Benchmarks
internal import Health
internal import Inventory
package import Operations

/// The failed checks of a machine, read once: what may be the cause of a low figure.
package struct FailedChecks: Sendable {
  /// Those that warn or fail.
  var findings: [Finding] = []
  private var gpus: Set<PCIAddress> = []
  private var drives: Set<PCIAddress> = []
  /// Why checks could not be made; nil when all were.
  private var unread: String?

  /// Of the machine of a reader.
  package init(_ reader: MachineReader) {
    do throws(Failure) {
      let tree = try reader.tree()
      let inventory = try reader.inventory(.all, of: tree)
      do throws(Failure) {
        self.init(inventory, profile: .success(try ProfileStore(tree).inForce()))
      } catch {
        self.init(inventory, profile: .failure(error))
      }
    } catch {
      self.init(unread: error)
    }
  }

  /// Of a machine that cannot be read.
  init(unread failure: Failure) { unread = "checks not readable: \(failure)" }

  /// Of a machine, with the profile in force or why it cannot be read.
  init(_ inventory: Inventory, profile: Result<Profile?, Failure>) {
    var known: Profile?
    switch profile {
    case .success(let profile): known = profile
    case .failure(let failure): unread = "checks not readable: \(failure)"
    }
    findings = HealthReport(Box(inventory, profile: known)).findings.filter {
      $0.verdict == .warn || $0.verdict == .fail
    }
    gpus = Set(inventory.gpus.map(\.address))
    drives = Set(inventory.nvme.compactMap(\.address))
  }

  /// Ids of those on the path of a measurement; last, why some are unknown.
  package func on(_ planned: PlannedMeasurement) -> [String] {
    var areas: Set<CheckInfo.Area> =
      planned.devices.isEmpty ? [.memory, .processors] : [.pcie, .interrupts]
    if !gpus.isDisjoint(with: planned.devices) { areas.insert(.gpu) }
    if !drives.isDisjoint(with: planned.devices) { areas.insert(.storage) }
    let ids = findings.filter { finding in
      if let address = finding.address { return planned.devices.contains(address) }
      guard let area = Checks.named(finding.check)?.info.area else { return false }
      return areas.contains(area)
    }.map(\.check)
    return Set(ids).sorted() + [unread].compactMap(\.self)
  }
}

internal import Base
internal import Inventory
internal import KernelTree

/// Limits on CPU time and drives that the control group of this process, or one above it, sets.
///
/// Figures fall with them while the machine is what it was, so they are part of the context
/// (Documentation/admin-guide/cgroup-v2.rst, cpu.max and io.max).
struct ControlGroupLimits: Hashable {
  /// The least quota, `0.5 CPUs (/system.slice/tinybox-benchmark.service)`; `none`; nil where it is not known.
  private(set) var cpuQuota: String?
  /// Whether the limits of drives are known.
  private var knowsDrives = false
  /// By number of the block device, such as `259:0`: `rbps=20971520 (/system.slice)`.
  private(set) var drives: [String: String] = [:]

  /// The limits of this process. A file that cannot be read limits nothing that is known.
  init(_ tree: KernelTree = .live) {
    let lines = (tree.textIfPresent("/proc/self/cgroup") ?? "").split(separator: "\n")
    // The line of version 2 has no number and no controllers (cgroups(7)).
    guard let own = lines.first(where: { $0.hasPrefix("0::/") })?.dropFirst(3) else { return }
    var parts = own.split(separator: "/")
    var least = Double.infinity
    // In a namespace of control groups this process may be in `/`, and sees none of those above it. A
    // controller that version 2 does not have here may limit by version 1.
    let controllers = (tree.textIfPresent("/sys/fs/cgroup/cgroup.controllers") ?? "")
      .split(separator: " ")
    if !parts.isEmpty {
      if controllers.contains("cpu") { cpuQuota = Self.none }
      knowsDrives = controllers.contains("io")
    }
    while !parts.isEmpty {
      let group = "/" + parts.joined(separator: "/")
      let folder = "/sys/fs/cgroup\(group)"
      if let cpus = Self.cpus(tree.textIfPresent("\(folder)/cpu.max") ?? ""), cpus < least {
        least = cpus
        cpuQuota = "\(Units.decimal(cpus, places: 2)) CPUs (\(group))"
      }
      for line in (tree.textIfPresent("\(folder)/io.max") ?? "").split(separator: "\n") {
        let words = line.split(separator: " ")
        let limits = words.dropFirst().filter { !$0.hasSuffix("=max") }
        guard let number = words.first.map(String.init), !limits.isEmpty else { continue }
        let text = limits.joined(separator: " ") + " (\(group))"
        drives[number] = drives[number].map { "\($0), \(text)" } ?? text
      }
      parts.removeLast()
    }
  }

  /// No limit. A file that is not there sets none: its controller is not in use at that place.
  private static let none = "none"

  /// `50000 100000`, microseconds of CPU time in so many of the clock; nil for `max`.
  private static func cpus(_ text: String) -> Double? {
    let numbers = text.split(separator: " ").map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], period > 0 else {
      return nil
    }
    return quota / period
  }

  /// Facts of the machine as a whole.
  var machineFacts: [String: String] { cpuQuota.map { ["cgroup.cpuQuota": $0] } ?? [:] }

  /// Facts of drives; each name begins with the drive's address, as the others of a device do.
  func facts(
    _ addresses: [PCIAddress], _ inventory: Inventory, _ tree: KernelTree = .live
  ) -> [String: String] {
    var facts: [String: String] = [:]
    for controller in inventory.nvme {
      guard let address = controller.address, addresses.contains(address) else { continue }
      for namespace in controller.namespaces {
        guard let number = tree.textIfPresent("/sys/class/block/\(namespace.name)/dev"),
          let limit = drives[number] ?? (knowsDrives ? Self.none : nil)
        else { continue }
        // A limit of one namespace is not hidden by another one without.
        if limit == Self.none, facts["\(address.short) cgroup.ioLimit"] != nil { continue }
        facts["\(address.short) cgroup.ioLimit"] = limit
      }
    }
    return facts
  }
}

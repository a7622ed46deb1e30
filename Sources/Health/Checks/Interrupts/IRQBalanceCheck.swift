internal import Base
internal import Inventory

/// Whether irqbalance moves the interrupts of GPUs, drives and network interfaces.
enum IRQBalanceCheck: Check {
  static let info = CheckInfo(
    id: "irqbalance",
    title: "irqbalance and device interrupts",
    area: .interrupts,
    harm: .smallLoss,
    why: """
      irqbalance spreads interrupts over all CPUs by load, every 10 seconds. Where interrupts have \
      been placed on the cores next to their device, it undoes that. It can be asked to leave \
      some alone. On a machine with one node it does no harm.
      """,
    reads: [
      "system.irqbalance, system.processesListed (/proc/*/comm, cmdline)",
      "pci[*].vectors, interrupts[*].mobility", "memory.nodes",
    ],
    verdicts: [
      .pass: "runs, and every movable interrupt of a GPU, drive or NIC is banned from it",
      .warn: "runs, and may move interrupts of GPUs, drives or NICs",
      .unknown: "processes or interrupts could not be seen, or a script decides",
      .notApplicable: "does not run, or one node",
    ],
    fix: "Ban the interrupts of these devices, or stop the service.",
    risk: "Without it, interrupts of other devices stay where the kernel put them.",
    sources: [
      "irqbalance(1): --banirq, --banmod, --policyscript; bans by number are lost when they change",
      "Solarflare adapter user guide, interrupt affinity: it is necessary to disable the service",
      "Mellanox, what is IRQ affinity (DOC-2123): mlnx_tune by default does not stop it, for some "
        + "workloads stopping is better (disagrees with always stopping)",
    ],
    needs: [.system, .interrupts, .interruptDetail, .pci, .pciDetail, .memory, .gpus, .nics, .nvme])

  static func evaluate(_ box: Box) -> [Finding] {
    let system = box.inventory.system
    guard let process = system.irqbalance else {
      if box.isInContainer {
        return [
          unknown(
            "a container does not see it",
            evidence: [
              Evidence(
                missing: "system.irqbalance", path: "/proc/*/comm",
                reason: "the host's processes are not seen from a container")
            ])
        ]
      }
      if system.processesListed != true {
        return [
          unknown(
            "unknown whether it runs",
            evidence: [
              Evidence(
                missing: "system.irqbalance", key: "irqbalance", in: system.unknown,
                path: "/proc/*/comm")
            ])
        ]
      }
      return [notApplicable("irqbalance does not run")]
    }
    if let finding = withoutNodes(box) { return [finding] }
    let arguments = process.arguments.dropFirst()
    var evidence = [
      Evidence(
        "system.irqbalance", "process \(process.pid): " + arguments.joined(separator: " "),
        path: "/proc/\(process.pid)/cmdline")
    ]
    if arguments.contains(where: { $0.hasPrefix("--policyscript") || $0.hasPrefix("-l") }) {
      return [unknown("runs; a script decides what it may move", evidence: evidence)]
    }
    let devices = DeviceInterrupts.all(box)
    if devices.isEmpty {
      evidence.append(
        Evidence(missing: "pci", path: "/sys/bus/pci/devices", reason: "no device to compare with"))
      return [unknown("runs; no GPU, NIC or NVMe drive seen", evidence: evidence)]
    }
    let bans = Bans(Array(arguments))
    var exposed: [String] = []
    var unseen: [String] = []
    var numbers: [Int] = []
    for device in devices {
      let name = box.subject(device.function.address).name ?? device.function.address.short
      // Without a driver it has none.
      if device.interrupts.isEmpty, device.function.driver != nil { unseen.append(name) }
      let free = device.placeable.filter {
        !bans.covers($0.number, driver: device.function.driver)
      }
      if !free.isEmpty { exposed.append(name) }
      numbers += free.map(\.number)
    }
    if exposed.isEmpty {
      evidence.append(
        unseen.isEmpty
          ? Evidence(
            "interrupts", "all interrupts of GPUs, NICs and drives are banned or fixed",
            path: "/proc/irq")
          : Evidence(
            missing: "interrupts", path: "/proc/irq",
            reason: "none seen of \(unseen.prefix(4).joined(separator: ", "))"))
      return [pass("runs, and leaves GPUs, NICs and drives alone", evidence: evidence)]
    }
    evidence.append(
      Evidence("interrupts", "movable: \(NumberSet(numbers))", path: "/proc/irq"))
    return [warning(exposed, NumberSet(numbers), process, evidence)]
  }

  private static func warning(
    _ exposed: [String], _ numbers: NumberSet, _ process: IRQBalance, _ evidence: [Evidence]
  ) -> Finding {
    let names =
      exposed.count > 3
      ? exposed.prefix(2).joined(separator: ", ") + " and \(exposed.count - 2) more"
      : exposed.joined(separator: ", ")
    let bans = numbers.numbers.map { "--banirq=\($0)" }.joined(separator: " ")
    let unit = Text.quoted(process.unit ?? "irqbalance.service")
    return warn(
      "runs, and may move \(names)", evidence: evidence,
      consequence: "every 10 s it may move an interrupt to another node's CPU",
      advice: [
        Advice(
          "ban their interrupts from it, then restart it",
          commands: [
            "echo 'IRQBALANCE_ARGS=\"\(bans)\"' >> /etc/default/irqbalance",
            "systemctl restart \(unit)",
          ],
          risk: "numbers change when a driver is loaded again: ban them anew then"),
        Advice(
          "or stop it, where nothing else needs it", commands: ["systemctl disable --now \(unit)"],
          risk: "interrupts of other devices stay where the kernel puts them"),
      ])
  }

  /// What the arguments of irqbalance exclude.
  private struct Bans {
    private var numbers: Set<Int> = []
    private var drivers: Set<String> = []

    init(_ arguments: [String]) {
      for (index, argument) in arguments.enumerated() {
        let next = index + 1 < arguments.count ? arguments[index + 1] : ""
        if let value = Bans.value(argument, next, "--banirq", "-i") {
          if let number = Int(value) { numbers.insert(number) }
        } else if let value = Bans.value(argument, next, "--banmod", "-m") {
          drivers.insert(value)
        }
      }
    }

    /// The value of an option in any of its forms: `--banirq=4`, `--banirq 4`, `-i4`, `-i 4`.
    private static func value(
      _ argument: String, _ next: String, _ long: String, _ short: String
    ) -> String? {
      if argument == long || argument == short { return next }
      if argument.hasPrefix(long + "=") { return String(argument.dropFirst(long.count + 1)) }
      if argument.hasPrefix(short), !argument.hasPrefix("--") {
        return String(argument.dropFirst(short.count))
      }
      return nil
    }

    func covers(_ number: Int, driver: String?) -> Bool {
      numbers.contains(number) || driver.map(drivers.contains) ?? false
    }
  }
}

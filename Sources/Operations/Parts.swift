package import Inventory

/// What is read of a machine for what is asked of it.
extension CollectionOptions.Parts {
  /// The screen of `status`: everything but what only a detailed page needs.
  package static let status: Self = [
    .machine, .processors, .memory, .pci, .gpus, .nics, .nvme, .interrupts, .workloads, .system,
    .runtimes,
  ]

  /// The tree and the picture of `topology`.
  package static let topology: Self = [
    .machine, .processors, .memory, .pci, .slots, .gpus, .nics, .nvme,
  ]

  /// The matrix of `p2p`.
  package static let peers: Self = [
    .machine, .processors, .memory, .pci, .pciDetail, .gpus, .nics, .nvme,
  ]

  /// The table of `interrupts`.
  package static let interruptTable: Self = [
    .memory, .processors, .pci, .gpus, .nics, .nvme, .interrupts, .interruptDetail,
  ]

  /// Counts and names of interrupts: no file of each is read.
  package static let interruptCounts: Self = [.memory, .pci, .nics, .nvme, .interrupts]

  /// What a plan of the placement rests on.
  package static let placement: Self = [
    .memory, .processors, .pci, .pciDetail, .gpus, .nics, .nvme, .interrupts, .interruptDetail,
    .workloads, .system,
  ]

  /// GPUs and their device nodes.
  package static let deviceNodes: Self = [.memory, .pci, .gpus]
}

import Base
import KernelTree
import Testing

@testable import Inventory

@Suite struct InterruptCollectorTests {
  /// Two drives' worth of vectors, a network function, a bridge, a shared pin and a timer.
  static func builder(isOurs: Bool = true) -> MemoryTreeBuilder {
    var tree = MemoryTreeBuilder()
    if isOurs { tree.file("/tinybox-recording.json", "{}") }
    tree.file(
      "/proc/interrupts",
      """
                 CPU0       CPU1       CPU4
        0:        100          0          0  IO-APIC   2-edge      timer
       16:          3          0          1  IO-APIC  16-fasteoi   ehci_hcd:usb1, snd,odd
       40:          0          0          0  PCI-MSIX-0000:01:00.0   0-edge      nvme0q0
       41:          0          9          1  PCI-MSIX-0000:01:00.0   1-edge      nvme0q1
       50:          0          2          8  PCI-MSI 1-edge      eth0-TxRx-0
       51:          0          0          0  PCI-MSI 2-edge      eth0
      LOC:         50         50         50   Local timer interrupts
      """)
    for (number, mode) in [(0, 0o444), (16, 0o644), (40, 0o644), (41, 0o444), (50, 0o644)] {
      tree.file("/proc/irq/\(number)/smp_affinity_list", "0-1,4", permissions: UInt16(mode))
      tree.file("/proc/irq/\(number)/smp_affinity", "13", permissions: UInt16(mode))
      tree.file("/proc/irq/\(number)/effective_affinity_list", "4")
    }
    tree.directory("/proc/irq/16/ehci_hcd:usb1")
    tree.directory("/proc/irq/16/snd,odd")
    tree.file("/proc/irq/16/newer_attribute", "0")
    tree.file("/proc/irq/default_smp_affinity", "ff")
    tree.file("/sys/bus/pci/devices/0000:02:00.0/msi_irqs/50", "msi")
    tree.file("/sys/bus/pci/devices/0000:02:00.0/msi_irqs/51", "msi")
    tree.directory("/sys/bus/pci/devices/0000:02:00.0/net/eth0")
    tree.file("/sys/bus/pci/devices/0000:00:1d.0/irq", "16")
    tree.directory("/sys/bus/pci/devices/0000:01:00.0/nvme/nvme0")
    return tree
  }

  static func collect(_ tree: KernelTree) -> Inventory {
    var inventory = Inventory(origin: "test")
    var context = CollectionContext(tree: tree, options: CollectionOptions())
    for (text, driver, code, node) in [
      ("0000:00:1d.0", "ehci-pci", 0x0c0320, 0), ("0000:01:00.0", "nvme", 0x010802, 1),
      ("0000:02:00.0", "igb", 0x020000, 1),
    ] {
      guard let address = PCIAddress(text) else { continue }
      var function = PCIFunction(address: address)
      function.driver = driver
      function.identity.classCode = UInt32(code)
      function.locality.numaNode = node
      context.functionIndex[address] = inventory.pci.count
      inventory.pci.append(function)
    }
    InterruptCollector.collect(into: &inventory, &context)
    return inventory
  }

  @Test func collectsEverythingOfEach() throws {
    let inventory = Self.collect(Self.builder().tree())
    let found = Dictionary(uniqueKeysWithValues: inventory.interrupts.map { ($0.number, $0) })
    #expect(inventory.interrupts.map(\.number) == [0, 16, 40, 41, 50, 51])
    let timer = try #require(found[0])
    #expect(timer.mobility == .fixed)
    #expect(timer.mobilityReason == "the interrupt chip cannot move it")
    #expect(timer.device == nil)
    // The folders tell that the comma belongs to the name.
    let pin = try #require(found[16])
    #expect(pin.actions == ["ehci_hcd:usb1", "snd,odd"])
    #expect(pin.device?.description == "0000:00:1d.0")
    #expect(pin.deviceName == "ehci-pci")
    let admin = try #require(found[40])
    #expect(admin.role == .admin)
    #expect(admin.mobility == .movable)
    #expect(admin.total == 0)
    #expect(admin.counts.isEmpty)
    let queue = try #require(found[41])
    #expect(queue.device?.description == "0000:01:00.0")
    #expect(queue.deviceName == "nvme0")
    #expect(queue.role == .queue)
    #expect(queue.queue == 1)
    #expect(queue.mobility == .fixed)
    #expect(queue.counts == [1: 9, 4: 1])
    #expect(queue.affinity?.description == "0-1,4")
    #expect(queue.effectiveAffinity?.description == "4")
    #expect(queue.numaNode == 1)
    let ethernet = try #require(found[50])
    #expect(ethernet.deviceName == "eth0")
    #expect(ethernet.queue == 0)
    // A row whose folder vanished between list and read.
    let gone = try #require(found[51])
    #expect(gone.affinity == nil)
    #expect(gone.unknown.isEmpty)
    #expect(gone.role == .control)
    #expect(gone.mobility == .unknown)
    #expect(inventory.collectors.first?.outcome == .found)
  }

  @Test func modesOfForeignRecordingsSayNothing() {
    let inventory = Self.collect(Self.builder(isOurs: false).tree())
    #expect(inventory.interrupts.allSatisfy { $0.mobility == .unknown })
    #expect(
      inventory.interrupts.first?.mobilityReason == "the recording contains no file modes")
  }

  @Test func debugfsProves() {
    var builder = Self.builder()
    builder.file(
      "/sys/kernel/debug/irq/irqs/41",
      "handler:  handle_edge_irq\ndstate:   0x3740c208\n            IRQD_AFFINITY_MANAGED")
    builder.file("/sys/kernel/debug/irq/irqs/0", "dstate:   0x0\n            IRQD_SINGLE_TARGET")
    let found = Self.collect(builder.tree()).interrupts
    #expect(
      found.first { $0.number == 41 }?.mobilityReason?.contains("IRQD_AFFINITY_MANAGED") == true)
    #expect(found.first { $0.number == 0 }?.mobilityReason == "the interrupt chip cannot move it")
  }

  @Test func oldKernelsShowManagedOnesAsWritable() {
    var builder = Self.builder()
    for number in [0, 41] {
      builder.file("/proc/irq/\(number)/smp_affinity_list", "0", permissions: 0o644)
    }
    let old = Self.collect(builder.tree()).interrupts
    #expect(old.first { $0.number == 41 }?.mobility == .unknown)
    #expect(old.first { $0.number == 50 }?.mobility == .movable)
    builder.file("/proc/sys/kernel/osrelease", "6.12.1")
    #expect(Self.collect(builder.tree()).interrupts.first { $0.number == 41 }?.mobility == .movable)
  }

  @Test func aLoneVectorCarriesTheData() {
    var builder = Self.builder()
    builder.file(
      "/proc/interrupts", "     CPU0\n 51:   4  PCI-MSIX-0000:02:00.0 0-edge      eth0")
    let lone = Self.collect(builder.tree()).interrupts.first { $0.number == 51 }
    #expect(lone?.role == .control)  // 50 is still listed for the function.
    builder.remove("/proc/irq/50")
    #expect(Self.collect(builder.tree()).interrupts.first { $0.number == 51 }?.role == .queue)
  }

  @Test func aSharedPinOfSeveralFunctionsBelongsToNone() {
    var builder = Self.builder()
    builder.remove("/sys/bus/pci/devices/0000:02:00.0/msi_irqs")
    builder.file("/sys/bus/pci/devices/0000:02:00.0/irq", "16")
    #expect(Self.collect(builder.tree()).interrupts.first { $0.number == 16 }?.device == nil)
  }

  @Test func aMessageNeverCameThroughAPin() {
    var builder = Self.builder()
    builder.file(
      "/proc/interrupts", "     CPU0\n 16:   4  PCI-MSI 5-edge      somebody")
    #expect(Self.collect(builder.tree()).interrupts.first { $0.number == 16 }?.device == nil)
  }

  @Test func nothingToReadIsAFailureNotAnEmptyMachine() {
    let inventory = Self.collect(MemoryTreeBuilder().tree())
    #expect(inventory.interrupts.isEmpty)
    #expect(inventory.collectors.first?.outcome == .failed)
    #expect(inventory.collectors.first?.note?.contains("/proc/interrupts") == true)
  }

  @Test func damagedFilesNeverInventFacts() {
    for (path, tree) in Damage.trees(of: Self.builder()) {
      for interrupt in Self.collect(tree).interrupts {
        let all = interrupt.affinity.map { $0.isSubset(of: NumberSet([0, 1, 4])) } ?? true
        #expect(all, "\(path)")
        #expect(interrupt.counts.keys.allSatisfy { [0, 1, 4].contains($0) }, "\(path)")
        #expect(
          interrupt.mobility != .movable || [16, 40, 50].contains(interrupt.number), "\(path)")
      }
    }
  }

  @Test func sharesCountOwnNodesOnly() {
    let inventory = Self.collect(Self.builder().tree())
    let share = InterruptLocality.share(
      of: inventory.interrupts, nodes: [0: NumberSet([0, 1]), 1: NumberSet([4])])
    // 16 on node 0: 3 of 4; 41 and 50 on node 1: 1 of 10 and 8 of 10. The timer has no device.
    #expect(share.handled == 24)
    #expect(share.handledOnNode == 12)
    #expect(share.placed == 4)
    #expect(share.placedOnNode == 3)
    let none = InterruptLocality.share(of: inventory.interrupts, nodes: [1: NumberSet()])
    #expect(none == InterruptLocality.Share())
  }
}

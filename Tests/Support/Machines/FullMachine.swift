package import Base
package import Health
package import Inventory
import KernelTree
package import Placement
internal import RuntimeCatalog

/// A box with a value for every metric family there is.
package enum FullMachine {
  package static let gpu = MadeUp.at("21:00.0")
  package static let port = MadeUp.at("20:01.1")
  package static let drive = MadeUp.at("01:00.0")
  package static let card = MadeUp.at("61:00.0")

  package static var profile: Profile {
    var profile = Profile(name: "full", origin: .learned)
    profile.places = [
      Profile.Place(
        address: gpu, kind: .gpu, pciID: nil, slot: nil, numaNode: nil,
        link: MadeUp.rate(16, 16), name: nil)
    ]
    return profile
  }

  package static var placement: PlacementStatus {
    let box = Inventory(origin: "test")
    var status = PlacementStatus(
      ledger: nil, bootID: nil, plan: Plan(origin: "test"), box, ServiceState(),
      MemoryTreeBuilder().tree())
    status.ledger = .thisBoot
    status.held = 7
    return status
  }

  package static var inventory: Inventory {
    var box = Inventory(origin: "full box")
    box.machine.boardName = "ROME2D32GM"
    box.machine.uptimeSeconds = 86_400.5
    box.collectors = [
      CollectorReport(name: "PCI", outcome: .found),
      CollectorReport(name: "GPU", outcome: .failed, note: "no"),
    ]
    box.processors.temperatures = [
      Temperature(label: "Tctl", celsius: 51.5, device: "0000:00:18.3")
    ]
    memory(&box)
    pci(&box)
    devices(&box)
    system(&box)
    box.runtimes = runtimes
    var interrupt = Interrupt(number: 47)
    interrupt.device = drive
    interrupt.numaNode = 0
    interrupt.effectiveAffinity = NumberSet([0])
    interrupt.counts = [0: 30, 9: 10]
    box.interrupts = [interrupt]
    return box
  }

  private static func memory(_ box: inout Inventory) {
    box.memory.totalBytes = 128 << 30
    box.memory.availableBytes = 100 << 30
    box.memory.nodes = (0..<2).map { id in
      var node = NUMANode(id: id)
      node.cpus = NumberSet(Array(id * 8..<id * 8 + 8))
      node.totalBytes = 64 << 30
      node.freeBytes = 32 << 30
      return node
    }
    var controller = MemoryController(name: "mc0")
    controller.correctedErrors = 3
    controller.uncorrectedErrors = 0
    box.memory.controllers = [controller]
  }

  private static func pci(_ box: inout Inventory) {
    var function = PCIFunction(address: gpu)
    let rate = MadeUp.rate(16, 16)
    var hop = MadeUp.hop(port, gpu, now: MadeUp.rate(2.5, 16), possible: rate)
    hop.deviceMaximum = rate
    function.path = PCIePath(hops: [hop], bottleneck: 0, slotLink: 0, isDegraded: true)
    function.aer = PCIeErrors()
    function.aer?.correctableTotal = 12
    function.aer?.nonFatalTotal = 0
    function.locality.numaNode = 1
    function.slot = "1"
    var root = PCIFunction(address: port)
    root.aer = PCIeErrors()
    root.aer?.rootPort = .init(correctable: 12, nonFatal: 0, fatal: nil)
    root.unknown = [UnknownFact(fact: "acs", path: "/config", reason: "64 bytes")]
    box.pci = [root, function]
  }

  private static func devices(_ box: inout Inventory) {
    var gpu = GPU(address: gpu, vendor: .amd)
    gpu.name = "Radeon RX 7900 XTX"
    gpu.powerWatts = 310.25
    gpu.powerCap = .init(watts: 327, defaultWatts: 355)
    gpu.busyShare = 0.97
    gpu.memoryBusyShare = 0.5
    gpu.memoryTotalBytes = 24 << 30
    gpu.memoryUsedBytes = 5 << 30
    gpu.memoryVisibleBytes = 24 << 30
    gpu.coreClockHertz = 2_400_000_000
    gpu.memoryClockHertz = 1_249_000_000
    gpu.throttleReasons = ["sw power cap"]
    gpu.pcieReplays = 0
    gpu.ecc = ["umc": .init(corrected: 1, uncorrected: 0)]
    gpu.temperatures = [Temperature(label: "junction", celsius: 70, criticalCelsius: 110)]
    box.gpus = [gpu]
    var drive = NVMeController(name: "nvme0")
    drive.address = Self.drive
    drive.state = "live"
    drive.capacityBytes = 4_000_787_030_016
    drive.health = .init(
      criticalWarning: 1, temperatureCelsius: 40, availableSpare: 1, spareThreshold: 0.1,
      lifeUsed: 0.03, bytesRead: 1.5e20, bytesWritten: 512_000, powerOnHours: 10, powerCycles: 2,
      unsafeShutdowns: 1, mediaErrors: 0, errorLogEntries: 4)
    box.nvme = [drive]
    var nic = NIC(name: "eth0")
    nic.address = card
    nic.port = 1
    nic.speedBitsPerSecond = 100_000_000_000
    nic.carrier = true
    nic.carrierChanges = 2
    nic.errors = ["rx_errors": 5]
    var usb = NIC(name: "usb0")
    usb.carrier = false
    box.nics = [nic, usb]
  }

  /// Two runtimes: one answers, one fails.
  package static var runtimes: RuntimesState {
    var state = RuntimesState()
    state.hasRegistry = true
    state.registryWritten = "2026-11-30T00:00:00Z"
    state.leases = [GPULease(gpu: gpu, holder: "runtime llama", processID: 77)]
    var llama = HostedRuntime(name: "llama")
    llama.model = "llama-3.1-8b-q8"
    llama.state = .ready
    llama.gpus = [gpu]
    llama.memoryNodes = NumberSet([0])
    llama.restarts = 2
    var whisper = HostedRuntime(name: "whisper")
    whisper.state = .failed
    whisper.reason = "its program ran out of memory"
    var train = HostedRuntime(name: "train")
    train.state = .ready
    train.isJob = true
    train.step = 120
    train.steps = 600
    train.stepsPerSecond = 23.5
    state.runtimes = [llama, train, whisper].map {
      var runtime = $0
      runtime.hasSpec = true
      runtime.hasUnit = true
      runtime.isJob = runtime.isJob ?? false
      runtime.isInterleaved = false
      return runtime
    }
    return state
  }

  private static func system(_ box: inout Inventory) {
    var root = FileSystemState(
      mountPoint: "/", device: "nvme0n1p2", type: "ext4", isReadOnly: false)
    root.totalBytes = 1000
    root.freeBytes = 400
    root.totalFiles = 100
    root.freeFiles = 50
    root.errorCount = 0
    box.system.fileSystems = [root]
    var array = RAIDArray(name: "md0")
    array.memberCount = 4
    array.missingMembers = 1
    box.system.arrays = [array]
    box.system.clock = ClockState(isSynchronized: true, maximumErrorMicroseconds: 1500)
    box.system.failedUnits = [FailedUnit(name: "x.service", summary: nil)]
  }
}

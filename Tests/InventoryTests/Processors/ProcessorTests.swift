import Base
import KernelTree
import Synchronization
import TestMachines
import Testing

@testable import Inventory

@Suite struct ProcessorTests {
  private let base = "/sys/devices/system/cpu"

  private func processors(_ builder: MemoryTreeBuilder) -> Processors {
    collected(builder.tree()).processors
  }

  @Test func anEPYCWithInterleavedSiblings() {
    let box = MachineTree(sockets: 2, nodesPerSocket: 2, domainsPerNode: 2, coresPerDomain: 4)
    let found = processors(box.builder())
    #expect(found.model == "AMD EPYC 7742 64-Core Processor")
    #expect(found.vendor == "AuthenticAMD")
    #expect(found.family == 23)
    #expect(found.modelNumber == 49)
    #expect(found.microcode == "0x830107c")
    #expect(found.packages.map(\.id) == [0, 1])
    #expect(found.packages.map(\.coreCount) == [16, 16])
    #expect(found.packages.map(\.cpus.description) == ["0-15,32-47", "16-31,48-63"])
    #expect(found.cores.count == 32)
    #expect(found.cores[3].cpus == NumberSet([3, 35]))
    #expect(found.lastLevelCaches.count == 8)
    #expect(
      found.lastLevelCaches[1]
        == Processors.Cache(level: 3, sizeBytes: 16 << 20, cpus: NumberSet(list: "4-7,36-39")!))
    #expect(found.smtActive == true)
    #expect(found.offline == NumberSet())
    #expect(found.isolated == NumberSet())
    #expect(found.nohzFull == NumberSet())
    #expect(found.busyShare == 0.2)
    #expect(found.unknown.isEmpty)
  }

  @Test func powerManagement() {
    let found = processors(MachineTree().builder())
    #expect(found.frequency?.drivers == ["amd-pstate-epp": NumberSet(range: 0...15)])
    #expect(found.frequency?.governors["performance"] == NumberSet([0]))
    #expect(found.frequency?.governors["powersave"] == NumberSet(range: 1...15))
    #expect(found.frequency?.minimumHertz == 1_400_000_000)
    #expect(found.frequency?.maximumHertz == 3_400_000_000)
    #expect(found.frequency?.boost == true)
    #expect(found.frequency?.amdPstateStatus == "active")
    #expect(found.idle?.driver == "acpi_idle")
    #expect(found.idle?.states.map(\.name) == ["POLL", "C1", "C2"])
    #expect(found.idle?.states.map(\.latencyMicroseconds) == [0, 400, 800])
    #expect(found.idle?.states.map(\.disabledCPUs) == [[], [], [3]].map { NumberSet($0) })
    #expect(
      found.temperatures == [
        Temperature(
          label: "Tctl", celsius: 41.25, criticalCelsius: 95, device: "0000:00:18.3")
      ])
  }

  @Test func idleStatesOfEveryCPUAreForTheFullCollection() {
    let tree = MachineTree().builder().tree()
    let found = collected(tree, parts: [.machine, .processors]).processors
    #expect(found.idle?.driver == "acpi_idle")
    #expect(found.idle?.states == [])
    let sets = collected(tree, parts: .pci).processors
    #expect(sets.online == NumberSet(range: 0...15))
    #expect(sets.cores.isEmpty && sets.frequency == nil && sets.model == nil)
  }

  @Test func offlineCPUsHaveNoTopology() {
    var builder = MachineTree(nodesPerSocket: 1, coresPerDomain: 2).builder()
    builder.file(base + "/online", "0-4,6-7")
    builder.remove(base + "/cpu5/topology")
    builder.remove(base + "/cpu5/cache")
    builder.remove(base + "/cpu5/cpuidle")
    builder.file(base + "/cpu1/topology/thread_siblings_list", "1")
    builder.file(base + "/cpufreq/policy5/affected_cpus", "")
    for cpu in [0, 1, 4] {
      builder.file(base + "/cpu\(cpu)/cache/index3/shared_cpu_list", "0-1,4")
    }
    let found = processors(builder)
    #expect(found.offline == NumberSet([5]))
    #expect(found.packages.map(\.cpus.description) == ["0-1,4", "2-3,6-7"])
    #expect(found.packages.map(\.coreCount) == [2, 2])
    #expect(found.cores.map(\.cpus.description) == ["0,4", "1", "2,6", "3,7"])
    #expect(found.frequency?.drivers["amd-pstate-epp"]?.description == "0-4,6-7")
    #expect(found.unknown.isEmpty)
    // The same without the list of those online: offline ones are those without topology.
    builder.remove(base + "/online")
    let folders = processors(builder)
    #expect(folders.online == nil && folders.offline == nil)
    #expect(folders.cores == found.cores)
    #expect(folders.packages == found.packages)
  }

  @Test func `sets of CPUs that contradict each other leave unknown what is offline`() {
    // A container whose LXCFS makes up the list of those online, and nothing else.
    var builder = MachineTree(sockets: 1, nodesPerSocket: 1, coresPerDomain: 4).builder()
    builder.file(base + "/online", "0-1")
    builder.file(base + "/offline", "")
    let found = processors(builder)
    #expect(found.online == NumberSet([0, 1]) && found.offline == nil)
    #expect(
      found.unknown.first
        == UnknownFact(
          fact: "offline", path: base + "/offline",
          reason: "online, offline and present contradict each other"))
    #expect(found.nodesPerSocket?.value == nil && found.nodesPerSocket?.confidence == .unknown)
    // The kernel's own list, which also has CPUs that are not there.
    builder.file(base + "/possible", "0-15")
    builder.file(base + "/offline", "2-15")
    #expect(processors(builder).offline == NumberSet(range: 2...7))
    #expect(processors(builder).nodesPerSocket?.value == 1)
    builder.file(base + "/online", "0-9")
    #expect(processors(builder).offline == nil)
    builder.file(base + "/online", "0-1")
    builder.set(base + "/offline", .failing(.permissionDenied, kind: .file))
    #expect(processors(builder).offline == nil)
    #expect(processors(builder).unknown.first?.reason == "permission denied")
    // A recording that has the file without its line, or does not have it.
    builder.file(base + "/offline", bytes: [])
    #expect(processors(builder).offline == NumberSet(range: 2...7))
    builder.remove(base + "/offline")
    #expect(processors(builder).offline == NumberSet(range: 2...7))
  }

  @Test func `caches of one id are one, whatever their lists say`() {
    // One socket of 6 cores in two caches, as the processors of 6 cores of 8.
    var builder = MachineTree(
      sockets: 1, nodesPerSocket: 1, domainsPerNode: 2, coresPerDomain: 3, threads: 1
    ).builder()
    func lists(_ lists: [String], ids: [Int?]) {
      for cpu in 0..<6 {
        let cache = base + "/cpu\(cpu)/cache/index3"
        builder.file(cache + "/shared_cpu_list", lists[cpu])
        builder.remove(cache + "/id")
        if let id = ids[cpu] { builder.file(cache + "/id", "\(id)") }
      }
    }
    func caches() -> [String] { processors(builder).lastLevelCaches.map(\.cpus.description) }
    let cut = ["0-2", "0-2", "0-2", "3-4", "3-4", "5"]
    lists(cut, ids: [0, 0, 0, 1, 1, 1])
    #expect(caches() == ["0-2", "3-5"])
    #expect(processors(builder).unknown.isEmpty)
    // Without numbers there is nothing but the lists.
    lists(cut, ids: [nil, nil, nil, nil, nil, nil])
    #expect(caches() == ["0-2", "3-4", "5"])
    // A list over two numbers, and lists that overlap.
    lists(cut, ids: [0, 0, 1, 1, 1, 1])
    #expect(caches() == [])
    #expect(processors(builder).unknown.map(\.fact) == ["lastLevelCaches"])
    lists(["0-2", "0-2", "0-2", "2-5", "2-5", "2-5"], ids: [0, 0, 0, 1, 1, 1])
    #expect(caches() == [])
    lists(cut, ids: [0, 0, 0, 1, 1, 1])
    builder.file(base + "/cpu5/cache/index3/size", "8192K")
    #expect(caches() == [])
    builder.set(base + "/cpu5/cache/index3/id", .failing(.permissionDenied, kind: .file))
    #expect(caches() == [])
  }

  @Test func `caches of two sockets may have one id`() {
    var builder = MachineTree(sockets: 2, nodesPerSocket: 1, coresPerDomain: 2, threads: 1)
      .builder()
    for cpu in 0..<4 { builder.file(base + "/cpu\(cpu)/cache/index3/id", "0") }
    #expect(processors(builder).lastLevelCaches.map(\.cpus.description) == ["0-1", "2-3"])
    for cpu in 0..<4 { builder.file(base + "/cpu\(cpu)/topology/physical_package_id", "-1") }
    #expect(processors(builder).lastLevelCaches.isEmpty)
  }

  @Test func aCoreThatCannotBePlacedLeavesNoSockets() {
    var builder = MachineTree().builder()
    for cpu in [3, 11] { builder.file(base + "/cpu\(cpu)/topology/physical_package_id", "-1") }
    let found = processors(builder)
    #expect(found.packages.isEmpty && found.cores.isEmpty)
    #expect(found.unknown.map(\.fact) == ["packages"])
    #expect(found.unknown.first?.path == base + "/cpu3/topology/physical_package_id")
    // Its other thread can tell.
    builder.file(base + "/cpu11/topology/physical_package_id", "0")
    #expect(processors(builder).packages.map(\.coreCount) == [4, 4])
  }

  @Test func contradictingSiblings() {
    var builder = MachineTree().builder()
    builder.file(base + "/cpu1/topology/thread_siblings_list", "1,8")
    let found = processors(builder)
    #expect(found.cores.isEmpty)
    #expect(found.unknown.contains { $0.reason.contains("overlaps") })
    builder.file(base + "/cpu1/topology/thread_siblings_list", "0,8")
    #expect(processors(builder).unknown.contains { $0.reason.contains("does not name") })
  }

  @Test func failuresOfManyCPUsAreOneLine() {
    var builder = MachineTree().builder()
    for cpu in 0..<16 {
      builder.set(
        base + "/cpu\(cpu)/topology/thread_siblings_list",
        .failing(.permissionDenied, kind: .file))
    }
    let found = processors(builder)
    #expect(
      found.unknown == [
        UnknownFact(
          fact: "packages", path: base + "/cpu{0-15}/topology/thread_siblings_list",
          reason: "permission denied")
      ])
  }

  @Test func theLevelIsReadNotTheIndex() {
    var builder = MachineTree(sockets: 1, nodesPerSocket: 1, coresPerDomain: 2).builder()
    for cpu in 0..<4 {
      let cache = base + "/cpu\(cpu)/cache"
      builder.file(cache + "/index0/level", "3")
      builder.file(cache + "/index0/size", "8192K")
      builder.remove(cache + "/index0/shared_cpu_list")
      builder.file(cache + "/index0/shared_cpu_map", "0000000f")
      builder.file(cache + "/index3/level", "1")
    }
    #expect(
      processors(builder).lastLevelCaches == [
        Processors.Cache(level: 3, sizeBytes: 8 << 20, cpus: NumberSet(range: 0...3))
      ])
    builder.remove(base + "/cpu0/cache/index0/level")
    #expect(processors(builder).lastLevelCaches.isEmpty)
    #expect(processors(builder).unknown.map(\.fact) == ["lastLevelCaches"])
  }

  @Test func frequencyOfOldKernels() {
    var builder = MachineTree(sockets: 1, nodesPerSocket: 1, threads: 2).builder()
    builder.remove(base + "/cpufreq")
    for cpu in 0...1 {
      builder.file(base + "/cpu\(cpu)/cpufreq/scaling_governor", "ondemand")
      builder.file(base + "/cpu\(cpu)/cpufreq/scaling_driver", "acpi-cpufreq")
    }
    #expect(
      processors(builder).frequency?.governors == ["ondemand": NumberSet(range: 0...1)])
    builder.file(base + "/cpu0/cpufreq/affected_cpus", "0 1")
    builder.file(base + "/cpu1/cpufreq/scaling_governor", "unread")
    #expect(
      processors(builder).frequency?.governors == ["ondemand": NumberSet(range: 0...1)])
  }

  @Test func emptySetsAsKernelsWriteThem() {
    for text in ["\n", "\0\n", "       (null)\n"] {
      var builder = MachineTree().builder()
      builder.file(base + "/nohz_full", bytes: Array(text.utf8))
      #expect(processors(builder).nohzFull == NumberSet())
      #expect(processors(builder).unknown.isEmpty)
    }
    var builder = MachineTree().builder()
    builder.file(base + "/nohz_full", bytes: [])
    #expect(processors(builder).nohzFull == nil)
  }

  @Test func nodesKeepOnlyCPUsThatRun() {
    // POWER lists every CPU that could ever be in the node.
    var builder = MachineTree(sockets: 1, nodesPerSocket: 2).builder()
    builder.file("/sys/devices/system/node/node0/cpulist", "0,2,64-95")
    builder.file("/sys/devices/system/node/node1/cpulist", "96-127")
    let memory = collected(builder.tree()).memory
    #expect(memory.nodes.map(\.cpus) == [NumberSet([0, 2]), NumberSet()])
    #expect(memory.nodes.map(\.kind) == [.regular, .cpuless])
  }

  @Test func statesThatCannotBeDisabledAreOneLine() {
    var builder = MachineTree().builder()
    for cpu in 0..<16 {
      for state in 0...2 { builder.remove(base + "/cpu\(cpu)/cpuidle/state\(state)/disable") }
    }
    #expect(processors(builder).idle?.states == [])
    #expect(processors(builder).unknown.map(\.fact) == ["idle.states"])
  }

  @Test func costGrowsWithTheNumberOfCPUsNotItsSquare() {
    func reads(_ sockets: Int) -> Int {
      let box = MachineTree(sockets: sockets, nodesPerSocket: 1, coresPerDomain: 16)
      let source = CountingSource(box.builder().tree())
      _ = collected(KernelTree(source))
      return source.count
    }
    let small = reads(2)
    #expect(reads(8) < small * 4)
    // Every file once, so less than the tree has of them.
    #expect(small < 64 * 20)
  }

  @Test func boostOfIntel() {
    var builder = MemoryTreeBuilder()
    builder.file(base + "/intel_pstate/no_turbo", "1")
    #expect(processors(builder).frequency?.boost == false)
  }

  @Test func nothingIsNothing() {
    let found = collected(MemoryTreeBuilder().tree())
    var expected = Processors()
    expected.unknown = found.processors.unknown
    #expect(found.processors == expected)
    #expect(found.processors.unknown.isEmpty)
    #expect(found.collectors.map(\.outcome) == [.failed, .nothing, .nothing])
  }

  @Test(arguments: [
    ("cpu  1 1 1 1", nil), ("cpu 0 0 0 0 0", nil), ("cpu0 1 1 1 1", nil), ("cpu 1 1 1 x", nil),
    ("cpu -1 1 1 1", nil), ("cpu  1 0 0 3", 0.25), ("cpu 1 0 0 3 0 0 0 0 9 9 9 9", 0.25),
  ])
  func busyShares(line: String, share: Double?) {
    let expected = line == "cpu  1 1 1 1" ? 0.75 : share
    #expect(ProcessorTimes(line: Array(line.utf8)[...])?.busyShare == expected)
  }
}

@Suite struct CPUInfoTests {
  private func info(_ text: String) -> CPUInfo { CPUInfo(Array(text.utf8)) }

  @Test func differingProcessors() {
    let text = """
      processor\t: 0
      vendor_id\t: AuthenticAMD
      model name\t: EPYC A
      model\t\t: 1
      microcode\t: 0x1
      flags\t\t: fpu hypervisor

      processor\t: 1
      vendor_id\t: AuthenticAMD
      model name\t: EPYC B
      model\t\t: 1
      microcode\t: 0x2
      flags\t\t: fpu

      processor\t: 2
      model name\t: EPYC B

      """
    let info = info(text)
    #expect(info.first["model name"] == "EPYC A")
    #expect(info.differing == ["model name": ["EPYC A", "EPYC B"], "microcode": ["0x1", "0x2"]])
    #expect(info.hasHypervisorFlag && info.isX86)
    var builder = MemoryTreeBuilder()
    builder.file("/proc/cpuinfo", text)
    let found = collected(builder.tree()).processors
    #expect(found.model == "EPYC A + EPYC B")
    #expect(found.microcode == nil)
    #expect(found.modelNumber == 1)
    #expect(found.unknown.map(\.reason) == ["CPUs differ: 0x1, 0x2"])
  }

  /// The makers of x86 processors: Zhaoxin's name has spaces around it, which `/proc/cpuinfo` shows.
  @Test(arguments: [
    ("AuthenticAMD", true), ("  Shanghai  ", true), ("CentaurHauls", true), ("Vortex86 SoC", true),
    ("IBM/S390", false),
  ])
  func whatIsX86(vendor: String, isX86: Bool) {
    var builder = MemoryTreeBuilder()
    builder.file("/proc/cpuinfo", "vendor_id\t: \(vendor)\nmodel name\t: X\nflags\t\t: fpu\n\n")
    #expect(collected(builder.tree()).processors.isX86 == isX86)
  }

  @Test func otherArchitectures() {
    let power = info(
      "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n\nprocessor\t: 1\ncpu\t\t: POWER9, "
        + "altivec supported\n\ntimebase\t: 1\nmodel\t\t: 8335-GTX\n")
    #expect(power.first["cpu"] == "POWER9, altivec supported")
    #expect(power.differing.isEmpty)
    #expect(!power.isX86)
    let arm = info("processor\t: 0\nFeatures\t: fp asimd\nCPU part\t: 0xd0c\n")
    #expect(arm.first["CPU part"] == "0xd0c")
    #expect(!arm.hasFlags)
  }

  @Test(arguments: ["", "\n\n\n", ":", "no colon\n", "\n\nprocessor: 0\nflags:\n\n\n"])
  func oddTexts(text: String) {
    let info = info(text)
    #expect(info.differing.isEmpty)
    #expect(!info.hasHypervisorFlag)
  }
}

/// Counts what is asked of a tree, and refuses to be asked for a file twice.
private final class CountingSource: TreeSource {
  let origin = TreeOrigin.memory("counting")
  private let tree: KernelTree
  private let seen = Mutex<[String: Int]>([:])

  init(_ tree: KernelTree) { self.tree = tree }

  var count: Int { seen.withLock { $0.values.reduce(0, +) } }

  private func note(_ path: String) {
    let times = seen.withLock { seen in
      seen[path, default: 0] += 1
      return seen[path] ?? 0
    }
    #expect(times == 1, "\(path) is asked for again")
  }

  func bytes(_ request: ReadRequest) throws(ReadFailure) -> [UInt8] {
    note(request.path)
    return try tree.source.bytes(request)
  }
  func entries(_ path: String) throws(ReadFailure) -> [String] {
    note(path)
    return try tree.source.entries(path)
  }
  func linkTarget(_ path: String) throws(ReadFailure) -> String {
    try tree.source.linkTarget(path)
  }
  func realPath(_ path: String) throws(ReadFailure) -> String { try tree.source.realPath(path) }
  func status(_ path: String) throws(ReadFailure) -> FileStatus { try tree.source.status(path) }
  func probe(
    _ name: String, sensitivity: Sensitivity, ask: () throws(ReadFailure) -> [UInt8]
  ) throws(ReadFailure) -> [UInt8] {
    try tree.source.probe(name, sensitivity: sensitivity, ask: ask)
  }
}

@testable import Inventory
import Base
import KernelTree
import TestMachines
import Testing

@Suite struct MachineTests {
  private func machine(_ builder: MemoryTreeBuilder, serials: Bool = false) -> Machine {
    collected(builder.tree(), includeSerials: serials).machine
  }

  @Test func firmwareAndKernel() {
    let found = machine(MachineTree().builder())
    #expect(found.systemVendor == "Supermicro")
    #expect(found.systemProduct == nil)
    #expect(found.boardName == "H12DSG-O-CPU")
    #expect(found.biosDate == "12/24/2021")
    #expect(found.bmcFirmwareVersion == "1.74")
    #expect(found.bootMode == .uefi)
    #expect(found.operatingSystem == "Debian GNU/Linux 13 (trixie)")
    #expect(found.kernel.release == "6.12.0-amd64")
    #expect(found.kernel.tainted == 4096)
    #expect(
      found.kernel.options == [
        "CONFIG_PCI_P2PDMA": "y", "CONFIG_HZ": "250", "CONFIG_HSA_AMD_P2P": "n",
      ])
    #expect(found.uptimeSeconds == 350735.47)
    #expect(found.loadAverages == [0.20, 0.18, 0.12])
    #expect(found.virtualization?.kind == Virtualization.Kind.none)
    #expect(found.systemSerial == nil && found.boardSerial == nil)
    #expect(found.unknown.isEmpty)
  }

  @Test(arguments: [
    ("9", Machine.FormFactor.portable), ("31", .portable), ("3", .desktop), ("35", .desktop),
    ("17", .server), ("23", .server), ("1", nil), ("2", nil), ("99", nil),
  ])
  func formFactor(code: String, expected: Machine.FormFactor?) {
    var builder = MachineTree().builder()
    builder.file("/sys/class/dmi/id/chassis_type", code)
    #expect(machine(builder).formFactor == expected)
    #expect(machine(builder).unknown.isEmpty)
  }

  @Test func aFormFactorThatIsNoNumber() {
    var builder = MachineTree().builder()
    builder.file("/sys/class/dmi/id/chassis_type", "tower")
    #expect(machine(builder).formFactor == nil)
    #expect(machine(builder).unknown.map(\.fact) == ["formFactor"])
  }

  @Test func serialsOnRequestAndWithoutPlaceholders() {
    let found = machine(MachineTree().builder(), serials: true)
    #expect(found.systemSerial == "S12345X6789")
    #expect(found.boardSerial == nil)
  }

  @Test func anOverviewDoesNotReadTheConfiguration() {
    let tree = MachineTree().builder().tree()
    let found = collected(tree, parts: [.machine, .processors, .memory]).machine
    #expect(found.kernel.options == nil)
    #expect(found.bmcFirmwareVersion == nil)
    #expect(found.unknown.isEmpty)
  }

  @Test func aCompressedConfigurationIsUnknown() {
    var builder = MachineTree().builder()
    builder.remove("/boot")
    #expect(machine(builder).unknown.isEmpty)
    builder.file("/proc/config.gz", bytes: [0x1f, 0x8b])
    #expect(machine(builder).unknown.map(\.path) == ["/proc/config.gz"])
    builder.file("/usr/lib/modules/6.12.0-amd64/config", "CONFIG_NUMA=y")
    #expect(machine(builder).kernel.options == ["CONFIG_NUMA": "y"])
  }

  @Test(
    arguments: [
      ("Y\n", Kernel.ModuleSwitch.on), ("N\n", .off), ("1", .on), ("?", nil), (nil, .missing),
    ] as [(String?, Kernel.ModuleSwitch?)])
  func peerAccessOfAMDGPU(_ text: String?, _ expected: Kernel.ModuleSwitch?) {
    var builder = MachineTree().builder()
    let folder = "/sys/module/amdgpu/parameters"
    builder.remove("/sys/module/amdgpu")
    #expect(machine(builder).kernel.amdgpuPeerAccess == nil)
    builder.file(folder + "/aspm", "-1")
    if let text { builder.file(folder + "/pcie_p2p", text) }
    // Of a recording by another tool nobody knows whether the file was there.
    let foreign = machine(builder)
    #expect(foreign.kernel.amdgpuPeerAccess == (text == nil ? nil : expected))
    builder.file("/tinybox-recording.json", "{}")
    let found = machine(builder)
    #expect(found.kernel.amdgpuPeerAccess == expected)
    #expect(found.unknown.map(\.fact) == (text == "?" ? ["kernel.amdgpuPeerAccess"] : []))
    // A file that may not be read.
    builder.set(folder + "/pcie_p2p", .failing(.permissionDenied, kind: .file))
    #expect(machine(builder).kernel.amdgpuPeerAccess == nil)
    #expect(machine(builder).unknown.map(\.fact) == ["kernel.amdgpuPeerAccess"])
  }

  @Test func aReleaseIsNoPath() {
    var builder = MachineTree().builder()
    builder.file("/proc/sys/kernel/osrelease", "6.12.0-amd64/../config-6.12.0-amd64")
    #expect(machine(builder).kernel.options == nil)
  }

  @Test func sourcesAreKept() {
    let tree = MachineTree().builder().tree()
    let found = collected(tree, recordSources: true)
    #expect(found.machine.sources?["boardName"] == "/sys/class/dmi/id/board_name")
    #expect(found.machine.sources?["systemProduct"] == nil)
    #expect(
      found.memory.sources?["nodes.0.distances"] == "/sys/devices/system/node/node0/distance")
    #expect(found.processors.sources?["model"] == "/proc/cpuinfo")
    #expect(collected(tree).machine.sources == nil)
  }

  @Test(arguments: [
    (["DMA": 3, "DMA-FQ": 2], IOMMU.Mode.translated), (["identity": 9], .passthrough),
    (["identity": 9, "DMA": 1], .mixed), (["DMA": 1, "unmanaged": 1], .translated),
    (["identity": 1, "blocked": 1], .mixed), (["identity": 1, "future": 1], nil), ([:], nil),
  ])
  func iommuModes(types: [String: Int], mode: IOMMU.Mode?) {
    #expect(IOMMUReader.mode(types) == mode)
  }

  @Test func iommuFolders() {
    var builder = MachineTree().builder()
    #expect(machine(builder).iommu.mode == .mixed)
    #expect(machine(builder).iommu.groupTypes == ["DMA-FQ": 1, "identity": 1])
    #expect(machine(builder).iommu.units == ["ivhd0"])
    builder.remove("/sys/kernel/iommu_groups/1/type")
    #expect(machine(builder).iommu.mode == nil)
    #expect(machine(builder).iommu.groupTypes.isEmpty)
    builder.remove("/sys/kernel/iommu_groups")
    #expect(machine(builder).iommu.mode == nil)
    #expect(machine(builder).unknown.map(\.fact) == ["iommu.mode"])
    builder.directory("/sys/kernel/iommu_groups")
    #expect(machine(builder).iommu.mode == nil)
    builder.remove("/sys/class/iommu")
    #expect(machine(builder).iommu.mode == .off)
    builder.set("/sys/kernel/iommu_groups", .failing(.permissionDenied, kind: .directory))
    #expect(machine(builder).iommu.mode == nil)
    #expect(machine(builder).unknown.map(\.reason) == ["permission denied"])
  }

  @Test func bootModes() {
    var builder = MachineTree().builder()
    builder.remove("/sys/firmware/efi")
    #expect(machine(builder).bootMode == nil)
    builder.directory("/sys/firmware/acpi")
    #expect(machine(builder).bootMode == .bios)
    builder.remove("/proc/cpuinfo")
    #expect(machine(builder).bootMode == nil)
  }

  @Test(arguments: [
    ("PRETTY_NAME=\"A \\\"B\\\"\"\n", "A \"B\""), ("PRETTY_NAME='A'\n", "A"),
    ("X=1\nPRETTY_NAME=Plain\n", "Plain"), ("PRETTY_NAME=\"\"\n", nil), ("NAME=x", nil),
    ("PRETTY_NAME=\"", "\""),
  ])
  func osReleases(text: String, name: String?) {
    #expect(MachineText.osRelease("PRETTY_NAME", in: Array(text.utf8)) == name)
  }

  @Test(arguments: ["1", "1.", ".1", "x.1", "1.2.3", ""])
  func bmcRevisionsThatAreNone(text: String) {
    #expect(MachineText.bmcRevision(Array(text.utf8)[...]) == nil)
  }

  @Test(arguments: ["nan", "inf", "-1", "1e5", "", "1.2.3", "0x10"])
  func fractionsThatAreNone(text: String) {
    #expect(AttributeText.fraction(Array(text.utf8)[...]) == nil)
  }
}

@Suite struct VirtualizationTests {
  private func info(_ flags: String) -> CPUInfo {
    CPUInfo(Array("vendor_id : AuthenticAMD\nflags : \(flags)\n".utf8))
  }

  @Test func nothingIsKnownWithoutFlags() {
    #expect(VirtualizationFinder().find() == nil)
    var arm = VirtualizationFinder()
    arm.cpuInfo = CPUInfo(Array("processor : 0\nFeatures : fp\n".utf8))
    #expect(arm.find() == nil)
  }

  @Test func bareMetalNeedsTheFlagsOfAnX86() {
    var finder = VirtualizationFinder()
    finder.cpuInfo = info("fpu")
    #expect(finder.find()?.kind == Virtualization.Kind.none)
    finder.cpuInfo = info("fpu hypervisor")
    #expect(finder.find()?.kind == .vm)
    #expect(finder.find()?.name == nil)
    #expect(finder.find()?.evidence == "CPU flag hypervisor in /proc/cpuinfo")
  }

  @Test(arguments: [
    ("QEMU", "Standard PC (Q35 + ICH9, 2009)", "qemu"), ("Red Hat", "KVM", "kvm"),
    ("innotek GmbH", "VirtualBox", "virtualbox"),
    ("Microsoft Corporation", "Virtual Machine", "hyper-v"), ("VMware, Inc.", "x", "vmware"),
  ])
  func firmwareNames(vendor: String, product: String, name: String) {
    var finder = VirtualizationFinder()
    finder.cpuInfo = info("fpu")
    finder.systemVendor = vendor
    finder.systemProduct = product
    #expect(finder.find()?.kind == .vm)
    #expect(finder.find()?.name == name)
  }

  @Test(arguments: ["Amazon EC2", "Google", "Microsoft Corporation"])
  func cloudsAlsoSellBareMetal(vendor: String) {
    var finder = VirtualizationFinder()
    finder.cpuInfo = info("fpu")
    finder.systemVendor = vendor
    #expect(finder.find()?.kind == Virtualization.Kind.none)
    finder.cpuInfo = info("hypervisor")
    #expect(finder.find()?.kind == .vm)
    #expect(finder.find()?.name != nil)
  }

  @Test func aContainerInAVirtualMachineIsBoth() {
    var finder = VirtualizationFinder()
    finder.cpuInfo = info("hypervisor")
    finder.hasDockerFile = true
    #expect(finder.find()?.kind == .container)
    #expect(finder.find()?.name == "docker")
    #expect(
      finder.find()?.evidence
        == "/.dockerenv; in a virtual machine: CPU flag hypervisor in /proc/cpuinfo")
    finder.systemdContainer = "podman"
    #expect(finder.find()?.name == "podman")
  }
}

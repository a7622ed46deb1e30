import Base
import Inventory
import KernelTree
import Recordings
import RuntimeCatalog
import Runtimes

/// Everything that reads bytes somebody else wrote. Parsers that are public stand here themselves;
/// the others are reached through the collectors, by the file they read.
let targets: [Target] = [
  Target("0-3,8,16-31:2/4") { set(NumberSet(list: $0[...])) },
  Target("00000001,80000000") { set(NumberSet(mask: $0[...])) },
  Target("-12345") { _ = ASCII.decimal($0[...]) },
  Target("0xdeadbeef") { _ = ASCII.hexadecimal($0[...]) },
  Target("name 12\nlong name: 3\n") { _ = ASCII.keyValues($0) },
  Target("0000:41:00.0") { _ = PCIAddress(text($0)) },
  Target("cpu2\ncpu10") { names(text($0)) },
  Target("/a/l/../b/./c\n/a/l\n../x") { links(text($0)) },
  Target(seed: Tar.sample) { _ = try? RecordingLoader.open(archive: Tar.mended($0), name: "x") },
  Target(seed: Tar.sample) { _ = try? RecordingLoader.open(archive: $0, name: "x") },
  Target(notes) { recording($0) },
  Target("root=UUID=1A2B-3C4D ip=10.0.0.1 mac=aa:bb:cc:dd:ee:ff [fe80::1]:2 serial X1") {
    redaction($0)
  },
  Target(seed: FuzzModel.header) { FuzzModel.parse($0) },
  Target("model = \"a\"\ngpus = [\"0000:c1:00.0\"]\nmemory = \"32G\"\n[environment]\nA = \"b\"\n") {
    FuzzModel.spec($0)
  },
  Target(registry) { _ = try? RuntimeRegistry.decode($0) },
  Target("hf:a/b/c-00001-of-00002.gguf") {
    if let source = try? ModelSource(text($0)) {
      precondition(source.modelName.map { RuntimeName.modelProblem($0) == nil } ?? true)
    }
  },
  Target(seed: FuzzDrive.table) { FuzzDrive.scan($0) },
  Target(FuzzDrive.wipefs) { FuzzDrive.opinion($0) },
  Target(FuzzDrive.blkid) { FuzzDrive.opinion($0) },

  box("/sys/bus/pci/devices/0000:01:00.0/config", seed: FuzzBox.config),
  box("/sys/bus/pci/devices/0000:01:00.0/resource", "0x0 0xff 0x40200\n0x1000 0x1fff 0x14220c\n"),
  box("/sys/bus/pci/devices/0000:01:00.0/uevent", "DRIVER=amdgpu\nPCI_ID=1002:73BF\n"),
  box("/sys/bus/pci/devices/0000:01:00.0/aer_dev_fatal", "Undefined 0\nTOTAL_ERR_FATAL 0\n"),
  box("/sys/bus/pci/devices/0000:01:00.0/current_link_speed", "16.0 GT/s PCIe\n"),
  box("/sys/bus/pci/devices/0000:01:00.0/resource0_resize", "0000000000003f00\n"),
  box("/sys/bus/pci/devices/0000:01:00.0/pp_dpm_sclk", "0: 500Mhz\n1: 2482Mhz *\n"),
  box(
    "/proc/interrupts",
    "     CPU0 CPU1\n 24: 1 2 PCI-MSIX-0000:01:00.0 0-edge eth0-rx-0\nNMI: 0 0\n"),
  box("/proc/irq/24/smp_affinity_list", "0-1\n"),
  box(
    "/proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD EPYC\nphysical id\t: 0\nflags\t: a b\n\n"),
  box("/proc/stat", "cpu  1 2 3 4\ncpu0 1 2 3 4\nbtime 5\n"),
  box("/proc/meminfo", "MemTotal: 1024 kB\nHugePages_Total: 2\nHugepagesize: 2048 kB\n"),
  box("/proc/mounts", "/dev/nvme0n1p1 / ext4 rw,relatime 0 0\n"),
  box("/proc/self/mountinfo", "22 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n"),
  box("/proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1p2 partition 1 0 -2\n"),
  box("/proc/cmdline", "root=/dev/sda1 iommu=pt isolcpus=managed_irq,1-3 nohz_full=1\n"),
  box("/etc/os-release", "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"13\"\n"),
  box("/proc/uptime", "12.5 13.5\n"),
  box("/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 1024 kB\n"),
  box("/sys/devices/system/node/node0/distance", "10 32\n"),
  box("/sys/devices/system/node/node0/cpulist", "0-1\n"),
  box("/sys/devices/system/cpu/cpu0/cache/index3/size", "32768K\n"),
  box("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,1\n"),
  box(
    "/sys/firmware/dmi/tables/DMI", seed: [17, 8, 1, 0, 1, 2, 3, 4, 0x41, 0, 0, 127, 4, 2, 0, 0, 0]),
  box(
    "/sys/class/kfd/kfd/topology/nodes/1/properties", "simd_count 304\ngfx_target_version 90402\n"),
  box(
    "/sys/class/kfd/kfd/topology/nodes/1/io_links/0/properties", "type 2\nnode_to 0\nweight 20\n"),
  box("/sys/class/nvme/nvme0/address", "0000:01:00.0\n"),
  box("/proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: X\nGPU UUID: GPU-1\n"),
  box(
    "/var/lib/containers/storage/overlay-containers/containers.json",
    "[{\"id\":\"a\",\"names\":[\"b\"]}]"),
]

private let registry =
  "{\"schema\": \"tinybox.runtimes/1\", \"written\": \"x\", \"instances\": [{\"name\": \"a\", \"backend\":"
  + " \"openai\", \"apis\": [\"chat\"], \"socket\": \"/run/tinybox-runtimes/a.sock\", \"slots\": 1, \"state\":"
  + " \"idle\", \"since\": \"x\", \"created\": 0, \"onDemand\": false}]}"

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// What a set says about itself must agree.
private func set(_ found: NumberSet?) {
  guard let found else { return }
  precondition(NumberSet(list: found.description) == found)
  precondition(found.isSubset(of: found.union(NumberSet([1]))))
  precondition(found.count == found.ranges.reduce(0) { $0 + $1.count })
}

/// The order must be one.
private func names(_ text: String) {
  let names = text.split(separator: "\n").prefix(3).map(String.init)
  for a in names {
    for b in names {
      precondition(!(NaturalOrder.precedes(a, b) && NaturalOrder.precedes(b, a)))
      precondition(a == b || NaturalOrder.precedes(a, b) || NaturalOrder.precedes(b, a))
    }
  }
}

/// The first line is asked for in a tree of links and targets of the following ones.
private func links(_ text: String) {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  var builder = MemoryTreeBuilder()
  for index in stride(from: 1, to: lines.count - 1, by: 2) {
    builder.link(
      "/" + lines[index].split(separator: "/").joined(separator: "/"), to: lines[index + 1])
  }
  let tree = builder.tree()
  _ = try? tree.bytes(lines[0])
  if let path = try? tree.realPath(lines[0]) { precondition(path.hasPrefix("/")) }
}

/// The notes of a recording, and what its probes and listings then answer.
private func recording(_ bytes: [UInt8]) {
  var tar = Tar()
  tar.file("sys/a", [0x31])
  tar.file("tinybox-recording.json", bytes)
  guard let tree = try? RecordingLoader.open(archive: tar.archive, name: "x") else { return }
  _ = try? tree.names("/sys")
  _ = try? tree.bytes("/sys/a")
  _ = try? tree.status("/sys/b")
  _ = try? tree.probe("p") { [] }
}

private let notes =
  "{\"format\": 1, \"failures\": {\"bytes\": {\"/sys/a\": \"errno 5\"}}, \"unread\": {\"/sys/b\":"
  + " \"file 444\"}, \"listings\": {\"/sys\": [\"c\"]}, \"probes\": {\"p\": {\"hex\": \"00ff\"}}}"

/// Pseudonyms for the same bytes read in every way.
private func redaction(_ bytes: [UInt8]) {
  var builder = MemoryTreeBuilder()
  let marks: [Sensitivity] = [.none, .serial, .hardwareAddress, .hostName, .freeText, .configSpace]
  for mark in marks { builder.file("/sys/\(mark)", bytes: bytes) }
  let recorder = RecordingSource(builder.tree().source)
  for mark in marks { _ = try? recorder.bytes(ReadRequest("/sys/\(mark)", sensitivity: mark)) }
  _ = recorder.recording().redacted().replay()
}

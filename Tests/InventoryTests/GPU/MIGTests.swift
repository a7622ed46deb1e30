import Accelerators
import Base
import KernelTree
import TestMachines
import Testing

@testable import Inventory

@Suite struct MIGTests {
  @Test func `the kernel driver's list tells instances`() {
    var tree = MemoryTreeBuilder()
    let base = "/proc/driver/nvidia/capabilities/gpu1/mig"
    tree.file("\(base)/gi3/access", "DeviceFileMinor: 30")
    tree.file("\(base)/gi3/ci0/access", "DeviceFileMinor: 31")
    tree.file("\(base)/gi11/access", "DeviceFileMinor: 102")
    let mig = MIGCapabilities.read(minor: 1, tree.tree())
    #expect(mig?.isEnabled == true)
    #expect(
      mig?.instances == [
        MIG.Instance(gpuInstance: 3, computeInstance: 0),
        MIG.Instance(gpuInstance: 11, computeInstance: nil),
      ])
    #expect(mig?.usableCount == 1)
    // Nothing listed says nothing of the mode.
    #expect(MIGCapabilities.read(minor: 0, tree.tree()) == nil)
  }

  @Test func `NVML tells the mode and names the instances`() throws {
    let report = NVMLReport(
      parsing: Array(
        """
        gpu 00000000:41:00.0
        mig 1 1
        migDevice 3 0 20937965568 NVIDIA A100-PCIE-40GB MIG 3g.20gb
        gpu 00000000:42:00.0
        mig 0 1
        gpu 00000000:43:00.0
        mig 7 x
        migDevice x

        """.utf8))
    var gpu = GPU(address: try #require(report.cards[0].address), vendor: .nvidia)
    var listed = MIG()
    listed.isEnabled = true
    listed.instances = [
      MIG.Instance(gpuInstance: 3, computeInstance: 0),
      MIG.Instance(gpuInstance: 4, computeInstance: 0),
    ]
    gpu.mig = listed
    report.cards[0].apply(to: &gpu)
    #expect(gpu.mig?.instances.map(\.gpuInstance) == [3, 4])
    #expect(gpu.mig?.instances.first?.name == "NVIDIA A100-PCIE-40GB MIG 3g.20gb")
    #expect(gpu.mig?.instances.first?.memoryTotalBytes == 20_937_965_568)
    report.cards[1].apply(to: &gpu)
    #expect(report.cards[1].mig?.isEnabled == false)
    #expect(report.cards[1].mig?.isEnabledAfterReset == true)
    #expect(report.cards[2].mig == nil)
    #expect(report.cards[2].unknown.count == 2)
  }

  @Test func `the number of nvidia-smi is NVML's`() {
    var fixture = GPUTree()
    for bus in ["01", "02", "03"] {
      fixture.add("0000:\(bus):00.0", vendor: 0x10de, device: 0x26b9, driver: "nvidia")
    }
    func numbers(_ answer: String) -> [Int?] {
      fixture.tree.probe("nvml", .success(Array(answer.utf8)))
      let inventory = fixture.collect()
      return inventory.gpus.map { inventory.libraryIndexes($0).nvidiaSMI }
    }
    #expect(
      numbers("lost NVML device 0: GPU is lost\ngpu 00000000:02:00.0\ngpu 00000000:03:00.0\n")
        == [nil, 1, 2])
    // Not asked: by NVML's rule.
    #expect(numbers("failure no library\n") == [0, 1, 2])
  }

  @Test func `where the instances were told is known`() {
    var fixture = GPUTree()
    fixture.add("0000:01:00.0", vendor: 0x10de, device: 0x20f1, driver: "nvidia")
    fixture.tree.probe("nvml", .success(Array("gpu 00000000:01:00.0\nmig 1 1\n".utf8)))
    #expect(fixture.collect().gpus.first?.sources?["mig"] == NVML.library)
    let folder = "/proc/driver/nvidia"
    fixture.tree.file("\(folder)/gpus/0000:01:00.0/information", "Device Minor: \t 0\n")
    fixture.tree.file("\(folder)/capabilities/gpu0/mig/gi1/ci0/access", "x")
    fixture.tree.probe("nvml", .success(Array("failure no library\n".utf8)))
    #expect(fixture.collect().gpus.first?.sources?["mig"] == "\(folder)/capabilities/gpu0/mig")
  }

  @Test func `a GPU that its driver holds and NVML does not list is told`() {
    var fixture = GPUTree()
    for bus in ["01", "02"] {
      fixture.add("0000:\(bus):00.0", vendor: 0x10de, device: 0x26b9, driver: "nvidia")
    }
    let answer = "driver 570\ngpu 00000000:01:00.0\nname L40S\nlost NVML device 1: GPU is lost\n"
    fixture.tree.probe("nvml", .success(Array(answer.utf8)))
    #expect(fixture.collect().gpus.map(\.isListedByNVML) == [true, false])
    #expect(fixture.collect().gpus.map(\.nvmlIndex) == [0, nil])
    // One that the caller may not open says nothing.
    let kept = "gpu 00000000:01:00.0\nlost NVML device 1: insufficient permissions (4)\n"
    fixture.tree.probe("nvml", .success(Array(kept.utf8)))
    #expect(fixture.collect().gpus.map(\.isListedByNVML) == [true, nil])
    fixture.tree.probe("nvml", .success(Array("failure no library\n".utf8)))
    #expect(fixture.collect().gpus.map(\.isListedByNVML) == [nil, nil])
  }
}

import Inventory
import TestMachines
import Testing

@testable import Health

@Suite struct CardClassTests {
  @Test(arguments: [
    (GPU.Vendor.amd, "AMD Radeon RX 7900 XTX", CardClass.consumer),
    (.amd, "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]", .consumer),
    (.amd, "Navi 48 [Radeon RX 9070/9070 XT/9070 GRE]", .consumer),
    (.amd, "Vega 20 [Radeon VII]", .consumer),
    (.amd, "Navi 31 [Radeon Pro W7900]", .workstation),
    (.amd, "AMD Radeon AI PRO R9700", .workstation),
    (.amd, "Aqua Vanjaram [Instinct MI300X]", .dataCentre),
    (.amd, "AMD Instinct MI308X", .dataCentre),
    (.amd, "MI300X", .dataCentre),
    (.amd, "Raphael", .builtIn),
    (.amd, "Rembrandt [Radeon 680M]", .builtIn),
    (.amd, "AMD Radeon Graphics", .builtIn),
    (.amd, "AMD Radeon 780M", .builtIn),
    (.amd, "Device 7550", .unknown),
    (.nvidia, "NVIDIA GeForce RTX 4090", .consumer),
    (.nvidia, "AD102 [GeForce RTX 4090]", .consumer),
    (.nvidia, "NVIDIA TITAN RTX", .consumer),
    (.nvidia, "NVIDIA RTX PRO 6000 Blackwell Workstation Edition", .workstation),
    (.nvidia, "NVIDIA RTX A6000", .workstation),
    (.nvidia, "NVIDIA RTX 6000 Ada Generation", .workstation),
    (.nvidia, "TU102GL [Quadro RTX 6000/8000]", .workstation),
    (.nvidia, "GA100 [A100 SXM4 80GB]", .dataCentre),
    (.nvidia, "NVIDIA H100 80GB HBM3", .dataCentre),
    (.nvidia, "AD104GL [L4]", .dataCentre),
    (.nvidia, "GK210GL [Tesla K80]", .dataCentre),
    (.nvidia, "GB202", .unknown),
    (.intel, "DG2 [Arc A770]", .consumer),
    (.intel, "Battlemage G21 [Arc B580]", .consumer),
    (.intel, "Battlemage G21 [Arc Pro B60]", .workstation),
    (.intel, "Meteor Lake-P [Intel Arc Graphics]", .builtIn),
    (.intel, "Lunar Lake [Intel Arc Graphics 130V / 140V]", .builtIn),
    (.intel, "UHD Graphics 630", .builtIn),
    (.intel, "Intel Data Center GPU Max 1550", .dataCentre),
    (.other, "GeForce", .unknown),
  ])
  func byName(vendor: GPU.Vendor, name: String, expected: CardClass) {
    var gpu = GPU(address: WellServer.gpus[0], vendor: vendor)
    gpu.name = name
    #expect(gpu.cardClass == expected)
  }

  /// Where it sits shows better than its name what is the processor's own.
  @Test func byPlace() {
    var gpu = GPU(address: WellServer.gpus[0], vendor: .intel)
    gpu.name = "UHD Graphics 630"
    gpu.isBuiltIn = false
    #expect(gpu.cardClass == .unknown)
    gpu.name = "DG2 [Arc A770]"
    #expect(gpu.cardClass == .consumer)
    gpu.isBuiltIn = true
    #expect(gpu.cardClass == .builtIn)
  }

  /// A name that says nothing is no proof that a card is not a GeForce.
  @Test func geForce() {
    var gpu = GPU(address: WellServer.gpus[0], vendor: .nvidia)
    #expect(gpu.isGeForce == nil)
    gpu.name = "GB202"
    #expect(gpu.isGeForce == nil)
    gpu.name = "NVIDIA GeForce RTX 5090"
    #expect(gpu.isGeForce == true)
    gpu.name = "NVIDIA H100 80GB HBM3"
    #expect(gpu.isGeForce == false)
  }

  @Test func withoutAName() {
    #expect(GPU(address: WellServer.gpus[0], vendor: .amd).cardClass == .unknown)
  }

  private func box(_ change: (inout Inventory) -> Void) -> Box {
    var inventory = Inventory(origin: "test")
    change(&inventory)
    return Box(inventory)
  }

  @Test func audiences() {
    #expect(Box(WellServer.inventory).audiences == [.server, .consumerGPU])
    #expect(box { $0.processors.model = "Intel(R) Xeon(R) Gold 6140" }.audiences == [.server])
    #expect(box { $0.machine.bmcFirmwareVersion = "1.2" }.audiences == [.server])
    // A laptop with a Xeon is a laptop.
    #expect(
      box { inventory in
        inventory.machine.formFactor = .portable
        inventory.processors.model = "Intel(R) Xeon(R) E-2176M"
      }.audiences == [.portable])
    #expect(box { _ in }.audiences.isEmpty)
  }

  @Test func severalCardsAreThereToWork() {
    let cards: (inout Inventory) -> Void = { inventory in
      inventory.machine.formFactor = .desktop
      inventory.gpus = WellServer.gpus.map(WellServer.gpu)
    }
    #expect(box(cards).isServer)
    #expect(
      !box { inventory in
        cards(&inventory)
        inventory.gpus[0].name = "Raphael"
      }.isServer)
  }
}

import Base
import Testing

@testable import Inventory

@Suite struct VectorNameTests {
  @Test(
    arguments: [
      ("nvme0q0", "nvme", .admin, 0, false),
      ("nvme12q3", "nvme", .queue, 3, true),
      ("nvme0qx", "nvme", .other, nil, false),
      ("eth3-TxRx-1", "ixgbe", .queue, 1, false),
      ("eth0-rx-0", "tg3", .queue, 0, false),
      ("eth0-tx-12", "bnxt_en", .queue, 12, false),
      ("i40e-eth0-TxRx-5", "i40e", .queue, 5, false),
      ("i40e-0000:01:00.0:misc", "i40e", .control, nil, false),
      ("ice-eth0-TxRx-63", "ice", .queue, 63, false),
      ("ice-0000:c1:00.0:misc", "ice", .control, nil, false),
      ("eth0-Tx-Rx-7", "ena", .queue, 7, false),
      ("ena-mgmnt@pci:0000:00:05.0", "ena", .control, nil, false),
      ("mlx5_comp3@pci:0000:21:00.0", "mlx5_core", .queue, 3, false),
      ("mlx5_async0@pci:0000:21:00.0", "mlx5_core", .control, nil, false),
      ("mlx4-7@0000:21:00.0", "mlx4_core", .queue, 7, false),
      ("mlx4-async@pci:0000:21:00.0", "mlx4_core", .control, nil, false),
      ("gve-ntfy-blk4@pci:0000:00:04.0", "gve", .queue, 4, false),
      ("eth0-fp-3", "bnx2x", .queue, 3, false),
      ("eth0", "igb", .control, nil, false),
      ("eth0-3", "r8125", .queue, 3, false),
      ("eth0_rxq5", "hinic", .queue, 5, false),
      ("virtio2-input.0", "virtio-pci", .queue, 0, false),
      ("virtio2-output.14", "virtio-pci", .queue, 14, false),
      ("virtio2-config", "virtio-pci", .control, nil, false),
      ("virtio1-req.2", "virtio-pci", .queue, 2, true),
      ("virtio1-request", "virtio-pci", .queue, nil, true),
      ("virtio1-requests", "virtio-pci", .queue, nil, false),
      ("virtio0-stats", "virtio-pci", .other, nil, false),
      ("megasas0-msix3", "megaraid_sas", .queue, 3, false),
      ("amdgpu", "amdgpu", .control, nil, false),
      ("nvidia", "nvidia", .control, nil, false),
      ("PCIe PME", "pcieport", .control, nil, false),
      ("pciehp", nil, .control, nil, false),
      ("xhci_hcd", "xhci_hcd", .other, nil, false),
      ("ahci[0000:00:17.0]", "ahci", .other, nil, false),
      ("timer", nil, .other, nil, false),
      ("", nil, .other, nil, false),
      ("-", nil, .other, nil, false),
      ("nvme99999999999999999999q1", nil, .other, nil, false),
      ("rx-99999999999999999999", nil, .other, nil, false),
    ] as [(String, String?, Interrupt.Role, Int?, Bool)])
  func reads(action: String, driver: String?, role: Interrupt.Role, queue: Int?, managed: Bool) {
    let name = VectorName(action, interfaces: ["eth0"], driver: driver)
    #expect(name.role == role)
    #expect(name.queue == queue)
    #expect(name.isManaged == managed)
  }

  @Test(arguments: [
    ("mlx5_comp3@pci:0000:21:00.0", "0000:21:00.0"), ("mlx4-7@0000:21:00.0", "0000:21:00.0"),
    ("ahci[0000:00:17.0]", "0000:00:17.0"), ("i40e-0000:01:00.0:misc", nil), ("a@b", nil),
    ("[", nil), ("]", nil), ("@", nil), ("mlx5@pci:10000:01:00.0", "10000:01:00.0"),
  ])
  func findsAddresses(action: String, address: String?) {
    #expect(InterruptOwners.address(inAction: action)?.description == address)
  }

  @Test(arguments: [
    ("6.12.48+deb13-amd64", true), ("6.11.0", false), ("7.0.0-rc1", true), ("5.15", false),
    ("6.6.87.2-microsoft-standard", false), ("garbage", false), ("", false), (nil, false),
  ])
  func comparesReleases(release: String?, isNew: Bool) {
    #expect(KernelRelease.is(release, atLeast: 6, 12) == isNew)
  }
}

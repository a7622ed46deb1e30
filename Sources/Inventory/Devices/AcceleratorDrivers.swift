/// Drivers of accelerators other than GPUs.
public enum AcceleratorDrivers {
  /// Whether a driver is one of an accelerator.
  static func isAccelerator(_ driver: String?) -> Bool { driver.map { makers[$0] != nil } ?? false }

  /// Whether a driver only manages a card whose other function does the work: Alveo's.
  static func isManagement(_ driver: String?) -> Bool {
    driver == "xclmgmt" || driver == "xrt-mgmt" || driver == "xmgmt"
  }

  /// Who makes what a driver drives, for a name where pci.ids has none.
  static func maker(_ driver: String) -> String? { makers[driver] }

  /// In the kernel: drivers/accel (habanalabs, qaic, ivpu, amdxdna, rocket is no PCI device) and
  /// drivers/staging (apex). Of their makers: tenstorrent (tt-kmd), xocl (XRT), neuron (AWS), gasket
  /// and apex (Coral), ve_drv (NEC Vector Engine), hailo, rebellions, furiosa, cambricon, ascend.
  private static let makers = [
    "habanalabs": "Habana Labs", "tenstorrent": "Tenstorrent", "qaic": "Qualcomm", "xocl": "AMD",
    "intel_vpu": "Intel", "amdxdna": "AMD", "neuron": "Amazon", "apex": "Google",
    "gasket": "Google", "ve_drv": "NEC", "hailo": "Hailo", "hailo1x": "Hailo",
    "rebellions": "Rebellions", "furiosa_rngd": "FuriosaAI", "furiosa_npu": "FuriosaAI",
    "cambricon-pci-drv": "Cambricon", "devdrv_device_driver": "Huawei", "metis": "Axelera",
  ]
}

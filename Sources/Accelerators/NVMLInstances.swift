internal import CAccelerators
package import Linux

/// Multi-Instance GPU: the parts that a GPU is divided into.
extension NVML {
  /// Whether Multi-Instance GPU is on, and whether it will be after the next reset.
  package func migMode(_ device: Device) throws(LibraryError) -> (isOn: Bool, isPending: Bool) {
    var pending: UInt32 = 0
    let current = try unsafe value("nvmlDeviceGetMigMode", UInt32(0)) {
      unsafe table.nvmlDeviceGetMigMode?(device.handle, $0, &pending)
    }
    return (current == 1, pending == 1)
  }

  /// How many instances of Multi-Instance GPU the card can have.
  package func migDeviceCount(_ device: Device) throws(LibraryError) -> Int {
    unsafe Int(
      try value("nvmlDeviceGetMaxMigDeviceCount", UInt32(0)) {
        unsafe table.nvmlDeviceGetMaxMigDeviceCount?(device.handle, $0)
      })
  }

  /// An instance by index; indexes may have gaps.
  package func migDevice(_ device: Device, _ index: Int) throws(LibraryError) -> Device {
    let call = "nvmlDeviceGetMigDeviceHandleByIndex"
    let handle = try unsafe value(call, nvmlDevice_t?.none) {
      unsafe table.nvmlDeviceGetMigDeviceHandleByIndex?(
        device.handle, UInt32(clamping: index), $0)
    }
    guard let handle = unsafe handle else {
      throw .status(call: call, code: 0, meaning: "no handle")
    }
    return unsafe Device(handle: handle)
  }

  /// The numbers of an instance: GPU instance and compute instance.
  package func migNumbers(_ instance: Device) throws(LibraryError) -> (gpu: Int, compute: Int) {
    let gpu = try unsafe value("nvmlDeviceGetGpuInstanceId", UInt32(0)) {
      unsafe table.nvmlDeviceGetGpuInstanceId?(instance.handle, $0)
    }
    let compute = try unsafe value("nvmlDeviceGetComputeInstanceId", UInt32(0)) {
      unsafe table.nvmlDeviceGetComputeInstanceId?(instance.handle, $0)
    }
    return (Int(gpu), Int(compute))
  }
}

internal import CAccelerators
package import Linux

/// NVLinks of a GPU.
extension NVML {
  /// NVLinks that a GPU can have at most, NVML_NVLINK_MAX_LINKS.
  package static let mostLinks = 18

  /// Whether an NVLink works, by its number on the card.
  package func isLinkActive(_ device: Device, _ number: Int) throws(LibraryError) -> Bool {
    try unsafe value("nvmlDeviceGetNvLinkState", UInt32(0)) {
      unsafe table.nvmlDeviceGetNvLinkState?(device.handle, UInt32(clamping: number), $0)
    } == 1
  }

  /// PCI address of what is at the other end of an NVLink.
  package func linkRemote(_ device: Device, _ number: Int) throws(LibraryError) -> String {
    let info = try unsafe value("nvmlDeviceGetNvLinkRemotePciInfo_v2", nvmlPciInfo_t()) {
      unsafe table.nvmlDeviceGetNvLinkRemotePciInfo_v2?(
        device.handle, UInt32(clamping: number), $0)
    }
    return NVML.busID(info)
  }
}

internal import Base
internal import Linux

/// The leases of the devices of one measurement. They end with this value.
struct Leases {
  private var held: [DeviceLease] = []

  /// Takes every device, or none.
  /// - Parameter waits: wait for the holder to end, instead of naming it.
  /// - Returns: who holds one of them; nil when all were taken.
  mutating func take(
    _ devices: [PCIAddress], for name: String, folder: String, waits: Bool, isStopped: () -> Bool
  ) throws(Failure) -> String? {
    // Always in the same order: two that wait for each other's second device would wait for ever.
    for device in Set(devices).sorted() {
      var attempt = try DeviceLease.take(device, for: name, folder: folder)
      while waits, case .held = attempt, !isStopped() {
        Clock.sleep(seconds: 0.25)
        attempt = try DeviceLease.take(device, for: name, folder: folder)
      }
      switch attempt {
      case .taken(let lease): held.append(lease)
      case .held(let holder):
        held = []
        return holder.map { "\($0.name) (process \($0.processID))" } ?? "another program"
      }
    }
    return nil
  }
}

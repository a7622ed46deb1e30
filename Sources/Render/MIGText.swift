internal import Base
internal import Inventory

/// Multi-Instance GPU in words.
enum MIGText {
  /// In a few words, for a row that has little room: `MIG, 3 instances`; nil where the mode is off
  /// or the card has none.
  static func short(_ gpu: GPU) -> String? {
    guard let mig = gpu.mig, mig.isEnabled == true else { return nil }
    return mig.usableCount == 0
      ? "MIG, no instance" : "MIG, \(Units.count(mig.usableCount, "instance"))"
  }

  /// Mode and instances, a line each.
  static func lines(_ gpu: GPU) -> [String] {
    guard let mig = gpu.mig, let isOn = mig.isEnabled else { return [] }
    var mode = isOn ? "on" : "off"
    if let after = mig.isEnabledAfterReset, after != isOn {
      mode += after ? ", on after the next reset" : ", off after the next reset"
    }
    return [mode]
      + mig.instances.map { instance in
        guard let compute = instance.computeInstance else {
          return "GPU instance \(instance.gpuInstance), without a compute instance"
        }
        let size = instance.memoryTotalBytes.map { ", \(Units.capacity($0))" } ?? ""
        let name = instance.name.map { ": \($0)" } ?? ""
        return "GPU instance \(instance.gpuInstance), compute instance \(compute)\(name)\(size)"
      }
  }
}

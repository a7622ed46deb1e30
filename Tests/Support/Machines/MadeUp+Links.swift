import Base
package import Inventory
package import TestSupport

extension MadeUp {
  /// A machine with some GPUs, each behind one or two links that run at anything.
  package static func randomLinks(_ random: SeededGenerator) -> Inventory {
    var random = random
    var box = Inventory(origin: "test")
    func rate() -> PCIeRate {
      MadeUp.rate(random.pick([2.5, 5, 8, 16, 32]), random.pick([1, 2, 4, 8, 16]))
    }
    for index in 0..<random.pick(1...5) {
      let bus = UInt8(0x10 + index * 0x10)
      let device = PCIAddress(domain: 0, bus: bus + 1, device: 0, function: 0)
      var function = PCIFunction(address: device)
      function.identity.classCode = 0x030000
      function.identity.vendorID = 0x1002
      var below = device
      let hops = (0...random.pick(0...1)).map { hop in
        let port = PCIAddress(domain: 0, bus: bus, device: UInt8(hop + 1), function: 0)
        let possible = rate()
        let current = Bool.random(using: &random) ? possible : rate()
        let isBelow = current.bytesPerSecond < possible.bytesPerSecond
        defer { below = port }
        return PCIeHop(
          port: port, device: below, current: isBelow ? current : possible, possible: possible,
          limitedBy: nil, isInsideCard: false, verdict: isBelow ? .below : .full)
      }
      function.path = PCIePath(hops: hops, bottleneck: nil, slotLink: 0, isDegraded: nil)
      box.pci.append(function)
      var gpu = GPU(address: device, vendor: .amd)
      gpu.name = "card"
      if Bool.random(using: &random) {
        gpu.busyShare = random.pick([0, 0.004, 0.049, 0.05, 0.07, 0.5, 1])
      }
      if Bool.random(using: &random) {
        gpu.powerWatts = Double(random.pick(5...300))
        gpu.powerCap = GPU.PowerCap(watts: 300)
      }
      gpu.temperatures = [Temperature(label: "edge", celsius: 40, criticalCelsius: 100)]
      box.gpus.append(gpu)
    }
    box.numberGPUs()
    return box
  }
}

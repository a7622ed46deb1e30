internal import KernelTree

/// Temperatures of an NVMe controller's own sensors. Each reading is a SMART log command to the
/// drive, so only what will be shown is read.
enum NVMeSensors {
  /// The hwmon folder of a controller: inside its own folder, inside the PCI device's with older
  /// kernels.
  private static func folder(_ base: String, _ names: [String], _ tree: KernelTree) -> String? {
    if let own = names.first(where: { $0.hasPrefix("hwmon") && Int($0.dropFirst(5)) != nil }) {
      return base + "/" + own
    }
    for parent in [base + "/hwmon", base + "/device/hwmon"]
    where parent != base + "/hwmon" || names.contains("hwmon") {
      for name in tree.namesIfPresent(parent) {
        let folder = parent + "/" + name
        if tree.textIfPresent(folder + "/name") == "nvme" { return folder }
      }
    }
    return nil
  }

  /// The temperatures.
  /// - Parameters:
  ///   - names: what lies in the controller's folder.
  ///   - all: whether to read every sensor, not just the composite temperature.
  static func read(_ reader: inout FactReader, names: [String], all: Bool) -> [Temperature] {
    guard let folder = folder(reader.base, names, reader.tree) else { return [] }
    let files = Set(reader.tree.namesIfPresent(folder))
    var found: [Temperature] = []
    for index in 1...(all ? 9 : 1) where files.contains("temp\(index)_input") {
      let base = "\(folder)/temp\(index)"
      guard
        let value = reader.reading(.temperature, "temperatures", base + "_input", per: 1000)
      else { continue }
      let label =
        files.contains("temp\(index)_label")
        ? reader.text("temperatureLabel", base + "_label") : nil
      let critical =
        files.contains("temp\(index)_crit")
        ? reader.limit(.temperature, "temperatures", base + "_crit", per: 1000) : nil
      found.append(
        Temperature(
          label: label ?? (index == 1 ? "Composite" : "Sensor \(index - 1)"),
          celsius: value, criticalCelsius: critical))
    }
    return found
  }
}

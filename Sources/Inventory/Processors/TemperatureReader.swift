internal import Base
internal import KernelTree

/// Temperatures of the CPUs, from the sensor chips that are theirs.
enum TemperatureReader {
  private static let base = "/sys/class/hwmon"
  /// Drivers of CPU sensors. GPUs and drives read their own.
  private static let chips: Set<String> = ["k10temp", "zenpower", "coretemp"]

  /// Each sensor of each chip, in the order of the kernel.
  static func read(_ tree: KernelTree, _ reader: inout FactReader) -> [Temperature] {
    var found: [Temperature] = []
    for hwmon in tree.namesIfPresent(base) {
      let folder = "\(base)/\(hwmon)"
      // Before 3.13 the attributes lay in the folder of the device.
      for place in [folder, folder + "/device"] {
        guard let name = tree.attribute(place + "/name", AttributeText.word).value,
          chips.contains(name)
        else { continue }
        let device = try? tree.linkName(folder + "/device")
        found += sensors(tree, of: place, device: device, &reader)
        break
      }
    }
    return found
  }

  private static func sensors(
    _ tree: KernelTree, of folder: String, device: String?, _ reader: inout FactReader
  ) -> [Temperature] {
    let names: [String]
    do throws(ReadFailure) { names = try tree.names(folder) } catch {
      reader.note("temperatures", error)
      return []
    }
    let present = Set(names)
    return names.compactMap { name in
      guard name.hasPrefix("temp"), name.hasSuffix("_input") else { return nil }
      let sensor = String(name.dropLast(6))
      // Thousandths of a degree.
      let input = reader.reading(.temperature, "temperatures", "\(folder)/\(name)", per: 1000)
      guard let input else { return nil }
      var label: String?
      if present.contains(sensor + "_label") {
        label = reader.parsed(
          "temperatures", "\(folder)/\(sensor)_label", AttributeText.printable)
      }
      var critical: Double?
      if present.contains(sensor + "_crit") {
        critical = reader.limit(
          .temperature, "temperatures", "\(folder)/\(sensor)_crit", per: 1000)
      }
      return Temperature(
        label: label ?? sensor, celsius: input, criticalCelsius: critical, device: device)
    }
  }
}

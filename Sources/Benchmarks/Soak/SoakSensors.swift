internal import Base
internal import Inventory

/// Temperatures, powers and clocks over all looks.
struct SoakSensors: Sendable {
  private struct Key: Hashable {
    var subject: String
    var name: String
    var quantity: SoakReading.Quantity
  }
  private struct Seen {
    var reading: SoakReading
    var lastLook: Int
  }
  private var seen: [Key: Seen] = [:]
  private var look = 0
  /// What is at its critical limit at this look, for people.
  private(set) var critical: String?

  mutating func look(_ inventory: Inventory) {
    look += 1
    critical = nil
    for sensor in inventory.processors.temperatures {
      take(sensor, of: sensor.device.map { "processor \($0)" } ?? "processor")
    }
    for gpu in inventory.gpus {
      let subject = "\(gpu.address)"
      for sensor in gpu.temperatures { take(sensor, of: subject) }
      take(gpu.powerWatts, .power, "board", of: subject)
      take(gpu.coreClockHertz.map(Double.init), .clock, "core", of: subject)
      take(gpu.memoryClockHertz.map(Double.init), .clock, "memory", of: subject)
    }
    for drive in inventory.nvme {
      for sensor in drive.temperatures { take(sensor, of: drive.name) }
    }
  }

  /// All of them, by quantity, subject and name.
  func readings(lastLook: Int) -> [SoakReading] {
    seen.values.map { seen in
      var reading = seen.reading
      reading.isAnswering = seen.lastLook == lastLook
      return reading
    }
    .sorted {
      ($0.quantity.rawValue, $0.subject, $0.name) < ($1.quantity.rawValue, $1.subject, $1.name)
    }
  }

  private mutating func take(_ sensor: Temperature, of subject: String) {
    let limit = sensor.criticalCelsius.flatMap {
      PhysicalRange.temperature.contains($0) && $0 > 0 ? $0 : nil
    }
    guard PhysicalRange.temperature.contains(sensor.celsius) else { return }
    take(sensor.celsius, .temperature, sensor.label, of: subject, limit: limit)
    if let limit, sensor.celsius >= limit, critical == nil {
      critical =
        "\(sensor.label) of \(subject) at \(Units.decimal(sensor.celsius, places: 1)) °C, critical "
        + "at \(Units.decimal(limit, places: 1))"
    }
  }

  private mutating func take(
    _ value: Double?, _ quantity: SoakReading.Quantity, _ name: String, of subject: String,
    limit: Double? = nil
  ) {
    guard let value, value.isFinite else { return }
    let key = Key(subject: subject, name: name, quantity: quantity)
    if var known = seen[key] {
      known.reading.least = min(known.reading.least, value)
      known.reading.most = max(known.reading.most, value)
      known.reading.last = value
      known.reading.criticalLimit = limit ?? known.reading.criticalLimit
      // Two sensors of one name, at one look, count as one.
      if known.lastLook != look { known.reading.looks += 1 }
      known.lastLook = look
      seen[key] = known
    } else {
      seen[key] = Seen(
        reading: SoakReading(
          subject: subject, name: name, quantity: quantity, least: value, most: value, last: value,
          criticalLimit: limit, looks: 1, isAnswering: true), lastLook: look)
    }
  }
}

internal import Base
internal import Inventory

/// Whether a processor is about to slow down or switch off for heat.
enum ProcessorTemperatureCheck: Check {
  static let info = CheckInfo(
    id: "cpu-temperature",
    title: "Temperature of the processors",
    area: .processors,
    harm: .largeLoss,
    why: """
      Near its critical temperature a processor lowers its clock, and at that temperature it \
      switches off. The limit is the sensor's own. AMD's Tctl is a control value that may carry an \
      offset, and k10temp knows no limit for most processors: then there is nothing to compare the \
      reading with, and it is shown as a fact.
      """,
    reads: ["processors.temperatures (hwmon of k10temp, zenpower, coretemp)"],
    verdicts: [
      .pass: "every sensor with a limit is more than 5 °C below it",
      .warn: "a sensor is within 5 °C of its critical temperature",
      .fail: "a sensor is at or above it",
      .notApplicable: "the sensor's driver knows no limit; a guest",
      .unknown: "no sensor, or a reading is missing",
    ],
    fix: "Clean filters and heat sinks, check fans and intake air.",
    risk: "None.",
    sources: [
      "kernel: Documentation/hwmon/k10temp.rst: Tctl, Tdie, Tccd",
      "kernel: Documentation/hwmon/coretemp.rst: crit is the maximum junction temperature",
    ],
    needs: [.machine, .processors])

  private static let margin = 5.0

  static func evaluate(_ box: Box) -> [Finding] {
    let temperatures = box.inventory.processors.temperatures
    if temperatures.isEmpty {
      let evidence = missingProcessor(box, "temperatures", "/sys/class/hwmon")
      return skipInGuestOrControlDomain(box, [unknown("no sensor", evidence: [evidence])])
    }
    return skipInGuestOrControlDomain(box, [judge(box, temperatures)])
  }

  private static func judge(_ box: Box, _ sensors: [Temperature]) -> Finding {
    let readings = sensors.map { sensor in
      let limit = sensor.criticalCelsius.map { " of \(Text.tenths($0))" } ?? ""
      let device = sensor.device.map { " (\($0))" } ?? ""
      return "\(sensor.label)\(device) \(Text.tenths(sensor.celsius))\(limit) °C"
    }
    let evidence = [
      Evidence(
        "processors.temperatures", readings.joined(separator: ", "), path: "/sys/class/hwmon")
    ]
    let limited = sensors.filter { $0.criticalCelsius != nil }
    let closest = limited.max { margin(of: $0) > margin(of: $1) }
    if let closest, let limit = closest.criticalCelsius, margin(of: closest) < margin {
      let text =
        "\(name(closest, among: sensors)) at \(Text.tenths(closest.celsius)) °C, critical at "
        + "\(Text.tenths(limit))"
      let advice = [Advice("check fans, filters, heat sink and intake air", risk: "none")]
      let consequence = "near the limit the processor lowers its clock, beyond it switches off"
      return margin(of: closest) <= 0
        ? fail(text, evidence: evidence, consequence: consequence, advice: advice)
        : warn(text, evidence: evidence, consequence: consequence, advice: advice)
    }
    // k10temp gives a limit for Tctl at most: the other sensors of the chip have none.
    let isAMD = sensors.allSatisfy { sensor in
      ["Tctl", "Tdie", "Tccd"].contains { sensor.label.hasPrefix($0) }
    }
    guard let closest, isAMD || limited.count == sensors.count else {
      if isAMD {
        return notApplicable("its driver knows no limit", evidence: evidence)
      }
      return unknown(
        "critical temperature not known",
        evidence: evidence + [
          Evidence(
            missing: "processors.temperatures", path: "/sys/class/hwmon/hwmon*/temp*_crit",
            reason: "not there, or not in the recording")
        ])
    }
    if let gap = box.inventory.processors.unknown.first(where: { $0.fact == "temperatures" }) {
      return unknown(
        "a sensor could not be read",
        evidence: evidence + [
          Evidence(missing: "processors.temperatures", path: gap.path, reason: gap.reason)
        ])
    }
    return pass(
      "\(Text.tenths(margin(of: closest))) °C below critical", evidence: evidence)
  }

  /// What distinguishes a sensor: each socket has a `Core 0` and a `Tctl` of its own.
  private static func name(_ sensor: Temperature, among sensors: [Temperature]) -> String {
    let isShared = sensors.count { $0.label == sensor.label } > 1
    guard isShared, let device = sensor.device else { return sensor.label }
    return "\(sensor.label) of \(device)"
  }

  /// Degrees below the limit.
  private static func margin(of sensor: Temperature) -> Double {
    (sensor.criticalCelsius ?? .infinity) - sensor.celsius
  }
}
